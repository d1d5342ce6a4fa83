import type { ScoreTable } from '../candidate-scores.ts';
import type { ErrorTargets, PlanStructure } from '../found-plan.ts';
import type { PlanProcesses, StageCosts } from '../stage-costs.ts';
import { costLevel } from './cost-level.ts';
import { tailOf } from './error-bounds.ts';
import { planCost } from './plan-cost.ts';
import type { SearchPart } from './search-part.ts';
import { CascadeSimulator } from './simulate-cascade.ts';
import { sweepKeyframes } from './sweep-keyframes.ts';
import { ThresholdSweeper } from './sweep-thresholds.ts';
import type { RowTally, SweepLimits, SweptThresholds } from './swept-thresholds.ts';
import { blockBound } from './upper-bound.ts';

/** What thresholds are found for. */
export interface SweepTargets {
  readonly targets: ErrorTargets;
  /** Number of plans compared, when the bounds must be within the targets; null: the rates alone. */
  readonly boundedAmong: number | null;
}

/** What plans cost on a machine. */
export interface CostModel {
  readonly costs: StageCosts;
  readonly processes: PlanProcesses;
}

/** Finds the cheapest thresholds of any structure on one table. */
export class TableSweep {
  readonly #table: ScoreTable;
  readonly #search: SearchPart;
  readonly #model: CostModel;
  readonly #simulator: CascadeSimulator;
  readonly #sweeper: ThresholdSweeper;

  /** @param search - The table's part, prepared. */
  constructor(table: ScoreTable, search: SearchPart, model: CostModel) {
    this.#table = table;
    this.#search = search;
    this.#model = model;
    this.#simulator = new CascadeSimulator(table, search);
    this.#sweeper = new ThresholdSweeper(table, search);
  }

  /** The cheapest thresholds with which a structure keeps the targets on this table; null when there are none. */
  sweep(structure: PlanStructure, targets: SweepTargets): SweptThresholds | null {
    const { costs, processes } = this.#model;
    const { positiveCount, negativeCount } = this.#search;
    const { falseNegativeRate, falsePositiveRate } = targets.targets;
    const options = {
      structure,
      limits: this.#limits(targets),
      levelOf: (counts: SweptThresholds['counts']) =>
        costLevel(planCost({ structure, counts, costs, processes }).frameUs),
      ratioOf: ({ falseNegativeRows, falsePositiveRows }: RowTally) =>
        Math.max(
          shareOfTarget(falseNegativeRows / Math.max(1, positiveCount), falseNegativeRate),
          shareOfTarget(falsePositiveRows / Math.max(1, negativeCount), falsePositiveRate),
        ),
    };
    if (structure.skip.kind === 'every') return this.#sweeper.sweep(options);
    return sweepKeyframes({ table: this.#table, search: this.#search, simulator: this.#simulator }, options);
  }

  #limits({ targets, boundedAmong }: SweepTargets): SweepLimits {
    const { positiveRows, negativeRows, positiveCount, negativeCount } = this.#search;
    const { falseNegativeRate, falsePositiveRate, confidence } = targets;
    const limits = {
      falseNegativeRows: Math.floor(falseNegativeRate * positiveCount),
      falsePositiveRows: Math.floor(falsePositiveRate * negativeCount),
    };
    if (boundedAmong === null) return limits;
    const tail = tailOf({ confidence, compared: boundedAmong });
    return {
      ...limits,
      keepsFalseNegatives: ({ falseNegatives }) => blockBound(falseNegatives, positiveRows, tail) <= falseNegativeRate,
      keepsFalsePositives: ({ falsePositives }) => blockBound(falsePositives, negativeRows, tail) <= falsePositiveRate,
    };
  }
}

/** An error rate as a share of its target: 1 or less keeps it; 0 without errors, infinite where a target of 0 is missed. */
export function shareOfTarget(rate: number, target: number): number {
  return rate === 0 ? 0 : rate / target;
}
