import { Scaler } from 'node-av/api';
import { AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { Codec, CodecContext, FFmpegError, FormatContext, Frame, Packet, type Stream } from 'node-av/lib';
import type { PixelRequest } from '../../ingest/index.ts';

/** A frame of the oracle. */
export interface NaiveFrame {
  /** Media time in µs. */
  readonly timestampUs: number;
  readonly pixels: Uint8Array;
}

/** The oracle: everything decoded from start to end, sorted by time, in memory. */
export function naiveDecode(path: string, request: PixelRequest): NaiveFrame[] {
  const input = new FormatContext();
  FFmpegError.throwIfError(input.openInputSync(path, null, null), path);
  input.findStreamInfoSync(null);
  const streamIndex = input.findBestStream(AVMEDIA_TYPE_VIDEO);
  const stream = input.streams[streamIndex] as Stream;
  const codec = Codec.findDecoder(stream.codecpar.codecId);
  const context = new CodecContext();
  context.allocContext3(codec);
  context.parametersToContext(stream.codecpar);
  context.open2Sync(codec, null);
  using scaler = new Scaler();
  using packet = new Packet();
  using frame = new Frame();
  packet.alloc();
  frame.alloc();
  const { num, den } = stream.timeBase;
  const frames: NaiveFrame[] = [];
  for (let hasEnded = false; !hasEnded; ) {
    hasEnded = input.readFrameSync(packet) < 0;
    if (!hasEnded && packet.streamIndex !== streamIndex) {
      packet.unref();
      continue;
    }
    context.sendPacketSync(hasEnded ? null : packet);
    packet.unref();
    while (context.receiveFrameSync(frame) >= 0) {
      const { width, height, format } = request;
      const pixels = Uint8Array.from(scaler.toBufferSync(frame, { resize: { width, height }, format }));
      const timestampUs = Math.round((Number(frame.bestEffortTimestamp) * num * 1e6) / den);
      frames.push({ timestampUs, pixels });
      frame.unref();
    }
  }
  context.freeContext();
  input.closeInputSync();
  return frames.sort((a, b) => a.timestampUs - b.timestampUs);
}
