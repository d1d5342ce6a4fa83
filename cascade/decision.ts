import type { FrameIndex } from '../ingest/index.ts';
import type { Detection } from './detection.ts';

/** Who answered for a frame. */
export type Decider = 'skipped' | 'unchanged' | 'rejected' | 'accepted' | 'referenced' | 'defaulted' | 'failed';

/** Every decider, in the order in which the cascade asks. */
export const deciders: readonly Decider[] = [
  'skipped',
  'unchanged',
  'rejected',
  'accepted',
  'referenced',
  'defaulted',
  'failed',
];

/** What every answer carries, whoever gave it. */
export interface DecisionBase {
  /** Name of the stream. */
  readonly stream: string;
  /** Index of the frame in its footage, from 0, skipped frames counted. */
  readonly frame: FrameIndex;
  /** Media time in µs, an integer. */
  readonly timestampUs: number;
  /** The answer, after the query's smoothing. */
  readonly label: boolean;
  /** The answer of this frame alone, before smoothing. */
  readonly rawLabel: boolean;
}

/** Not looked at: carries the label of the frame looked at before it (null: there was none, the label is false). */
export interface SkippedEvidence {
  readonly decidedBy: 'skipped';
  readonly inheritedFrom: FrameIndex | null;
}

/** The difference detector did not fire. */
export interface UnchangedEvidence {
  readonly decidedBy: 'unchanged';
  /** Difference score, 0 or more, in the units of the detector's metric. */
  readonly difference: number;
  /** The earlier frame whose label it carries; null: compared with the empty scene, the label is false. */
  readonly inheritedFrom: FrameIndex | null;
}

/** The specialized model was sure: below `cLow` (rejected) or above `cHigh` (accepted). */
export interface SpecializedEvidence {
  readonly decidedBy: 'rejected' | 'accepted';
  /** Difference score; null: no difference detector, or nothing to compare with yet. */
  readonly difference: number | null;
  /** Confidence that the label holds, 0–1. */
  readonly confidence: number;
}

/** The reference model answered. */
export interface ReferencedEvidence {
  readonly decidedBy: 'referenced';
  readonly difference: number | null;
  /** Confidence of the specialized model, 0–1; null: the plan has none. */
  readonly confidence: number | null;
  /** Score of the query's predicate, 0–1. */
  readonly score: number;
  /** What the reference model saw, above its score floor. */
  readonly detections: readonly Detection[];
}

/** There was no time for an answer: carries the label before it. */
export interface DefaultedEvidence {
  readonly decidedBy: 'defaulted';
  /** Why; of a frame of a camera that was never looked at: `stale`, `superseded` or `full`. */
  readonly reason: string;
  readonly inheritedFrom: FrameIndex | null;
}

/** The frame could not be decoded or answered: carries the label before it. */
export interface FailedEvidence {
  readonly decidedBy: 'failed';
  /** Stable error code, see docs/errors.md. */
  readonly code: string;
  readonly message: string;
  readonly inheritedFrom: FrameIndex | null;
}

/** Why a label is what it is. */
export type Evidence =
  | SkippedEvidence
  | UnchangedEvidence
  | SpecializedEvidence
  | ReferencedEvidence
  | DefaultedEvidence
  | FailedEvidence;

/** The answer for one frame: the label and who gave it, with its evidence. */
export type Decision = DecisionBase & Evidence;
