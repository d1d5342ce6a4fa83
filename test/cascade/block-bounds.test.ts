import { describe, expect, it } from 'vitest';
import { type BlockCount, blockBounds } from '../../cascade/index.ts';
import { seeded } from './random.ts';

const blocksOf = (errors: readonly number[], frames = 100): BlockCount[] =>
  errors.map(count => ({ errors: count, frames }));

it('needs five blocks that count', () => {
  expect(blockBounds(blocksOf([1, 2, 3, 4]))).toBeNull();
  expect(blockBounds([...blocksOf([1, 2, 3, 4]), { errors: 0, frames: 0 }])).toBeNull();
  expect(blockBounds(blocksOf([1, 2, 3, 4, 5]))).toMatchObject({ blocks: 5 });
});

it('is the t interval of the mean when all blocks have the same size', () => {
  // Mean 3, standard deviation sqrt(2.5), t(4) = 2.776445: by hand and from any table.
  const reach = (2.776445105 * Math.sqrt(2.5 / 5)) / 100;
  const bounds = blockBounds(blocksOf([1, 2, 3, 4, 5]));
  expect(bounds?.low).toBeCloseTo(0.03 - reach, 9);
  expect(bounds?.high).toBeCloseTo(0.03 + reach, 9);
  expect(bounds?.method).toBe('ratio-t');
});

it.each([
  // [degrees of freedom, 97.5th percentile]: tables of Student's t
  [5, 2.570582],
  [9, 2.262157],
  [10, 2.228139],
  [29, 2.04523],
  [100, 1.983972],
])('uses t with %i degrees of freedom', (freedom, percentile) => {
  const errors = Array.from({ length: freedom + 1 }, (_, i) => 40 + (i % 2) * 2);
  const mean = errors.reduce((sum, count) => sum + count, 0) / errors.length;
  const variance = errors.reduce((sum, count) => sum + (count - mean) ** 2, 0) / freedom;
  const reach = (percentile * Math.sqrt(variance / errors.length)) / 100;
  expect(blockBounds(blocksOf(errors))?.high).toBeCloseTo(mean / 100 + reach, 7);
});

describe('with too few erring blocks to speak of scatter', () => {
  it.each([
    // [erring blocks, blocks, upper bound]: Clopper–Pearson, for 0 of n in closed form 1 - 0.025^(1/n)
    [0, 10, 1 - 0.025 ** (1 / 10)],
    [0, 100, 1 - 0.025 ** (1 / 100)],
    [1, 10, 0.445016],
    [2, 20, 0.316983],
  ])('counts %i of %i blocks as wholly wrong', (erring, count, high) => {
    const bounds = blockBounds(blocksOf(Array.from({ length: count }, (_, i) => (i < erring ? 1 : 0))));
    expect(bounds).toMatchObject({ low: 0, method: 'blocks-exact' });
    expect(bounds?.high).toBeCloseTo(high, 5);
  });

  it('does the same at the other end', () => {
    const wrong = blockBounds(blocksOf(Array.from({ length: 10 }, () => 100)));
    expect(wrong).toMatchObject({ high: 1, method: 'blocks-exact' });
    expect(wrong?.low).toBeCloseTo(0.025 ** (1 / 10), 9);
  });
});

it('holds in about 95 % of footage whose events are wholly missed or found', () => {
  const random = seeded(11);
  let held = 0;
  const rounds = 1000;
  for (let round = 0; round < rounds; round++) {
    // 60 blocks of which a fifth errs with half of its frames: the rate is 0.1.
    const bounds = blockBounds(Array.from({ length: 60 }, () => ({ errors: random() < 0.2 ? 50 : 0, frames: 100 })));
    if (bounds !== null && bounds.low <= 0.1 && bounds.high >= 0.1) held++;
  }
  expect(held / rounds).toBeGreaterThan(0.9);
  expect(held / rounds).toBeLessThan(0.99);
});
