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

/**
 * What one would do without a cascade: the reference on every frame, then on every k-th, the answer held. Where only some
 * frames are labeled, every frame has the errors of asking about the labeled ones, and its own cost.
 */
export function referenceBaselines(options: ReferenceBaselinesOptions): readonly [Baseline, ...Baseline[]] {
  const { table, costs, processes, targets, smoothingMs } = options;
  const { confidence } = targets;
  const baseline = (tSkip: number, every: number): Baseline => {
    const structure: PlanStructure = { skip: { kind: 'every', tSkip }, difference: null, specialized: null };
    const thresholds = { deltaDiff: null, cLow: null, cHigh: null };
    const { errors, counts } = measurePlan(table, { structure, thresholds }, { confidence, smoothingMs });
    const asked = tSkip === every ? counts : { ...counts, referenced: counts.frames };
    return { every, cost: planCost({ structure, counts: asked, costs, processes }), errors };
  };
  const { step } = table.part;
  const skips = table.skips.flatMap(skip => (skip.kind === 'every' && skip.tSkip > 1 ? [skip.tSkip] : []));
  return [baseline(step, 1), ...skips.map(tSkip => baseline(tSkip, tSkip))];
}
