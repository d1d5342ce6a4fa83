import type { FrameIndex, FrameRange } from '../ingest/index.ts';

/** What becomes of the inside of a group of pictures. */
export interface GroupResolution {
  /** The whole group, its keyframe first. */
  readonly range: FrameRange;
  /** Whether it must be decoded whole. */
  readonly refine: boolean;
}

/**
 * Keyframes with refinement: holds the groups of pictures whose inside is not settled, and says which of them must be
 * decoded whole, as soon as the labels at their two ends are known.
 *
 * Refined are groups whose ends disagree, whose ends have no label of their own (lost or failed), and the last group of
 * the footage, which has no second end. All others carry the label of their first keyframe.
 */
export class GroupResolver {
  readonly #label: (keyframe: FrameIndex) => boolean | 'failed' | undefined;
  readonly #frameCount: number;
  readonly #open = new Map<FrameIndex, FrameRange>();

  /**
   * Starts without groups.
   * @param label - Raw label of a keyframe; undefined while it is not known.
   * @param frameCount - Frames of the footage: a group that ends there is its last.
   */
  constructor(label: (keyframe: FrameIndex) => boolean | 'failed' | undefined, frameCount: number) {
    this.#label = label;
    this.#frameCount = frameCount;
  }

  /** Adds a group whose keyframe has been looked at; adding it again has no effect. */
  add(range: FrameRange): void {
    this.#open.set(range.from, range);
  }

  /** Takes the groups that can be resolved now; each is returned once. */
  take(): GroupResolution[] {
    const resolved: GroupResolution[] = [];
    for (const range of this.#open.values()) {
      const refine = this.#mustRefine(range);
      if (refine !== undefined) resolved.push({ range, refine });
    }
    for (const { range } of resolved) this.#open.delete(range.from);
    return resolved;
  }

  #mustRefine({ from, to }: FrameRange): boolean | undefined {
    if (to - from <= 1) return false;
    if (to >= this.#frameCount) return true;
    const [first, second] = [this.#label(from), this.#label(to)];
    if (first === undefined || second === undefined) return undefined;
    return first === 'failed' || second === 'failed' || first !== second;
  }
}
