import { expect, it } from 'vitest';
import { coverageOfSplits } from '../../../optimizer/index.ts';
import { syntheticScores } from './synthetic-scores.ts';

it('states bounds that hold on footage that the plan was not chosen on', () => {
  const table = syntheticScores({
    seed: 3,
    seconds: 3600,
    frameRateFps: 5,
    gapSeconds: 20,
    hardShare: 0.05,
    models: 1,
    skips: [
      { kind: 'every', tSkip: 1 },
      { kind: 'every', tSkip: 5 },
    ],
    smoothingMs: 1000,
  });
  const ids = (candidates: readonly { readonly id: string }[], us: number): Record<string, number> =>
    Object.fromEntries(candidates.map(({ id }) => [id, us]));
  const costs = {
    decodeUs: 500,
    keyframeUs: 1500,
    demuxUs: 5,
    differenceUs: ids(table.differences, 40),
    specializedUs: ids(table.specialized, 80),
    referenceSendUs: 1000,
    referenceUs: 50_000,
    decisionUs: 5,
  };
  const { boundsHold, runs, targetsKept, naiveTargetsKept } = coverageOfSplits({
    table,
    costs,
    processes: { workers: 1, replicas: 1, cores: 2 },
    targets: { falseNegativeRate: 0.03, falsePositiveRate: 0.03, confidence: 0.95 },
    smoothingMs: 1000,
    splits: 8,
    pieceRows: 300,
    pieces: 15,
    seed: 1,
  });
  expect(runs).toHaveLength(8);
  expect(boundsHold).toBeGreaterThanOrEqual(0.95);
  expect(targetsKept).toBeGreaterThanOrEqual(naiveTargetsKept);
});
