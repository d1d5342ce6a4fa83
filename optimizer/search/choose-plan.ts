import type { ScoreTable } from '../candidate-scores.ts';
import type { ErrorTargets, FoundPlan, PlanStructure } from '../found-plan.ts';
import { PlanJudge } from './plan-judge.ts';
import { isReferenceAlone, planStructures } from './plan-structures.ts';
import { prepareSearchPart } from './search-part.ts';
import { stressScores } from './stress-scores.ts';
import { type CostModel, TableSweep } from './sweep-table.ts';
import { fewestTrustedBlocks, rarerBlocks } from './trusted-blocks.ts';

/** What a plan is chosen from. */
export interface ChoosePlanOptions extends CostModel {
  /** Scores of the threshold part. */
  readonly table: ScoreTable;
  readonly targets: ErrorTargets;
  /** Window of the query's smoothing in ms, 0 or more. */
  readonly smoothingMs: number;
  /** Targets for which plans are found besides, 0–1, ascending. Default 0.1 % to 10 %. */
  readonly otherErrorRates?: readonly number[];
}

/** The chosen plan and what it was chosen among. */
export interface PlanChoice {
  readonly chosen: FoundPlan;
  /** The cheapest thresholds of each structure that can keep the targets, cheapest plan first. */
  readonly frontier: readonly FoundPlan[];
  /** The plans for other targets, the same for both rates, ascending; targets that no plan keeps are left out. */
  readonly otherTargets: readonly { readonly errorRate: number; readonly plan: FoundPlan }[];
  /**
   * How much more footage like this the bounds of the chosen plan need in s; 0 when they are kept, null when no amount
   * would do.
   */
  readonly footageNeededSeconds: number | null;
  /** Number of plans that the bounds account for: one for each skip rule. */
  readonly compared: number;
}

/** The error rates at which the report shows what other targets cost. */
const reportedErrorRates = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1];
/** Structures that are swept for them: the cheapest ones at the targets asked for, besides the reference alone. */
const otherStructures = 16;

/**
 * From scores, costs and targets to a plan: the whole search, and no more than a function of its arguments.
 *
 * 1. For each structure, the cheapest thresholds that keep the targets on stressed scores (`stressScores`): a margin
 *    against the luck of the draw.
 * 2. For each skip rule, the cheapest of these structures is a finalist: now its cheapest thresholds are sought whose
 *    bounds keep the targets, at a confidence shared among the finalists. The cheapest such plan is `bounded`.
 * 3. If there is none, the cheapest plan of step 1 is `estimated`, but none that compares with an earlier frame: it carries
 *    a false answer on for as long as nothing changes, so a rare mistake, of which estimates know nothing, is a long one. If
 *    there is no other, the reference alone with the fewest errors is `missed`.
 *
 * With fewer than 5 blocks of either kind only the reference alone, on every k-th frame, is considered: what it misses is
 * bounded by k, whatever the events to come look like.
 *
 * Costs within 10 % count as equal; then the plan with fewer stages, the smaller model and the lower errors is chosen.
 */
export function choosePlan(options: ChoosePlanOptions): PlanChoice {
  const { table, targets, smoothingMs, otherErrorRates = reportedErrorRates, costs, processes } = options;
  const model = { costs, processes };
  const search = prepareSearchPart(table.part, smoothingMs);
  const isTrusted = rarerBlocks(search) >= fewestTrustedBlocks;
  const structures = planStructures(table).filter(structure => isTrusted || isReferenceAlone(structure));
  const compared = new Set(structures.map(({ skip }) => skip)).size;
  const judge = new PlanJudge({ table, search, model, compared });
  const stressed = new TableSweep(stressScores(table, search), search, model);
  const stressedPlans = (among: readonly PlanStructure[], kept: ErrorTargets): FoundPlan[] =>
    among.flatMap(structure => {
      const found = stressed.sweep(structure, kept, { kind: 'careful' });
      const plan = found === null ? null : judge.plan(structure, found.thresholds, kept);
      return plan === null || plan.status === 'missed' ? [] : [plan];
    });
  const frontier = stressedPlans(structures, targets).sort(judge.preference(targets));
  const finalists = [...new Set(frontier.map(({ structure }) => structure.skip))].flatMap(skip => {
    const finalist = frontier.find(({ structure }) => structure.skip === skip);
    return finalist === undefined ? [] : [finalist.structure];
  });
  const exact = new TableSweep(table, search, model);
  const bounded = finalists.flatMap(structure => {
    const found = exact.sweep(structure, targets, { kind: 'bound', compared });
    return found === null ? [] : [judge.plan(structure, found.thresholds, targets)];
  });
  const carriesOn = ({ structure }: FoundPlan): boolean =>
    table.differences.some(({ id, tDiffFrames }) => id === structure.difference && tDiffFrames !== null);
  const chosen =
    bounded.sort(judge.preference(targets))[0] ??
    frontier.find(plan => !carriesOn(plan)) ??
    judge.leastErrors(structures, targets);
  const others = structures.filter(
    structure =>
      isReferenceAlone(structure) || frontier.slice(0, otherStructures).some(plan => plan.structure === structure),
  );
  return {
    chosen,
    frontier,
    otherTargets: otherErrorRates.flatMap(errorRate => {
      const kept = { ...targets, falseNegativeRate: errorRate, falsePositiveRate: errorRate };
      const [plan] = stressedPlans(others, kept).sort(judge.preference(kept));
      return plan === undefined ? [] : [{ errorRate, plan }];
    }),
    footageNeededSeconds: judge.footageNeeded(chosen, targets),
    compared,
  };
}
