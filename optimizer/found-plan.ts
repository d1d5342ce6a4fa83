import type { SkipRule, Thresholds } from '../cascade/index.ts';
import type { PlanCost, StageCounts } from './stage-costs.ts';

/** Which stages a plan has. */
export interface PlanStructure {
  readonly skip: SkipRule;
  /** Id of the difference detector, or null for none. */
  readonly difference: string | null;
  /** Id of the specialized model, or null for none. */
  readonly specialized: string | null;
}

/** An error rate as counted, and what it is at most. */
export interface BoundedRate {
  /** Errors ÷ frames that could be wrong, 0–1; null when there is no such frame. */
  readonly estimate: number | null;
  /** One-sided upper bound at the stated confidence, 0–1, over blocks of time; 1 when nothing can be said. */
  readonly bound: number;
  /** Wrong frames. */
  readonly errors: number;
  /** Frames that could be wrong: the truth is positive for false negatives, negative for false positives. */
  readonly frames: number;
  /** Blocks of time with such frames: what the bound rests on. */
  readonly blocks: number;
}

/** Both error rates on a part of the footage. */
export interface PlanErrors {
  readonly falseNegative: BoundedRate;
  readonly falsePositive: BoundedRate;
}

/** Error rates that a plan must not exceed, and how sure that is. */
export interface ErrorTargets {
  /** 0–1. */
  readonly falseNegativeRate: number;
  /** 0–1. */
  readonly falsePositiveRate: number;
  /** Probability with which both bounds hold, above 0.5 and below 1. Default 0.95. */
  readonly confidence: number;
}

/**
 * How well a plan keeps the targets on the threshold part. `bounded`: both bounds are within them. `estimated`: the
 * estimates are, but the footage is too short for the bounds. `missed`: not even the estimates are.
 */
export type TargetStatus = 'bounded' | 'estimated' | 'missed';

/** A plan with its thresholds, as far as the search knows it. */
export interface FoundPlan {
  readonly structure: PlanStructure;
  readonly thresholds: Thresholds;
  readonly status: TargetStatus;
  /** On the threshold part. */
  readonly counts: StageCounts;
  readonly cost: PlanCost;
  /** On the threshold part; selection among many plans is accounted for in the bounds. */
  readonly errors: PlanErrors;
}
