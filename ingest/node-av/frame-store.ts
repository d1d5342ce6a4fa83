import { Scaler } from 'node-av/api';
import { AV_FRAME_FLAG_CORRUPT } from 'node-av/constants';
import { Frame as AvFrame } from 'node-av/lib';
import { checkPixelRequest } from '../check-pixel-request.ts';
import type { FrameIndex, PixelRequest } from '../frame.ts';
import { turnPixels } from '../turn-pixels.ts';
import { NativeFrame, type PictureOwner } from './native-frame.ts';

/** Empty frames kept for reuse; more than a consumer ever holds at once (its batch of 64). */
const MOST_SPARE_FRAMES = 80;

/** What all frames of one footage share. */
export interface FrameStoreOptions {
  readonly streamId: string;
  /** Media time of each frame in µs. */
  readonly timestampsUs: Float64Array;
  /** Rotation in degrees, clockwise; 0, 90, 180 or 270. */
  readonly rotationDegrees: number;
}

/** Lends empty native frames to decoders, takes them back when disposed, and scales their pictures. */
export class FrameStore implements PictureOwner, Disposable {
  readonly #options: FrameStoreOptions;
  readonly #scaler = new Scaler();
  readonly #spare: AvFrame[] = [];
  #lent = 0;
  #isClosed = false;

  constructor(options: FrameStoreOptions) {
    this.#options = options;
  }

  /** An empty native frame; given back by `giveBack`, or by disposing the frame that it was wrapped in. */
  take(): AvFrame {
    this.#lent++;
    const spare = this.#spare.pop();
    if (spare !== undefined) return spare;
    const picture = new AvFrame();
    picture.alloc();
    return picture;
  }

  /** Frees what a native frame holds and keeps the frame for reuse. */
  giveBack(picture: AvFrame): void {
    this.#lent--;
    if (!this.#isClosed && this.#spare.length < MOST_SPARE_FRAMES) {
      picture.unref();
      this.#spare.push(picture);
      return;
    }
    picture.free();
    if (this.#isClosed && this.#lent === 0) this.#scaler.close();
  }

  /**
   * Makes a frame of a decoded picture; whoever receives it owns the picture.
   * @param timestampUs - Media time in µs; default: as the store's table says.
   */
  wrap(picture: AvFrame, index: FrameIndex, timestampUs: number = this.#options.timestampsUs[index] ?? 0): NativeFrame {
    return new NativeFrame(this, picture, {
      streamId: this.#options.streamId,
      index,
      timestampUs,
      rotationDegrees: this.#options.rotationDegrees,
      damaged: isDamaged(picture),
    });
  }

  /** The picture at the size asked for, turned; a copy. */
  convert(picture: AvFrame, request: PixelRequest, rotationDegrees: number): Uint8Array {
    checkPixelRequest(request);
    const isTurned = rotationDegrees % 180 !== 0;
    const width = isTurned ? request.height : request.width;
    const height = isTurned ? request.width : request.height;
    const bytes = this.#scaler.toBufferSync(picture, { resize: { width, height }, format: request.format });
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return turnPixels(plain, { width, height, bytesPerPixel: request.format === 'rgb' ? 3 : 1 }, rotationDegrees);
  }

  /** Frees everything; what is still held by frames when they are disposed. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const picture of this.#spare.splice(0)) picture.free();
    if (this.#lent === 0) this.#scaler.close();
  }
}

/** Whether the decoder had to conceal damage in a picture. */
export function isDamaged(picture: AvFrame): boolean {
  return (picture.flags & AV_FRAME_FLAG_CORRUPT) !== 0 || picture.decodeErrorFlags !== 0;
}
