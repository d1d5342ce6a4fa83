import { describe, expect, it } from 'vitest';
import {
  type ChoosePlanOptions,
  choosePlan,
  type FoundPlan,
  type ScoreTable,
  type StageCosts,
} from '../../../optimizer/index.ts';
import { costLevel } from '../../../optimizer/search/cost-level.ts';
import { cutTable } from '../../../optimizer/search/cut-table.ts';
import { planCost } from '../../../optimizer/search/plan-cost.ts';
import { planStructures } from '../../../optimizer/search/plan-structures.ts';
import { prepareSearchPart } from '../../../optimizer/search/search-part.ts';
import { stressScores } from '../../../optimizer/search/stress-scores.ts';
import { seeded } from '../../cascade/random.ts';
import { bruteForceSweep, countsOf, wrongShare } from './brute-force-sweep.ts';
import { naiveCascade } from './naive-cascade.ts';
import { randomTable } from './random-table.ts';
import { someCosts } from './some-costs.ts';
import { syntheticScores } from './synthetic-scores.ts';

const every = (...tSkips: number[]) => tSkips.map(tSkip => ({ kind: 'every', tSkip }) as const);
const processes = { workers: 1, replicas: 1, cores: 2 };

/** The choice among the plans that brute force finds on the stressed scores, each then run on the scores as they are. */
function bruteForceChoice({ table, targets, smoothingMs, costs }: ChoosePlanOptions) {
  const stressed = stressScores(table, prepareSearchPart(table.part, smoothingMs));
  const plans = planStructures(table).flatMap(structure => {
    const options = { table: stressed, structure, targets, smoothingMs, costs, processes, isCareful: true };
    const [best] = bruteForceSweep(options).sort((a, b) => a.level - b.level || a.ratio - b.ratio);
    if (best === undefined) return [];
    const answers = naiveCascade(table, structure, best.thresholds, smoothingMs);
    const missed = wrongShare(table, answers, 1) / targets.falseNegativeRate;
    const invented = wrongShare(table, answers, 0) / targets.falsePositiveRate;
    if (Math.max(missed, invented) > 1) return [];
    const counts = countsOf({ table, structure }, answers);
    const size = table.specialized.find(({ id }) => id === structure.specialized)?.multiplyAdds ?? 0;
    const stages = Number(structure.difference !== null) + Number(structure.specialized !== null);
    const level = costLevel(planCost({ structure, counts, costs, processes }).frameUs);
    return [{ structure, order: [level, stages, size, Math.max(missed, invented)] as const }];
  });
  return plans.sort(
    (a, b) => a.order.map((own, i) => own - (b.order[i] ?? 0)).find(difference => difference !== 0) ?? 0,
  );
}

/** How many frames before the picture is that a structure compares with; null: it compares with none. */
function comparedWith(table: ScoreTable, { difference }: FoundPlan['structure']): number | null {
  return table.differences.find(({ id }) => id === difference)?.tDiffFrames ?? null;
}

