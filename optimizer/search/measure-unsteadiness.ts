import { smooth } from '../../cascade/index.ts';
import type { LabeledPart } from '../labeled-part.ts';
import { unsteadiness } from '../unsteadiness.ts';
import { measurePlan } from './measure-plan.ts';

/** How far the reference alone on every k-th frame is from the reference on every frame. */
export interface IntervalErrors {
  /** k in frames. */
  readonly tSkip: number;
  /** 0–1; null where no frame is positive. */
  readonly falseNegativeRate: number | null;
  /** 0–1; null where no frame is negative. */
  readonly falsePositiveRate: number | null;
}

/** How steady the reference's answers are under one smoothing. */
export interface Steadiness {
  /** Window of the smoothing in ms. */
  readonly smoothingMs: number;
  /** Share of the rows, 0–1, in which the reference's own answer differs from its smoothed one. */
  readonly unsteadyShare: number;
  /** By ascending k. Every plan that looks at every k-th frame has about these errors at least. */
  readonly intervals: readonly IntervalErrors[];
}

/** How steady the reference is, and what more smoothing would do for it. */
export interface Unsteadiness {
  /** With the query's own window first, then twice and four times as wide; the first alone where smoothing is off. */
  readonly windows: readonly Steadiness[];
  /**
   * Errors of the densest way that skips any frame at all (k of two rows), with the query's own window: plans that skip
   * frames do not get under them, so that lower targets cost a look at every frame.
   */
  readonly floor: IntervalErrors;
}

/** What is asked of the reference's steadiness. */
export interface UnsteadinessOptions {
  /** Window of the query's smoothing in ms, 0 or more. */
  readonly smoothingMs: number;
  /** Frames from look to look to report; those that are no multiple of the part's step are left out. */
  readonly tSkips: readonly number[];
}

/** Measures how steady the reference's answers are: from labels alone, before anything has been trained. */
export function measureUnsteadiness(part: LabeledPart, { smoothingMs, tSkips }: UnsteadinessOptions): Unsteadiness {
  const densest = 2 * part.step;
  const fitting = [...new Set([...tSkips.filter(tSkip => tSkip % part.step === 0), densest])].sort((a, b) => a - b);
  const windows = (smoothingMs === 0 ? [0] : [smoothingMs, 2 * smoothingMs, 4 * smoothingMs]).map(window => {
    const truth = window === smoothingMs ? part.truth : smoothedTruth(part, window);
    const smoothed = { ...part, truth };
    return {
      smoothingMs: window,
      unsteadyShare: unsteadiness(smoothed),
      intervals: fitting.map(tSkip => errorsOf(smoothed, tSkip, window)),
    };
  });
  return { windows, floor: errorsOf(part, densest, smoothingMs) };
}

function errorsOf(part: LabeledPart, tSkip: number, smoothingMs: number): IntervalErrors {
  const skip = { kind: 'every', tSkip } as const;
  const { errors } = measurePlan(
    { part, skips: [skip], differences: [], specialized: [] },
    {
      structure: { skip, difference: null, specialized: null },
      thresholds: { deltaDiff: null, cLow: null, cHigh: null },
    },
    { smoothingMs, confidence: 0.95 },
  );
  const { falseNegative, falsePositive } = errors;
  return { tSkip, falseNegativeRate: falseNegative.estimate, falsePositiveRate: falsePositive.estimate };
}

function smoothedTruth({ stretches, timestampsUs, rawTruth }: LabeledPart, windowMs: number): Uint8Array {
  const truth = new Uint8Array(rawTruth.length);
  for (const { rows } of stretches) {
    const labels = Array.from(rawTruth.subarray(rows.from, rows.to), label => label === 1);
    const smoothed = smooth(timestampsUs.subarray(rows.from, rows.to), labels, windowMs);
    truth.set(
      smoothed.map(label => (label ? 1 : 0)),
      rows.from,
    );
  }
  return truth;
}
