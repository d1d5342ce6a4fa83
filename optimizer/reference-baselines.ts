import type { ScoreTable } from './candidate-scores.ts';
import type { ErrorTargets, PlanStructure } from './found-plan.ts';
import type { Baseline } from './report/report-data.ts';
import { measurePlan } from './search/measure-plan.ts';
import { planCost } from './search/plan-cost.ts';
import type { PlanProcesses, StageCosts } from './stage-costs.ts';

/** On what and with what the baselines are measured. */
export interface ReferenceBaselinesOptions {
  readonly table: ScoreTable;
  readonly costs: StageCosts;
  readonly processes: PlanProcesses;
  readonly targets: Pick<ErrorTargets, 'confidence'>;
  /** Window of the query's smoothing in ms, 0 or more. */
  readonly smoothingMs: number;
}

/** What one would do without a cascade: the reference on every k-th frame, the answer held; the most frequent first. */
export function referenceBaselines(options: ReferenceBaselinesOptions): Baseline[] {
  const { table, costs, processes, targets, smoothingMs } = options;
  const thresholds = { deltaDiff: null, cLow: null, cHigh: null };
  return table.skips.flatMap(skip => {
    if (skip.kind !== 'every') return [];
    const structure: PlanStructure = { skip, difference: null, specialized: null };
    const { confidence } = targets;
    const { errors, counts } = measurePlan(table, { structure, thresholds }, { confidence, smoothingMs });
    return [{ every: skip.tSkip, cost: planCost({ structure, counts, costs, processes }), errors }];
  });
}
