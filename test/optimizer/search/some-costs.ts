import type { ScoreTable, StageCosts } from '../../../optimizer/index.ts';

/** Costs of a small machine with a dear reference, made up. */
export function someCosts(table: ScoreTable): StageCosts {
  const ids = (candidates: readonly { readonly id: string }[], firstUs: number): Record<string, number> =>
    Object.fromEntries(candidates.map(({ id }, i) => [id, firstUs * (i + 1)]));
  return {
    decodeUs: 300,
    keyframeUs: 900,
    demuxUs: 5,
    differenceUs: ids(table.differences, 40),
    specializedUs: ids(table.specialized, 80),
    referenceSendUs: 400,
    referenceUs: 5000,
    decisionUs: 5,
  };
}
