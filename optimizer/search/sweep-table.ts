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
import { rateAndDeviation, sumBlocks, upperBound } from './upper-bound.ts';

/**
 * What of an error rate must be within its target. `estimate`: the rate as counted. `careful`: the rate and one standard
 * deviation of it over blocks (the one-standard-error rule of Breiman et al., CART, 1984). `bound`: its upper bound, with
 * so many plans compared.
 */
export type Demand = { readonly kind: 'estimate' | 'careful' } | { readonly kind: 'bound'; readonly compared: number };

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
  sweep(structure: PlanStructure, targets: ErrorTargets, demand: Demand): SweptThresholds | null {
    const { costs, processes } = this.#model;
    const { positiveCount, negativeCount } = this.#search;
    const { falseNegativeRate, falsePositiveRate } = targets;
    const options = {
      structure,
      limits: this.#limits(targets, demand),
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

  #limits({ falseNegativeRate, falsePositiveRate, confidence }: ErrorTargets, demand: Demand): SweepLimits {
    const { positiveRows, negativeRows, positiveCount, negativeCount } = this.#search;
    const limits = {
      falseNegativeRows: Math.floor(falseNegativeRate * positiveCount),
      falsePositiveRows: Math.floor(falsePositiveRate * negativeCount),
    };
    if (demand.kind === 'estimate') return limits;
    const highest = (errors: Int32Array, rows: Int32Array): number => {
      const sums = sumBlocks(errors, rows);
      if (demand.kind === 'bound') return upperBound(sums, tailOf({ confidence, compared: demand.compared }));
      const { rate, deviation } = rateAndDeviation(sums);
      return rate + deviation;
    };
    return {
      ...limits,
      keepsFalseNegatives: ({ falseNegatives }) => highest(falseNegatives, positiveRows) <= falseNegativeRate,
      keepsFalsePositives: ({ falsePositives }) => highest(falsePositives, negativeRows) <= falsePositiveRate,
    };
  }
}

/** An error rate as a share of its target: 1 or less keeps it; 0 without errors, infinite where a target of 0 is missed. */
export function shareOfTarget(rate: number, target: number): number {
  return rate === 0 ? 0 : rate / target;
}
