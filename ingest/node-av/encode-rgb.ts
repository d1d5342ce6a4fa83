import { Scaler } from 'node-av/api';
import { AV_PIX_FMT_RGB24 } from 'node-av/constants';
import { FFmpegError, Frame, Rational } from 'node-av/lib';
import type { RgbImage } from '../rgb-image.ts';

/** Encodes a picture; `quality` is that of JPEG, 1–100. Blocks for a few ms. */
export function encodeRgb({ width, height, bytes }: RgbImage, format: 'png' | 'jpeg', quality: number): Uint8Array {
  using frame = new Frame();
  frame.alloc();
  frame.format = AV_PIX_FMT_RGB24;
  frame.width = width;
  frame.height = height;
  // The scaler's filter graph refuses a frame without a time.
  frame.timeBase = new Rational(1, 1);
  frame.pts = 0n;
  FFmpegError.throwIfError(frame.getBuffer(1), 'frame buffer');
  FFmpegError.throwIfError(frame.fromBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)), 'frame');
  using scaler = new Scaler();
  return format === 'png' ? scaler.toPngSync(frame, { format: 'rgb' }) : scaler.toJpegSync(frame, { quality });
}
