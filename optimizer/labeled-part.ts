import type { FrameIndex, FrameRange } from '../ingest/index.ts';

/** Consecutive frames of one source that belong to one part of the footage. */
export interface Stretch {
  /** Position of its source in the list of sources. */
  readonly source: number;
  /** Frames of the file. */
  readonly range: FrameRange;
}

/** The three disjoint times of the footage (NoScope §6.1): each part is a list of stretches in order of time. */
export interface FootageSplit {
  /** What models and weights learn from. */
  readonly train: readonly Stretch[];
  /** What thresholds and plans are chosen on; later than `train`. */
  readonly threshold: readonly Stretch[];
  /** What nothing is chosen on: the chosen plan's errors are counted here; later than `threshold`. */
  readonly test: readonly Stretch[];
}

/** A stretch with the rows that its frames take in the columns of its part. */
export interface LabeledStretch extends Stretch {
  /** Rows `from` (inclusive) to `to` (exclusive) of the part's columns. */
  readonly rows: { readonly from: number; readonly to: number };
}

/**
 * The frames of a part whose truth is known, as columns of one length n, a row a frame: every `step`-th frame of each
 * stretch, counted from the stretch's first. Nothing is inherited, compared or smoothed across the border of a stretch.
 */
export interface LabeledPart {
  readonly stretches: readonly LabeledStretch[];
  /** Distance of two rows in frames, 1 or more; 1: every frame is labeled. */
  readonly step: number;
  /** (n) index of the frame in its file. */
  readonly frames: Uint32Array<ArrayBufferLike>;
  /** (n) media time in µs; ascending within a stretch. */
  readonly timestampsUs: Float64Array;
  /** (n) 1 where the frame is a keyframe. */
  readonly keyframes: Uint8Array;
  /** (n) 1 where the reference's answer for this frame alone is positive. */
  readonly rawTruth: Uint8Array;
  /** (n) 1 where the reference's answer is positive after the query's smoothing: the truth (house rule: docs/accuracy.md). */
  readonly truth: Uint8Array;
}

/** Where a row lies in the footage. */
export interface RowPlace {
  readonly source: number;
  readonly frame: FrameIndex;
}
