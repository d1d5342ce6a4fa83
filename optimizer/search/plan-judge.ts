import type { Thresholds } from '../../cascade/index.ts';
import type { ScoreTable } from '../candidate-scores.ts';
import type { ErrorTargets, FoundPlan, PlanStructure, TargetStatus } from '../found-plan.ts';
import { costLevel } from './cost-level.ts';
import { boundErrors, footageNeeded, tallyErrors } from './error-bounds.ts';
import { planCost } from './plan-cost.ts';
import { isReferenceAlone } from './plan-structures.ts';
import type { SearchPart } from './search-part.ts';
import { CascadeSimulator } from './simulate-cascade.ts';
import { type CostModel, shareOfTarget } from './sweep-table.ts';

interface JudgeOptions {
  readonly table: ScoreTable;
  readonly search: SearchPart;
  readonly model: CostModel;
  readonly compared: number;
}

/** Says what plans come to on the scores as they are, and which of two is to be preferred. */
export class PlanJudge {
  readonly #options: JudgeOptions;
  readonly #simulator: CascadeSimulator;

  /** Judges on one table. */
  constructor(options: JudgeOptions) {
    this.#options = options;
    this.#simulator = new CascadeSimulator(options.table, options.search);
  }

  /** A plan with its cost, its errors, and how well it keeps the targets. */
  plan(structure: PlanStructure, thresholds: Thresholds, targets: ErrorTargets): FoundPlan {
    const { search, model, compared } = this.#options;
    const { counts, labels } = this.#simulator.run(structure, thresholds);
    const errors = boundErrors(search, tallyErrors(search, labels), { confidence: targets.confidence, compared });
    return {
      structure,
      thresholds,
      status: statusOf(errors, targets),
      counts,
      cost: planCost({ structure, counts, ...model }),
      errors,
    };
  }

  /** Orders plans: cheaper first, in levels of cost; then fewer stages, the smaller model, lower errors. */
  preference(targets: ErrorTargets): (a: FoundPlan, b: FoundPlan) => number {
    return (a, b) =>
      costLevel(a.cost.frameUs) - costLevel(b.cost.frameUs) ||
      stages(a) - stages(b) ||
      this.#multiplyAdds(a) - this.#multiplyAdds(b) ||
      excess(a, targets) - excess(b, targets);
  }

  /** The reference alone on every k-th frame, with the k that gives the fewest errors. */
  leastErrors(structures: readonly PlanStructure[], targets: ErrorTargets): FoundPlan {
    const [first] = structures
      .filter(isReferenceAlone)
      .map(structure => this.plan(structure, { deltaDiff: null, cLow: null, cHigh: null }, targets))
      .sort((a, b) => excess(a, targets) - excess(b, targets) || a.cost.frameUs - b.cost.frameUs);
    if (first === undefined) throw new RangeError('The score table has no skip rule that fits it.');
    return first;
  }

  /** How much more footage the bounds of a plan need in s. */
  footageNeeded({ structure, thresholds }: FoundPlan, targets: ErrorTargets): number | null {
    const { search, compared } = this.#options;
    const { labels } = this.#simulator.run(structure, thresholds);
    return footageNeeded(search, tallyErrors(search, labels), { targets, compared });
  }

  #multiplyAdds({ structure: { specialized } }: FoundPlan): number {
    return this.#options.table.specialized.find(({ id }) => id === specialized)?.multiplyAdds ?? 0;
  }
}

function stages({ structure: { difference, specialized } }: FoundPlan): number {
  return (difference === null ? 0 : 1) + (specialized === null ? 0 : 1);
}

/** The larger of both error rates as a share of its target. */
function excess({ errors: { falseNegative, falsePositive } }: FoundPlan, targets: ErrorTargets): number {
  return Math.max(
    shareOfTarget(falseNegative.estimate ?? 0, targets.falseNegativeRate),
    shareOfTarget(falsePositive.estimate ?? 0, targets.falsePositiveRate),
  );
}

function statusOf({ falseNegative, falsePositive }: FoundPlan['errors'], targets: ErrorTargets): TargetStatus {
  const { falseNegativeRate, falsePositiveRate } = targets;
  if (falseNegative.bound <= falseNegativeRate && falsePositive.bound <= falsePositiveRate) return 'bounded';
  const keeps =
    (falseNegative.estimate ?? 0) <= falseNegativeRate && (falsePositive.estimate ?? 0) <= falsePositiveRate;
  return keeps ? 'estimated' : 'missed';
}
