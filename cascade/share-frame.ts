import type { Frame, FrameIndex, PixelRequest } from '../ingest/index.ts';

/** A frame that several owners have; each disposes of its own share. */
export type FrameShare = Frame;

/**
 * Makes so many owners of one frame: it is disposed with the last share, at once when there are none. A picture that several
 * of them ask for is scaled once, so its bytes must not be changed.
 */
export function shareFrame(frame: Frame, owners: number): FrameShare[] {
  if (owners === 0) frame[Symbol.dispose]();
  const common = new SharedFrame(frame, owners);
  return Array.from({ length: owners }, () => new Share(common));
}

/** The frame behind the shares. */
class SharedFrame {
  readonly frame: Frame;
  readonly #pictures = new Map<string, Uint8Array>();
  #owners: number;

  constructor(frame: Frame, owners: number) {
    this.frame = frame;
    this.#owners = owners;
  }

  pixels(request: PixelRequest): Uint8Array {
    if (this.#owners === 1 && this.#pictures.size === 0) return this.frame.pixels(request);
    const key = `${request.width}x${request.height} ${request.format}`;
    const picture = this.#pictures.get(key) ?? this.frame.pixels(request);
    this.#pictures.set(key, picture);
    return picture;
  }

  release(): void {
    if (--this.#owners === 0) this.frame[Symbol.dispose]();
  }
}

class Share implements Frame {
  readonly streamId: string;
  readonly index: FrameIndex;
  readonly timestampUs: number;
  readonly captureTimeMs: number | undefined;
  readonly width: number;
  readonly height: number;
  readonly damaged: boolean;
  readonly #common: SharedFrame;
  #isDisposed = false;

  constructor(common: SharedFrame) {
    this.#common = common;
    const { frame } = common;
    this.streamId = frame.streamId;
    this.index = frame.index;
    this.timestampUs = frame.timestampUs;
    this.captureTimeMs = frame.captureTimeMs;
    this.width = frame.width;
    this.height = frame.height;
    this.damaged = frame.damaged;
  }

  pixels(request: PixelRequest): Uint8Array {
    // The frame itself says that it was disposed of too early.
    return this.#isDisposed ? this.#common.frame.pixels(request) : this.#common.pixels(request);
  }

  [Symbol.dispose](): void {
    if (this.#isDisposed) throw new Error(`A share of frame ${this.index} was disposed twice.`);
    this.#isDisposed = true;
    this.#common.release();
  }
}
