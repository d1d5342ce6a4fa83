import type { CascadePlan, Decider } from '../../cascade/index.ts';
import type { PlanErrors, PlanStructure } from '../found-plan.ts';
import type { PlanCost, StageCounts } from '../stage-costs.ts';
import type { ReportTimeline } from './report-timeline.ts';
import type { ScoreHistogram } from './score-histogram.ts';

/**
 * Everything that the page shows and `--json` prints about one optimization; plain JSON. The targets, the status, the
 * machine and the seed are in the plan's field `expected`.
 */
export interface OptimizerReport {
  readonly schema: 'saccade/report/1';
  /** The plan as it was written, with what is expected of it. */
  readonly plan: CascadePlan;
  readonly footage: ReportedFootage;
  /** Share of the labeled frames, 0–1, in which the reference disagrees with its own smoothed answer. */
  readonly unsteadiness: number;
  readonly chosen: ReportedPlan;
  /** What one would do without a cascade, the reference on every frame first. */
  readonly baselines: readonly Baseline[];
  /** Every candidate that has thresholds, in any order. */
  readonly candidates: readonly CandidatePoint[];
  /** Scores on the threshold part; null where the plan has no such stage. */
  readonly histograms: {
    readonly difference: ScoreHistogram | null;
    readonly specialized: ScoreHistogram | null;
  };
  /** The test part; null when there is none. */
  readonly timeline: ReportTimeline | null;
  /** The gravest mistakes on the test part, gravest first. */
  readonly mistakes: readonly ReportedMistake[];
  /** More footage that the bound would need at this rate of events, in seconds; null when it needs none or none helps. */
  readonly footageNeededSeconds: number | null;
  /** What to do next, as sentences, most useful first; see {@link whatNext}. */
  readonly next: readonly string[];
  /** Steps of the optimization in order, and how long each took in seconds of wall time. */
  readonly steps: readonly { readonly name: string; readonly seconds: number }[];
  /** Whether Ctrl-C or the time budget ended the search early: then this is the best plan so far. */
  readonly interrupted: boolean;
}

/** The footage that a plan was found on. */
export interface ReportedFootage {
  readonly files: readonly {
    readonly path: string;
    /** SHA-256 in hex. */
    readonly sha256: string;
    /** Length of what is used of it, in seconds. */
    readonly seconds: number;
    /** Size of a frame in px. */
    readonly width: number;
    readonly height: number;
    readonly frameRateFps: number;
  }[];
  readonly parts: Readonly<Record<'train' | 'threshold' | 'test', ReportedPart>>;
}

/** A part of the footage. */
export interface ReportedPart {
  /** Where it lies, in order of time; `source` is the position among the files, times are seconds of that file. */
  readonly stretches: readonly {
    readonly source: number;
    readonly fromSeconds: number;
    readonly toSeconds: number;
  }[];
  /** Length in seconds. */
  readonly seconds: number;
  /** Frames whose truth is known. */
  readonly frames: number;
  /** Those of them that the reference calls positive, after smoothing. */
  readonly positives: number;
  /** Runs of positive frames. */
  readonly events: number;
}

/** What is known of the chosen plan. */
export interface ReportedPlan {
  readonly structure: PlanStructure;
  /** On the threshold part. */
  readonly counts: StageCounts;
  readonly cost: PlanCost;
  readonly errors: {
    readonly threshold: PlanErrors;
    /** Null when there is no test part. */
    readonly test: PlanErrors | null;
  };
  /** Frames a second of a real run over later footage, decode inside; null when none was made. */
  readonly measuredFramesPerSecond: number | null;
}

/** The reference model on every k-th frame, the answer held in between. */
export interface Baseline {
  /** Every k-th frame, 1 or more. */
  readonly every: number;
  readonly cost: PlanCost;
  /** On the threshold part. */
  readonly errors: PlanErrors;
}

/** One candidate: a structure with its best thresholds. */
export interface CandidatePoint {
  readonly structure: PlanStructure;
  /** Wall time a frame in µs. */
  readonly frameUs: number;
  /** On the threshold part, 0–1; null when the part has no such frame. */
  readonly falseNegativeRate: number | null;
  readonly falsePositiveRate: number | null;
  /** Whether no other candidate is both cheaper and better. */
  readonly onFrontier: boolean;
  readonly chosen: boolean;
}

/** A run of wrong answers, shown by one of its frames. */
export interface ReportedMistake {
  /** Position of the file among the files. */
  readonly source: number;
  /** Index of the frame that is shown, in its file. */
  readonly frame: number;
  /** Media time of that frame in seconds. */
  readonly seconds: number;
  readonly kind: 'missed' | 'false-alarm';
  /** Length of the run in frames of the native rate, 1 or more. */
  readonly frames: number;
  /** Who answered for the frame; when it was skipped, for the one whose answer it carries, as the two scores below. */
  readonly decidedBy: Decider;
  /** Difference in the units of the metric; null where it was not compared. */
  readonly difference: number | null;
  /** Confidence of the specialized model, 0–1; null where it was not asked. */
  readonly confidence: number | null;
  /** JPEG file, base64; null when it could not be read. */
  readonly image: string | null;
}
