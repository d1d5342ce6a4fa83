import { describe, expect, it } from 'vitest';
import { classifierGrid } from '../../../optimizer/index.ts';
import {
  affordableCandidates,
  affordableSteps,
  countRungs,
  stepUs,
  survivors,
} from '../../../optimizer/training/training-budget.ts';

const region = { x: 0.2, y: 0.3, width: 0.4, height: 0.5 };

describe('classifierGrid', () => {
  it('has each model once, cheap ones first', () => {
    const grid = classifierGrid({ region, frameAspect: 16 / 9, hasScene: true });
    const ids = grid.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe(2 * 9 * 2 * 2 + 2);
    expect(ids.slice(0, 4)).toEqual([
      'cnn2-16-32-scene-region',
      'cnn2-16-32-scene-whole',
      'cnn2-16-32-raw-region',
      'cnn2-16-32-raw-whole',
    ]);
    expect(ids.slice(0, 10)).toContain('linear-8-whole');
    expect(grid.find(({ id }) => id === 'cnn4-32-64-raw-whole')?.network).toMatchObject({ filters: [32, 32, 64, 64] });
  });

  it('leaves out what needs a scene or a region', () => {
    const ids = classifierGrid({ region: null, frameAspect: 16 / 9, hasScene: false }).map(({ id }) => id);
    expect(ids.length).toBe(2 * 9);
    expect(ids.every(id => id.endsWith('-raw-whole'))).toBe(true);
  });

  it.each([
    // region, input, crop
    [region, [160, 120], { left: 32, top: 36, width: 64, height: 60 }],
    [{ x: 0, y: 0.5, width: 1, height: 0.1 }, [160, 160], { left: 0, top: 80, width: 160, height: 16 }],
    [{ x: 0.99, y: 0, width: 0.01, height: 0.01 }, [160, 160], { left: 144, top: 0, width: 16, height: 16 }],
  ])('scales the frame so that the region %o has about 72² px of its shape', (box, [width, height], crop) => {
    const { view } = classifierGrid({ region: box, frameAspect: 16 / 9, hasScene: false })[0] ?? {};
    expect(view?.request).toMatchObject({ width, height });
    expect(view?.crop).toEqual(crop);
  });
});

describe('the budget', () => {
  const grid = classifierGrid({ region, frameAspect: 16 / 9, hasScene: true });

  it('halves down to two', () => {
    expect([1, 2, 3, 4, 9, 18].map(survivors)).toEqual([1, 2, 2, 2, 5, 9]);
    expect([1, 2, 3, 4, 9, 18].map(countRungs)).toEqual([1, 1, 2, 2, 4, 5]);
  });

  it('turns time into steps of the schedule over the workers', () => {
    const candidates = [0, 1_000_000, 1_000_000].map(multiplyAdds => ({ multiplyAdds }));
    const [cheap, costly] = [stepUs({ multiplyAdds: 0 }), stepUs({ multiplyAdds: 1_000_000 })];
    const rungMs = 60_000;
    const steps = (workers: number) => affordableSteps(candidates, { rungMs, workers });
    expect(steps(1)).toBe(Math.floor(60e6 / (cheap + 2 * costly)));
    expect(steps(2)).toBe(Math.floor(60e6 / (cheap + costly)));
    expect(steps(3)).toBe(Math.floor(60e6 / costly));
    expect(affordableSteps(candidates, { rungMs: 0.001, workers: 1 })).toBe(1);
  });

  it('takes a longer front of the grid the longer the search may take, and at least one', () => {
    const counts = [1, 10_000, 30_000, 120_000, 600_000, 36_000_000].map(searchDurationMs => {
      const front = affordableCandidates(grid, { searchDurationMs, workers: 2 });
      expect(front).toEqual(grid.slice(0, front.length));
      return front.length;
    });
    expect(counts[0]).toBe(1);
    expect(counts.at(-1)).toBe(grid.length);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts[3]).toBeGreaterThanOrEqual(8); // two minutes, the default
  });
});
