import { Scaler } from 'node-av/api';
import {
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUVJ420P,
  AVCOL_RANGE_JPEG,
  type AVPixelFormat,
  SWS_BILINEAR,
} from 'node-av/constants';
import { FFmpegError, Frame, Rational, SoftwareScaleContext } from 'node-av/lib';
import type { RgbImage } from '../rgb-image.ts';

/** Encodes a picture; `quality` is that of JPEG, 1–100. Blocks for a few ms. */
export function encodeRgb(image: RgbImage, format: 'png' | 'jpeg', quality: number): Uint8Array {
  using frame = emptyFrame(image, AV_PIX_FMT_RGB24);
  const { bytes } = image;
  FFmpegError.throwIfError(frame.fromBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)), 'frame');
  using scaler = new Scaler();
  if (format === 'png') return scaler.toPngSync(frame, { format: 'rgb' });
  using full = fullRange(frame, image);
  return scaler.toJpegSync(full, { quality });
}

/**
 * The picture in the range of JPEG, 0–255. The scaler by itself makes 16–235 of it and then says that it is 0–255, so that
 * gray 153 would come back as 147.
 */
function fullRange(frame: Frame, size: Pick<RgbImage, 'width' | 'height'>): Frame {
  const { width, height } = size;
  const full = emptyFrame(size, AV_PIX_FMT_YUVJ420P);
  using converter = new SoftwareScaleContext();
  converter.getContext(width, height, AV_PIX_FMT_RGB24, width, height, AV_PIX_FMT_YUVJ420P, SWS_BILINEAR);
  FFmpegError.throwIfError(converter.scaleFrameSync(full, frame), 'range of the picture');
  // The same bytes by the name that the encoder knows: by the other one it would convert them again.
  full.format = AV_PIX_FMT_YUV420P;
  full.colorRange = AVCOL_RANGE_JPEG;
  return full;
}

function emptyFrame({ width, height }: Pick<RgbImage, 'width' | 'height'>, format: AVPixelFormat): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.format = format;
  frame.width = width;
  frame.height = height;
  // The scaler's filter graph refuses a frame without a time.
  frame.timeBase = new Rational(1, 1);
  frame.pts = 0n;
  FFmpegError.throwIfError(frame.getBuffer(1), 'frame buffer');
  return frame;
}
