import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_LOG_QUIET,
  AV_PIX_FMT_GRAY8,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUVJ420P,
  AV_PKT_DATA_DISPLAYMATRIX,
  FF_ENCODER_LIBX264,
  FF_ENCODER_LIBX265,
  FF_ENCODER_MJPEG,
  FF_ENCODER_MPEG4,
  FF_ENCODER_PNG,
  type FFEncoderCodec,
} from 'node-av/constants';
import { Codec, CodecContext, FFmpegError, FormatContext, Frame, Log, Packet, Rational } from 'node-av/lib';
import { afterAll } from 'vitest';

Log.setLevel(AV_LOG_QUIET);

/** What a tiny clip is made of; every field has a default. */
export interface TinyClip {
  /** Default 30. */
  readonly frames?: number;
  /** Default 96 px. */
  readonly width?: number;
  /** Default 64 px. */
  readonly height?: number;
  /** Muxer; default `mp4`. */
  readonly container?: string;
  /** Default libx264. */
  readonly codec?: FFEncoderCodec;
  /** Frames from one keyframe to the next; default 10. */
  readonly gop?: number;
  /** Default 0. */
  readonly bFrames?: number;
  /** x264's or x265's own parameters. */
  readonly params?: string;
  /** Presentation time of each frame in ms; default 40 ms apart from 0. */
  readonly timeMs?: (index: number) => number;
  /** Rotation in degrees, clockwise, as the display matrix tells it; default none. */
  readonly rotationDegrees?: 90 | 180 | 270;
}

