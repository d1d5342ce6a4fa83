import { z } from 'zod';

/** An error rate as it was counted on a part of the footage, and what it is at most. */
export interface ExpectedRate {
  /** Wrong frames ÷ frames that could be wrong, 0–1; null when the part has no such frame. */
  readonly estimate: number | null;
  /** One-sided upper bound at the confidence of the targets, 0–1, over blocks of time. */
  readonly bound: number;
}

/** Both error rates on a part of the footage (docs/accuracy.md). */
export interface ExpectedErrors {
  readonly falseNegativeRate: ExpectedRate;
  readonly falsePositiveRate: ExpectedRate;
}

/**
 * What the optimizer expects of a plan that it found: on this camera, on the machine that it measured on. Only words about
 * the plan: two plans that differ in it alone are the same plan and have the same hash.
 */
export interface PlanExpectation {
  /** The error rates that were not to be exceeded, 0–1, and how sure that is, above 0.5 and below 1. */
  readonly targets: {
    readonly falseNegativeRate: number;
    readonly falsePositiveRate: number;
    readonly confidence: number;
  };
  /**
   * `bounded`: both bounds on the threshold part keep the targets. `estimated`: the estimates do, but the footage is too
   * short for the bounds. `missed`: not even the estimates do.
   */
  readonly status: 'bounded' | 'estimated' | 'missed';
  readonly errors: {
    /** Where the thresholds were chosen. */
    readonly threshold: ExpectedErrors;
    /** On later footage, where nothing was chosen; null when there was none. */
    readonly test: ExpectedErrors | null;
  };
  /** Frames a second that the measured costs predict, decode inside. */
  readonly framesPerSecond: number;
  /** `framesPerSecond` ÷ that of the reference on every frame. */
  readonly speedUp: number;
  /** How many of all frames each stage sees, as shares 0–1. */
  readonly shares: {
    /** Decoded with the frames before them. */
    readonly decoded: number;
    /** Keyframes decoded alone. */
    readonly keyframes: number;
    /** Seen by the difference detector. */
    readonly compared: number;
    /** Seen by the specialized model. */
    readonly scored: number;
    /** Answered by the reference model. */
    readonly referenced: number;
  };
  /** What the costs were measured on and for. */
  readonly machine: {
    /** Model of the CPU, as the operating system names it. */
    readonly cpu: string;
    readonly cores: number;
    /** Version of Node.js, such as `v20.20.2`. */
    readonly node: string;
    /** Stream workers. */
    readonly workers: number;
    /** Processes of the reference model. */
    readonly replicas: number;
  };
  /** Seed of everything random in the search. */
  readonly seed: number;
}

const share = z.number().min(0).max(1);
const rate = z.strictObject({ estimate: share.nullable(), bound: share });
const errors = z.strictObject({ falseNegativeRate: rate, falsePositiveRate: rate });
const count = z.int().min(1);

/** Schema of the field `expected` of a plan. */
export const planExpectationSchema: z.ZodType<PlanExpectation> = z.strictObject({
  targets: z.strictObject({
    falseNegativeRate: share,
    falsePositiveRate: share,
    confidence: z.number().gt(0.5).lt(1),
  }),
  status: z.enum(['bounded', 'estimated', 'missed']),
  errors: z.strictObject({ threshold: errors, test: errors.nullable() }),
  framesPerSecond: z.number().min(0),
  speedUp: z.number().min(0),
  shares: z.strictObject({ decoded: share, keyframes: share, compared: share, scored: share, referenced: share }),
  machine: z.strictObject({ cpu: z.string(), cores: count, node: z.string(), workers: count, replicas: count }),
  seed: z.number(),
});
