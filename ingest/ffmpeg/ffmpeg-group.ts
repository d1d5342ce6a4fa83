import { ingestErrors } from '../errors.ts';
import type { FrameRange, GroupOfPictures } from '../footage.ts';
import type { Frame } from '../frame.ts';
import { OwnedKeyframe } from '../owned-keyframe.ts';

/** A group of pictures whose inside is decoded by another run of ffmpeg over the file: nothing is held. */
export class FfmpegGroup implements GroupOfPictures {
  readonly range: FrameRange;
  readonly heldBytes = 0;
  readonly #keyframe: OwnedKeyframe | undefined;
  readonly #decode: () => AsyncIterable<Frame>;
  #wasRead = false;
  #isDisposed = false;

  /**
   * Takes over the keyframe.
   * @param decode - Decodes the frames after the keyframe.
   */
  constructor(range: FrameRange, keyframe: Frame | undefined, decode: () => AsyncIterable<Frame>) {
    this.range = range;
    this.#keyframe = keyframe === undefined ? undefined : new OwnedKeyframe(keyframe);
    this.#decode = decode;
  }

  get keyframe(): Frame | undefined {
    this.#check();
    return this.#keyframe;
  }

  async *frames(): AsyncGenerator<Frame, void> {
    this.#check();
    if (this.#wasRead) throw ingestErrors.create('INGEST_GROUP_READ_TWICE', { index: this.range.from });
    this.#wasRead = true;
    for await (const frame of this.#decode()) {
      yield frame;
      this.#check();
    }
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
