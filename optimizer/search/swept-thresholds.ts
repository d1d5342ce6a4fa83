import type { Thresholds } from '../../cascade/index.ts';
import type { PlanStructure } from '../found-plan.ts';
import type { StageCounts } from '../stage-costs.ts';
import type { ErrorTally } from './error-bounds.ts';

/** What thresholds must keep. */
export interface SweepLimits {
  /** Most rows, 0 or more, whose truth is positive and whose label is not. */
  readonly falseNegativeRows: number;
  /** Most rows, 0 or more, whose truth is negative and whose label is not. */
  readonly falsePositiveRows: number;
  /** A further demand on the false negatives, which more of them never meet. Default none. */
  readonly keepsFalseNegatives?: (errors: RowTally) => boolean;
  /** A further demand on the false positives, which more of them never meet. Default none. */
  readonly keepsFalsePositives?: (errors: RowTally) => boolean;
}

/** Wrong rows, by block and in total. */
export interface RowTally extends ErrorTally {
  /** Rows whose truth is positive and whose label is not. */
  readonly falseNegativeRows: number;
  /** Rows whose truth is negative and whose label is not. */
  readonly falsePositiveRows: number;
}

/** What is swept. */
export interface SweepOptions {
  readonly structure: PlanStructure;
  readonly limits: SweepLimits;
  /** Cost by how often the stages run, in steps that count (see `costLevel`); never falls when a stage runs more often. */
  readonly levelOf: (counts: StageCounts) => number;
  /** How bad errors are; the lower of two at the same level is better. */
  readonly ratioOf: (errors: RowTally) => number;
}

/** Thresholds within the limits, and what they come to. */
export interface SweptThresholds {
  readonly thresholds: Thresholds;
  readonly counts: StageCounts;
  readonly level: number;
  readonly ratio: number;
}

/** Whether thresholds are better than the best so far: a lower level of cost, or fewer errors at the same. */
export function isBetter(
  { level, ratio }: Pick<SweptThresholds, 'level' | 'ratio'>,
  best: SweptThresholds | null,
): boolean {
  return best === null || level < best.level || (level === best.level && ratio < best.ratio);
}