describe('choosePlan', () => {
  it('chooses as brute force over all structures and thresholds', () => {
    const random = seeded(53);
    const chosenStages = new Set<number>();
    for (let round = 0; round < 9; round++) {
      const skips = [...every(1, 2, 6), { kind: 'keyframes' } as const];
      // Each stretch is a block; fewer with both answers, and cheap stages would not be trusted.
      const table = randomTable({ random, stretches: 12, rows: 12, step: 1, smoothingMs: 400, skips });
      const target = [0.1, 0.2, 0.35][round % 3] ?? 0;
      const targets = { falseNegativeRate: target, falsePositiveRate: target, confidence: 0.95 };
      const options = { table, targets, smoothingMs: 400, costs: someCosts(table), processes };
      const { chosen, frontier } = choosePlan(options);
      const plans = bruteForceChoice(options);
      expect(frontier).toHaveLength(plans.length);
      // Without bounds none is trusted that carries its own answers on.
      const best = plans.find(({ structure }) => comparedWith(table, structure) === null);
      expect(chosen.structure).toEqual(best?.structure);
      expect(costLevel(chosen.cost.frameUs)).toBe(best?.order[0]);
      expect(chosen.status).toBe('estimated');
      chosenStages.add(best?.order[1] ?? 0);
    }
    expect(chosenStages.size).toBeGreaterThan(1);
  });

  const footage = syntheticScores({
    seed: 5,
    seconds: 1200,
    frameRateFps: 5,
    gapSeconds: 12,
    hardShare: 0,
    models: 2,
    skips: [...every(1, 2, 5), { kind: 'keyframes' }],
    smoothingMs: 1000,
    keyframeInterval: 10,
  });
  const choose = (changes: Partial<ChoosePlanOptions> = {}) =>
    choosePlan({
      table: footage,
      costs: someCosts(footage),
      processes,
      targets: { falseNegativeRate: 0.05, falsePositiveRate: 0.05, confidence: 0.95 },
      smoothingMs: 1000,
      otherErrorRates: [],
      ...changes,
    });
  const targetsOf = (rate: number) => ({ falseNegativeRate: rate, falsePositiveRate: rate, confidence: 0.95 });

  it('trusts no cheap stage where fewer than five blocks hold positives', () => {
    const { stretches, truth, timestampsUs } = footage.part;
    const seconds = [60, 1200].map(length => timestampsUs.findIndex(timeUs => timeUs >= length * 1e6));
    const [short, long] = seconds.map(rows => cutTable(footage, [{ from: 0, to: rows < 0 ? truth.length : rows }]));
    if (short === undefined || long === undefined) throw new Error(`There are ${stretches.length} stretches.`);
    const isAlone = ({ structure: { difference, specialized } }: FoundPlan): boolean =>
      difference === null && specialized === null;
    const few = choose({ table: short, targets: targetsOf(0.2) });
    expect(few.frontier.length).toBeGreaterThan(0);
    expect(few.frontier.every(isAlone)).toBe(true);
    expect(isAlone(few.chosen)).toBe(true);
    expect(choose({ table: long, targets: targetsOf(0.2) }).frontier.every(isAlone)).toBe(false);
  });

  it('keeps the bounds where the footage is long enough, and says how much it lacks where it is not', () => {
    const bounded = choose({ targets: targetsOf(0.1) });
    expect(bounded.chosen.status).toBe('bounded');
    expect(bounded.chosen.errors.falseNegative.bound).toBeLessThanOrEqual(0.1);
    expect(bounded.chosen.errors.falsePositive.bound).toBeLessThanOrEqual(0.1);
    expect(bounded.footageNeededSeconds).toBe(0);
    expect(bounded.compared).toBe(4);
    const estimated = choose({ targets: targetsOf(0.02) });
    expect(estimated.chosen.status).toBe('estimated');
    expect(estimated.chosen.errors.falseNegative.estimate).toBeLessThanOrEqual(0.02);
    expect(estimated.footageNeededSeconds).toBeGreaterThan(1200);
  });

  it('is a function of its arguments: the same again gives the same', () => {
    expect(choose()).toEqual(choose());
  });

  it('does not hang on noise of the costs: changed by up to 3 %, the plan costs no more than a level', () => {
    const random = seeded(52);
    const costs = someCosts(footage);
    const { chosen } = choose();
    const noisy = (costUs: number): number => costUs * (0.97 + 0.06 * random());
    const all = (costsUs: Readonly<Record<string, number>>): Record<string, number> =>
      Object.fromEntries(Object.entries(costsUs).map(([id, costUs]) => [id, noisy(costUs)]));
    for (let round = 0; round < 3; round++) {
      const changed: StageCosts = {
        ...costs,
        decodeUs: noisy(costs.decodeUs),
        differenceUs: all(costs.differenceUs),
        specializedUs: all(costs.specializedUs),
        referenceUs: noisy(costs.referenceUs),
      };
      const other = choose({ costs: changed }).chosen;
      const { structure, counts } = other;
      const frameUs = planCost({ structure, counts, costs, processes }).frameUs;
      expect(Math.abs(costLevel(frameUs) - costLevel(chosen.cost.frameUs))).toBeLessThanOrEqual(1);
    }
  });

  it('prefers the plan with fewer stages and the smaller model among plans of one level', () => {
    const model = footage.specialized[1];
    const twin = { ...model, id: 'twin', multiplyAdds: 10 } as ScoreTable['specialized'][number];
    const table = { ...footage, differences: [], specialized: [...footage.specialized, twin] };
    const costs = { ...someCosts(table), specializedUs: { 'model-0': 80, 'model-1': 80, twin: 81 } };
    const { chosen, frontier } = choose({ table, costs, targets: targetsOf(0.03) });
    expect(chosen.structure.specialized).toBe('twin');
    const original = frontier.find(
      ({ structure }) => structure.specialized === 'model-1' && structure.skip === chosen.structure.skip,
    );
    expect(original?.cost.frameUs).toBeLessThan(chosen.cost.frameUs);
    // A model that costs as much as the reference is left out.
    const dear = { ...costs, specializedUs: { 'model-0': 5000, 'model-1': 5000, twin: 5000 } };
    expect(choose({ table, costs: dear }).chosen.structure.specialized).toBeNull();
  });

  it('gives the reference alone with the fewest errors where no plan keeps the targets', () => {
    const table = { ...footage, skips: every(2, 5) };
    const { chosen, frontier, footageNeededSeconds } = choose({ table, targets: targetsOf(1e-5) });
    expect(frontier).toEqual([]);
    expect(chosen.structure).toEqual({ skip: { kind: 'every', tSkip: 2 }, difference: null, specialized: null });
    expect(chosen.status).toBe('missed');
    expect(footageNeededSeconds).toBeNull();
  });

  it('says what other targets cost: the laxer, the cheaper', () => {
    const { otherTargets } = choose({ otherErrorRates: [0.01, 0.05, 0.2] });
    expect(otherTargets.map(({ errorRate }) => errorRate)).toEqual([0.01, 0.05, 0.2]);
    const levels = otherTargets.map(({ plan }) => costLevel(plan.cost.frameUs));
    expect(levels).toEqual([...levels].sort((a, b) => b - a));
    for (const { errorRate, plan } of otherTargets) {
      expect(plan.errors.falseNegative.estimate).toBeLessThanOrEqual(errorRate);
    }
  });
});
