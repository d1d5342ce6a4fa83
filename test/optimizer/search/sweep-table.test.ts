import { expect, it } from 'vitest';
import { planStructures } from '../../../optimizer/search/plan-structures.ts';
import { prepareSearchPart } from '../../../optimizer/search/search-part.ts';
import { CascadeSimulator } from '../../../optimizer/search/simulate-cascade.ts';
import { rowTally } from '../../../optimizer/search/sweep-keyframes.ts';
import { TableSweep } from '../../../optimizer/search/sweep-table.ts';
import { seeded } from '../../cascade/random.ts';
import { bruteForceSweep } from './brute-force-sweep.ts';
import { randomTable } from './random-table.ts';
import { someCosts } from './some-costs.ts';

it('finds the cheapest thresholds, and among the cheapest those with the fewest errors, as brute force does', () => {
  const random = seeded(31);
  let [found, none] = [0, 0];
  for (let round = 0; round < 14; round++) {
    const step = 1 + (round % 2);
    const smoothingMs = [0, 400][round % 2] ?? 0;
    const skips = [
      ...[1, 2, 6].map(factor => ({ kind: 'every', tSkip: factor * step }) as const),
      { kind: 'keyframes' } as const,
    ];
    const table = randomTable({ random, stretches: 2, rows: 22, step, smoothingMs, skips });
    const costs = someCosts(table);
    const processes = { workers: 1, replicas: 1 + (round % 2), cores: 2 };
    const target = [0.05, 0.1, 0.2, 0.3][round % 4] ?? 0;
    const targets = { falseNegativeRate: target, falsePositiveRate: 0.3 - target / 2, confidence: 0.95 };
    const sweep = new TableSweep(table, prepareSearchPart(table.part, smoothingMs), { costs, processes });
    for (const structure of planStructures(table)) {
      const swept = sweep.sweep(structure, targets, { kind: 'estimate' });
      const triples = bruteForceSweep({ table, structure, targets, smoothingMs, costs, processes });
      if (swept === null) {
        none++;
        expect(triples).toEqual([]);
        continue;
      }
      found++;
      const level = Math.min(...triples.map(triple => triple.level));
      const ratio = Math.min(...triples.filter(triple => triple.level === level).map(triple => triple.ratio));
      expect(swept.level).toBe(level);
      expect(swept.ratio).toBeCloseTo(ratio, 12);
      expect(triples.map(({ thresholds }) => thresholds)).toContainEqual(swept.thresholds);
    }
  }
  expect(found).toBeGreaterThan(80);
  expect(none).toBeGreaterThan(40);
});

it('rests on this: raising cLow never lowers the false negatives nor raises the false positives', () => {
  const random = seeded(32);
  for (let round = 0; round < 30; round++) {
    const skips = [...[1, 2, 6].map(tSkip => ({ kind: 'every', tSkip }) as const), { kind: 'keyframes' } as const];
    const table = randomTable({ random, stretches: 2, rows: 60, step: 1, smoothingMs: 400, skips });
    const search = prepareSearchPart(table.part, 400);
    const simulator = new CascadeSimulator(table, search);
    for (const structure of planStructures(table)) {
      if (structure.specialized === null) continue;
      const deltaDiff = structure.difference === null ? null : 10 * random();
      const errors = (cLow: number, cHigh: number): [number, number] => {
        const tally = rowTally(search, simulator.run(structure, { deltaDiff, cLow, cHigh }).labels);
        return [tally.falseNegativeRows, tally.falsePositiveRows];
      };
      const [a, b, c] = [random(), random(), random()].sort((x, y) => x - y) as [number, number, number];
      const [low, raised, lowered] = [errors(a, c), errors(b, c), errors(a, b)];
      expect(raised[0]).toBeGreaterThanOrEqual(low[0]);
      expect(raised[1]).toBeLessThanOrEqual(low[1]);
      // Lowering cHigh does the reverse.
      expect(lowered[0]).toBeLessThanOrEqual(low[0]);
      expect(lowered[1]).toBeGreaterThanOrEqual(low[1]);
    }
  }
});
