import type { DifferenceDetectorConfig, SkipRule } from '../cascade/index.ts';
import type { LabeledPart } from './labeled-part.ts';

/** A difference detector that a plan may use. */
export interface DifferenceCandidate {
  /** Short and unique, such as `global-64-previous-12`. */
  readonly id: string;
  readonly detector: DifferenceDetectorConfig;
  /**
   * Distance of the frame compared with in frames, 1 or more, or null for the empty scene. A candidate fits the skip rule
   * `every` only when it is a multiple of `tSkip`; with keyframes only the empty scene is compared with.
   */
  readonly tDiffFrames: number | null;
}

/** A specialized model that a plan may use. */
export interface SpecializedCandidate {
  /** Short and unique, such as `cnn2-16-32-raw-whole`. */
  readonly id: string;
  /** Multiplications with addition for one frame: the simpler of two equal models has fewer. */
  readonly multiplyAdds: number;
}

/**
 * Everything that the search knows about a part: truth, and what every candidate scores each row (scores, not decisions:
 * thresholds are swept without another look at a picture).
 */
export interface ScoreTable {
  readonly part: LabeledPart;
  readonly skips: readonly SkipRule[];
  /** Scores (n) float64 in the units of the metric; NaN where there is nothing to compare with. */
  readonly differences: readonly (DifferenceCandidate & { readonly scores: Float64Array })[];
  /** Confidences (n) float32, 0–1; NaN where the model gave no number. */
  readonly specialized: readonly (SpecializedCandidate & { readonly scores: Float32Array })[];
}