const folder = mkdtempSync(join(tmpdir(), 'saccade-ingest-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Path for a file in a folder of this test's own, removed after the test file's last test. */
export function tinyPath(name: string): string {
  return join(folder, name);
}

/** Luma of the pattern that every clip shows: smooth, moving, and darker to the top left, so that turns show. */
export function patternLuma(x: number, y: number, index: number): number {
  return 16 + ((x * 2 + y * 3 + index * 5) % 220);
}

/** Encodes a clip by node-av and returns its path. */
export function tinyClip(name: string, clip: TinyClip = {}): string {
  const { frames = 30, width = 96, height = 64, container = 'mp4', gop = 10, bFrames = 0 } = clip;
  const { codec: codecName = FF_ENCODER_LIBX264, params, timeMs = index => index * 40, rotationDegrees } = clip;
  const path = tinyPath(name);
  const ms = new Rational(1, 1000);
  const tick = codecName === FF_ENCODER_MPEG4 || codecName === FF_ENCODER_MJPEG ? new Rational(1, 25) : ms;
  const isMjpeg = codecName === FF_ENCODER_MJPEG;
  const codec = check(Codec.findEncoderByName(codecName));
  const output = new FormatContext();
  const encoder = new CodecContext();
  ok(output.allocOutputContext2(null, container, path));
  encoder.allocContext3(codec);
  encoder.width = width;
  encoder.height = height;
  encoder.pixelFormat = isMjpeg ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
  encoder.timeBase = tick;
  encoder.framerate = new Rational(25, 1);
  encoder.gopSize = gop;
  encoder.maxBFrames = bFrames;
  encoder.threadCount = 1;
  if (container === 'mp4' || container === 'matroska') encoder.flags = AV_CODEC_FLAG_GLOBAL_HEADER;
  if (codecName === FF_ENCODER_LIBX265 && params !== undefined) ok(encoder.setOption('x265-params', params));
  // With mbtree the same pictures do not always give the same bytes.
  const exact = params === undefined ? 'mbtree=0' : `${params}:mbtree=0`;
  if (codecName === FF_ENCODER_LIBX264) ok(encoder.setOption('x264-params', exact));
  ok(encoder.open2Sync(codec, null));
  const stream = output.newStream(codec);
  ok(encoder.parametersFromContext(stream.codecpar));
  if (rotationDegrees !== undefined) {
    ok(stream.codecpar.addCodedSideData(AV_PKT_DATA_DISPLAYMATRIX, displayMatrix(rotationDegrees)));
  }
  stream.timeBase = tick;
  stream.avgFrameRate = new Rational(25, 1);
  ok(output.openOutputSync());
  ok(output.writeHeaderSync(null));
  const packet = new Packet();
  packet.alloc();
  const drain = (): void => {
    while (encoder.receivePacketSync(packet) >= 0) {
      packet.rescaleTs(tick, stream.timeBase);
      packet.streamIndex = stream.index;
      ok(output.interleavedWriteFrameSync(packet));
      packet.unref();
    }
  };
  for (let index = 0; index < frames; index++) {
    const pts = tick === ms ? BigInt(timeMs(index)) : BigInt(index);
    const format = encoder.pixelFormat;
    using frame = Frame.fromVideoBuffer(picture(width, height, index), { width, height, format, timeBase: tick, pts });
    ok(encoder.sendFrameSync(frame));
    drain();
  }
  ok(encoder.sendFrameSync(null));
  drain();
  ok(output.writeTrailerSync());
  packet.free();
  encoder.freeContext();
  output.closeOutputSync();
  output.freeContext();
  return path;
}

/** The pattern as one image file. */
export function tinyImage(name: string, index: number, size: { width: number; height: number }): string {
  const path = tinyPath(name);
  const isPng = name.endsWith('.png');
  const codec = check(Codec.findEncoderByName(isPng ? FF_ENCODER_PNG : FF_ENCODER_MJPEG));
  const encoder = new CodecContext();
  encoder.allocContext3(codec);
  encoder.width = size.width;
  encoder.height = size.height;
  encoder.pixelFormat = AV_PIX_FMT_YUVJ420P;
  encoder.timeBase = new Rational(1, 25);
  let pixels = picture(size.width, size.height, index);
  if (isPng) {
    encoder.pixelFormat = AV_PIX_FMT_GRAY8;
    pixels = pixels.subarray(0, size.width * size.height);
  }
  ok(encoder.open2Sync(codec, null));
  using frame = Frame.fromVideoBuffer(pixels, { ...size, format: encoder.pixelFormat, pts: 0n });
  using packet = new Packet();
  packet.alloc();
  ok(encoder.sendFrameSync(frame));
  ok(encoder.receivePacketSync(packet));
  writeFileSync(path, check(packet.data));
  encoder.freeContext();
  return path;
}

/** A copy of a file with every 20th byte of a part of it changed, in a repeatable way. */
export function damagedCopy(source: string, name: string, part: { from: number; to: number; seed?: number }): string {
  const bytes = readFileSync(source);
  let state = part.seed ?? 12_345;
  for (let at = Math.floor(bytes.length * part.from); at < bytes.length * part.to; at += 20) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    bytes[at] = state & 255;
  }
  return tinyFile(name, bytes);
}

/** A file with these bytes. */
export function tinyFile(name: string, bytes: Uint8Array | string): string {
  const path = tinyPath(name);
  writeFileSync(path, bytes);
  return path;
}

/** A sound file: a second of silence. */
export function tinySound(name: string): string {
  const samples = 8000;
  const bytes = Buffer.alloc(44 + samples * 2);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + samples * 2, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(8000, 24);
  bytes.writeUInt32LE(16_000, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(samples * 2, 40);
  return tinyFile(name, bytes);
}

function picture(width: number, height: number, index: number): Buffer {
  const pixels = Buffer.alloc((width * height * 3) / 2, 128);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) pixels[y * width + x] = patternLuma(x, y, index);
  }
  return pixels;
}

/** As av_display_rotation_set with the angle's sign turned. */
function displayMatrix(degreesClockwise: number): Buffer {
  const radians = (degreesClockwise * Math.PI) / 180;
  const [cos, sin] = [Math.round(Math.cos(radians)) * 65_536, Math.round(Math.sin(radians)) * 65_536];
  const bytes = Buffer.alloc(36);
  [cos, sin, 0, -sin, cos, 0, 0, 0, 1 << 30].forEach((entry, at) => {
    bytes.writeInt32LE(entry, at * 4);
  });
  return bytes;
}

function ok(code: number): void {
  FFmpegError.throwIfError(code);
}

function check<Value>(value: Value | null): Value {
  if (value === null) throw new Error('missing in this build of FFmpeg');
  return value;
}
