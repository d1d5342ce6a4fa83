import { expect, it } from 'vitest';
import { referenceBaselines } from '../../optimizer/reference-baselines.ts';
import { seeded } from '../cascade/random.ts';
import { randomTable } from './search/random-table.ts';
import { someCosts } from './search/some-costs.ts';

it.each([1, 3])('begins with the reference on every frame, whatever is labeled: every %i', step => {
  const skips = [step, 2 * step].map(tSkip => ({ kind: 'every', tSkip }) as const);
  const table = randomTable({ random: seeded(7), stretches: 2, rows: 40, step, smoothingMs: 0, skips });
  const costs = someCosts(table);
  const processes = { workers: 1, replicas: 1, cores: 8 };
  const baselines = referenceBaselines({ table, costs, processes, targets: { confidence: 0.95 }, smoothingMs: 0 });
  expect(baselines.map(({ every }) => every)).toEqual(step === 1 ? [1, 2] : [1, 3, 6]);
  // The model worker is the busiest of all by far: it sees each frame.
  expect(baselines[0].cost.frameUs).toBeCloseTo(costs.referenceUs, 0);
  expect(baselines[0].cost.frameUs / (baselines.at(-1)?.cost.frameUs ?? 0)).toBeGreaterThan(1.5 * step);
});
