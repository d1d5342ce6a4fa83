import type { FrameIndex } from '../ingest/index.ts';

/** A picture that later frames may be compared with. */
export interface EarlierPicture {
  /** Frame that it is of. */
  readonly index: FrameIndex;
  /** As the difference detector wants it. */
  readonly picture: Uint8Array;
}

/**
 * The small pictures that later frames are compared with: for frame i the latest one that is at least `tDiffFrames`
 * earlier. Which one that is depends on the frames looked at alone, never on their labels, so a worker that starts anew
 * finds the same by looking at the frames before.
 */
export class EarlierPictures {
  readonly #tDiffFrames: number | null;
  readonly #parent: EarlierPictures | null;
  readonly #pictures: EarlierPicture[] = [];

  /**
   * Starts empty.
   * @param tDiffFrames - Least distance in frames, 1 or more; null: nothing is ever compared, so nothing is kept.
   * @param parent - Where to look when none of these is early enough: inside a group of pictures, the keyframes before.
   */
  constructor(tDiffFrames: number | null, parent: EarlierPictures | null = null) {
    this.#tDiffFrames = tDiffFrames;
    this.#parent = parent;
  }

  /** Those kept now, oldest first: added to another they make it the same. */
  get kept(): readonly EarlierPicture[] {
    return this.#pictures;
  }

  /** Adds the picture of the next frame looked at; indexes ascend. */
  add(index: FrameIndex, picture: Uint8Array): void {
    if (this.#tDiffFrames === null) return;
    this.#pictures.push({ index, picture });
  }

  /** The picture to compare a frame with, or null when there is none yet. */
  before(index: FrameIndex): EarlierPicture | null {
    if (this.#tDiffFrames === null) return null;
    const latest = index - this.#tDiffFrames;
    for (let i = this.#pictures.length - 1; i >= 0; i--) {
      const candidate = this.#pictures[i];
      if (candidate !== undefined && candidate.index <= latest) return candidate;
    }
    return this.#parent?.before(index) ?? null;
  }

  /** Index of the earliest picture kept; null when there is none. */
  get earliest(): FrameIndex | null {
    return this.#pictures[0]?.index ?? null;
  }

  /** Forgets what no frame from `index` on is compared with. */
  forgetBefore(index: FrameIndex): void {
    const needed = this.before(index);
    while (needed !== null && this.#pictures[0] !== undefined && this.#pictures[0].index < needed.index) {
      this.#pictures.shift();
    }
  }
}
