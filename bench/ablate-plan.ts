import { type ChoosePlanOptions, choosePlan, describeStructure } from '../optimizer/index.ts';

/**
 * What each kind of stage is worth: the best plan with all of them, with one kind removed at a time, and with them added one
 * by one, as NoScope's Figure 8 shows it.
 */
export function ablatePlan(search: ChoosePlanOptions): Record<string, string | number>[] {
  const { table } = search;
  const [everyLabeled] = table.skips;
  const without = {
    skip: { skips: everyLabeled === undefined ? [] : [everyLabeled] },
    difference: { differences: [] },
    specialized: { specialized: [] },
  };
  const cases = [
    ['reference on every frame', { ...without.skip, ...without.difference, ...without.specialized }],
    ['+ skip', { ...without.difference, ...without.specialized }],
    ['+ difference detector', without.specialized],
    ['+ specialized model: all', {}],
    ['all without skip', without.skip],
    ['all without difference detector', without.difference],
    ['all without specialized model', without.specialized],
  ] as const;
  const plans = cases.map(([stages, removed]) => ({
    stages,
    plan: choosePlan({ ...search, table: { ...table, ...removed }, otherErrorRates: [] }).chosen,
  }));
  const first = plans[0]?.plan.cost.frameUs ?? Number.NaN;
  const percent = (value: number | null): string => (value === null ? '-' : (100 * value).toFixed(2));
  return plans.map(({ stages, plan: { cost, errors, structure, status } }) => ({
    stages,
    'frames/s': Math.round(cost.framesPerSecond),
    'speed-up': (first / cost.frameUs).toFixed(1),
    'FN %': percent(errors.falseNegative.estimate),
    'FP %': percent(errors.falsePositive.estimate),
    targets: status,
    plan: describeStructure(structure),
  }));
}
