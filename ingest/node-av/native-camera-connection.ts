import {
  AV_LOG_QUIET,
  AV_NOPTS_VALUE,
  AV_PKT_DATA_PRFT,
  AVERROR_EOF,
  AVERROR_EXIT,
  AVERROR_HTTP_FORBIDDEN,
  AVERROR_HTTP_NOT_FOUND,
  AVERROR_HTTP_UNAUTHORIZED,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants';
import {
  avGetCodecName,
  type CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  Log,
  Packet,
  type Stream,
} from 'node-av/lib';
import type { ArrivedPicture, CameraConnection, ConnectionOptions } from '../camera/camera-connection.ts';
import { type CameraErrorCode, CameraFault } from '../camera/camera-error.ts';
import { SegmentPace } from '../camera/segment-pace.ts';
import { systemClock } from '../clock.ts';
import { SaccadeError } from '../saccade-error.ts';
import { CameraPictures } from './camera-pictures.ts';
import { openDecoder } from './open-decoder.ts';

// What FFmpeg would print may hold the URL, password and all.
Log.setLevel(AV_LOG_QUIET);

/** How long a keyframe is waited for in ms; cameras that refresh their pictures piece by piece never send one. */
const longestWaitForKeyframeMs = 10_000;

const codesOfOpening: ReadonlyMap<number, CameraErrorCode> = new Map<number, CameraErrorCode>([
  [AVERROR_HTTP_UNAUTHORIZED, 'INGEST_CAMERA_UNAUTHORIZED'],
  [AVERROR_HTTP_FORBIDDEN, 'INGEST_CAMERA_UNAUTHORIZED'],
  [AVERROR_HTTP_NOT_FOUND, 'INGEST_CAMERA_NOT_FOUND'],
]);

interface OpenedDecoder {
  readonly context: CodecContext;
  readonly codecId: number;
}

/** A connection to a camera by FFmpeg. Reading waits on libuv's threads, decoding blocks for some ms a frame. */
export class NativeCameraConnection implements CameraConnection {
  readonly #options: ConnectionOptions;
  readonly #format = new FormatContext();
  readonly #packet = new Packet();
  readonly #pictures: CameraPictures;
  #isOpen = false;
  #streamIndex = -1;
  #openedMs = 0;
  #decoder: OpenedDecoder | null = null;
  #hasBegun = false;
  /** Only of HLS, which comes a segment at a time. */
  #pace: SegmentPace | null = null;

  /** Connects to nothing yet. */
  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#pictures = new CameraPictures(options.streamId, options.tally);
    // Before opening: only a context that exists can be interrupted while it opens (node-av 6.1.1).
    this.#format.allocContext();
    this.#packet.alloc();
  }

  get codec(): string {
    const stream = this.#stream;
    return (stream && avGetCodecName(stream.codecpar.codecId)) ?? 'unknown';
  }

  async open(): Promise<void> {
    const { url, transport } = this.#options;
    const isRtsp = /^rtsps?:/i.test(url);
    // Codec parameters come with the first keyframe; measuring a frame rate that nobody needs would take a second.
    const options = {
      fpsprobesize: '0',
      analyzeduration: '3000000',
      // Of HLS, from the newest segment on: FFmpeg would begin three segments ago.
      ...(isRtsp ? { rtsp_transport: transport } : { live_start_index: '-1' }),
    };
    const opened = await this.#format.openInput(url, null, Dictionary.fromObject(options));
    if (opened < 0) throw new CameraFault(codesOfOpening.get(opened) ?? 'INGEST_CAMERA_UNREACHABLE', textOf(opened));
    this.#isOpen = true;
    const found = await this.#format.findStreamInfo(null);
    this.#streamIndex = this.#format.findBestStream(AVMEDIA_TYPE_VIDEO);
    if (found === AVERROR_EXIT) throw new CameraFault('INGEST_CAMERA_STALLED', textOf(found));
    if (this.#stream === null) {
      const { length } = this.#format.streams;
      throw new CameraFault('INGEST_CAMERA_NO_VIDEO', `it has ${length} streams, none of them video`);
    }
    this.#openedMs = performance.now();
    if (this.#format.iformat?.name === 'hls') this.#pace = new SegmentPace(systemClock);
  }

  async read(): Promise<readonly ArrivedPicture[]> {
    const code = await this.#format.readFrame(this.#packet);
    if (code === AVERROR_EOF) throw new CameraFault('INGEST_CAMERA_ENDED', 'there was nothing more to read');
    if (code < 0) throw new CameraFault('INGEST_CAMERA_ENDED', textOf(code));
    if (this.#packet.streamIndex === this.#streamIndex) await this.#paced();
    const startedMs = performance.now();
    try {
      return this.#packet.streamIndex === this.#streamIndex ? this.#decode() : [];
    } finally {
      this.#packet.unref();
      this.#options.tally.decodeMs += performance.now() - startedMs;
    }
  }

  interrupt(): void {
    this.#pace?.stop();
    this.#format.interrupt();
  }

  async close(): Promise<void> {
    this.#decoder?.context.freeContext();
    this.#decoder = null;
    this.#packet.free();
    this.#pictures[Symbol.dispose]();
    if (this.#isOpen) await this.#format.closeInput();
  }

  async #paced(): Promise<void> {
    const timeBase = this.#stream?.timeBase;
    const { dts } = this.#packet;
    if (this.#pace === null || timeBase === undefined || dts === AV_NOPTS_VALUE) return;
    await this.#pace.due((Number(dts) * timeBase.num * 1_000_000) / timeBase.den);
  }

  get #stream(): Stream | null {
    return this.#format.streams[this.#streamIndex] ?? null;
  }

  #decode(): readonly ArrivedPicture[] {
    const { isKeyframe } = this.#packet;
    const isWaiting = performance.now() - this.#openedMs < longestWaitForKeyframeMs;
    if (!this.#hasBegun && !isKeyframe && isWaiting) return [];
    this.#hasBegun = true;
    const { context } = isKeyframe ? this.#decoderForKeyframe() : (this.#decoder ?? this.#openDecoder());
    this.#packet.pts = BigInt(this.#pictures.expect(sentUs(this.#packet)));
    this.#packet.dts = AV_NOPTS_VALUE;
    if (context.sendPacketSync(this.#packet) < 0) this.#options.tally.refusedPackets++;
    return this.#pictures.receive(context);
  }

  /** A stream may change its codec; that shows with a keyframe. */
  #decoderForKeyframe(): OpenedDecoder {
    if (this.#decoder !== null && this.#decoder.codecId !== this.#stream?.codecpar.codecId) {
      this.#decoder.context.freeContext();
      this.#decoder = null;
    }
    return this.#decoder ?? this.#openDecoder();
  }

  #openDecoder(): OpenedDecoder {
    const stream = this.#stream;
    if (stream === null) throw new CameraFault('INGEST_CAMERA_NO_VIDEO', 'its video went away');
    try {
      const threads = this.#options.decoderThreads;
      // A decoder of frames side by side would hold as many back as it has threads.
      const context = openDecoder(stream, { path: '', threads, parallel: 'slices' });
      this.#decoder = { context, codecId: stream.codecpar.codecId };
      return this.#decoder;
    } catch (error) {
      if (!(error instanceof SaccadeError)) throw error;
      throw new CameraFault('INGEST_CAMERA_NO_VIDEO', `its codec is ${this.codec}, which cannot be decoded`);
    }
  }
}

/** When the sender took the frame, by the producer reference time that FFmpeg makes of RTCP sender reports. */
function sentUs(packet: Packet): number | null {
  const data = packet.getSideData(AV_PKT_DATA_PRFT);
  return data === null || data.length < 8 ? null : Number(data.readBigInt64LE(0));
}

function textOf(code: number): string {
  return new FFmpegError(code).message;
}
