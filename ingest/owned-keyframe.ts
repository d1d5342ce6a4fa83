import { ingestErrors } from './errors.ts';
import type { Frame, FrameIndex, PixelRequest } from './frame.ts';

/**
 * A group's keyframe: the group frees it when it is disposed, unless whoever looked at it has disposed it already.
 */
export class OwnedKeyframe implements Frame {
  readonly #frame: Frame;
  #isDisposed = false;

  constructor(frame: Frame) {
    this.#frame = frame;
  }

  /** Whether it was disposed. */
  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  get streamId(): string {
    return this.#frame.streamId;
  }

  get index(): FrameIndex {
    return this.#frame.index;
  }

  get timestampUs(): number {
    return this.#frame.timestampUs;
  }

  get captureTimeMs(): number | undefined {
    return this.#frame.captureTimeMs;
  }

  get width(): number {
    return this.#frame.width;
  }

  get height(): number {
    return this.#frame.height;
  }

  get damaged(): boolean {
    return this.#frame.damaged;
  }

  pixels(request: PixelRequest): Uint8Array {
    return this.#frame.pixels(request);
  }

  [Symbol.dispose](): void {
    if (this.#isDisposed) throw ingestErrors.create('INGEST_FRAME_DISPOSED', { index: this.index });
    this.#isDisposed = true;
    this.#frame[Symbol.dispose]();
  }
}
