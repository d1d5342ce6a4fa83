import { ingestErrors } from '../errors.ts';
import type { FrameRange, GroupOfPictures } from '../footage.ts';
import type { Frame, FrameIndex } from '../frame.ts';
import { OwnedKeyframe } from '../owned-keyframe.ts';

/** A group of pictures that is one image: nothing lies between it and the next. */
export class ImageGroup implements GroupOfPictures {
  readonly range: FrameRange;
  readonly heldBytes = 0;
  readonly #keyframe: OwnedKeyframe | undefined;
  #wasRead = false;
  #isDisposed = false;

  /** Takes over the image's frame. */
  constructor(index: FrameIndex, frame: Frame | undefined) {
    this.range = { from: index, to: index + 1 };
    this.#keyframe = frame === undefined ? undefined : new OwnedKeyframe(frame);
  }

  get keyframe(): Frame | undefined {
    this.#check();
    return this.#keyframe;
  }

  // biome-ignore lint/correctness/useYield: there is nothing to yield, but misuse is still told.
  async *frames(): AsyncGenerator<Frame, void> {
    this.#check();
    if (this.#wasRead) throw ingestErrors.create('INGEST_GROUP_READ_TWICE', { index: this.range.from });
    this.#wasRead = true;
  }

  [Symbol.dispose](): void {
    this.#check();
    this.#isDisposed = true;
    if (this.#keyframe?.isDisposed === false) this.#keyframe[Symbol.dispose]();
  }

  #check(): void {
    if (this.#isDisposed) throw ingestErrors.create('INGEST_GROUP_DISPOSED', { index: this.range.from });
  }
}
