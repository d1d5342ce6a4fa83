import { describe, expect, it } from 'vitest';
import { sumBlocks, upperBound } from '../../../optimizer/search/upper-bound.ts';
import { seeded } from '../../cascade/random.ts';

const boundOf = (errors: readonly number[], frames: readonly number[] | number, tail: number): number => {
  const sizes = typeof frames === 'number' ? errors.map(() => frames) : frames;
  return upperBound(sumBlocks(Int32Array.from(errors), Int32Array.from(sizes)), tail);
};

it.each([
  // [blocks, tail]: 1 - tail^(1/n), the exact binomial bound for none of n
  [5, 0.05],
  [20, 0.025],
  [100, 0.05],
  [300, 0.003],
])('equals the exact bound of no error in %i blocks', (blocks, tail) => {
  const exact = 1 - tail ** (1 / blocks);
  expect(boundOf(new Array<number>(blocks).fill(0), 100, tail)).toBeCloseTo(exact, 9);
  // Blocks of other sizes: only their shares count.
  const sizes = Array.from({ length: blocks }, (_, i) => 50 + (i % 2) * 100);
  expect(boundOf(new Array<number>(blocks).fill(0), sizes, tail)).toBeGreaterThan(0.9 * exact);
});

it('says nothing with fewer than 5 blocks that have such frames', () => {
  expect(boundOf([0, 0, 0, 0], 100, 0.05)).toBe(1);
  expect(boundOf([0, 0, 0, 0, 0], [100, 100, 100, 100, 0], 0.05)).toBe(1);
  expect(boundOf([0, 0, 0, 0, 0], 100, 0.05)).toBeLessThan(1);
});

it('is about the t bound of the mean where errors are many and even', () => {
  // Mean 0.3, standard deviation of a block 0.1 · sqrt(400 / 399); 1.6487 is t(399) at 5 % (tables).
  const errors = Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 20 : 40));
  const plain = 0.3 + (1.6487 * 0.1 * Math.sqrt(400 / 399)) / 20;
  const bound = boundOf(errors, 100, 0.05);
  expect(bound).toBeGreaterThan(plain);
  // The padding of about 1.2 blocks adds at most 1.2 · 0.7 ÷ 400 to the rate and little to its deviation.
  expect(bound).toBeLessThan(plain + 0.0021 + 0.002);
});

interface World {
  readonly name: string;
  /** Share of the blocks that are wholly wrong. */
  readonly missed: number;
  /** Share of the blocks that are wrong in part. */
  readonly partly: number;
  /** Mean share of wrong frames of all other blocks. */
  readonly edge: number;
}

describe('over 400 simulated footages whose blocks are of all sizes', () => {
  const gauss = (random: () => number): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const blockOf = (random: () => number, { missed, partly, edge }: World): [number, number] => {
    const frames = Math.max(10, Math.round(Math.exp(4 + 0.5 * gauss(random))));
    const luck = random();
    if (luck < missed) return [frames, frames];
    if (luck < missed + partly) return [Math.round(frames * random()), frames];
    return [Math.min(frames, Math.floor(2 * edge * random() * frames + random())), frames];
  };

  it.each<World & { readonly blocks: number }>([
    { name: 'now and then a whole event is missed', blocks: 300, missed: 0.01, partly: 0, edge: 0 },
    { name: 'rare misses in short footage', blocks: 40, missed: 0.03, partly: 0, edge: 0.01 },
    { name: 'misses, halves and edges', blocks: 100, missed: 0.005, partly: 0.02, edge: 0.005 },
    { name: 'many of all kinds', blocks: 100, missed: 0.05, partly: 0.1, edge: 0.02 },
    { name: 'edges alone', blocks: 40, missed: 0, partly: 0, edge: 0.01 },
  ])('holds in 94 % at least: $name', world => {
    const random = seeded(41);
    const rateOf = (count: number): number => {
      let [wrong, all] = [0, 0];
      for (let i = 0; i < count; i++) {
        const [errors, frames] = blockOf(random, world);
        wrong += errors;
        all += frames;
      }
      return wrong / all;
    };
    const truth = rateOf(200_000);
    let held = 0;
    for (let footage = 0; footage < 400; footage++) {
      const blocks = Array.from({ length: world.blocks }, () => blockOf(random, world));
      const bound = boundOf(
        blocks.map(([errors]) => errors),
        blocks.map(([, frames]) => frames),
        0.05,
      );
      if (bound >= truth) held++;
    }
    expect(held / 400).toBeGreaterThanOrEqual(0.94);
  });

  it('holds for the best of eight plans with the bounds shared, where its estimate is too low nearly always', () => {
    const random = seeded(42);
    const plans = 8;
    const world = { name: '', missed: 0, partly: 0, edge: 0.005 };
    // How easily each plan misses an event; an event as hard as that for all of them, and by chance for each.
    const limits = Array.from({ length: plans }, (_, plan) => 1.9 + 0.05 * plan);
    const misses = (hardness: number): boolean[] => limits.map(limit => 0.8 * hardness + 0.6 * gauss(random) > limit);
    const draw = (blocks: number): { errors: number[][]; frames: number[] } => {
      const errors: number[][] = limits.map(() => []);
      const frames: number[] = [];
      for (let block = 0; block < blocks; block++) {
        const [edge, size] = blockOf(random, world);
        frames.push(size);
        for (const [plan, missed] of misses(gauss(random)).entries()) errors[plan]?.push(missed ? size : edge);
      }
      return { errors, frames };
    };
    const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
    const later = draw(60_000);
    const truths = later.errors.map(own => sum(own) / sum(later.frames));
    let [held, estimateHeld] = [0, 0];
    for (let footage = 0; footage < 400; footage++) {
      const { errors, frames } = draw(40);
      const estimates = errors.map(own => sum(own) / sum(frames));
      const best = estimates.indexOf(Math.min(...estimates));
      const truth = truths[best] ?? 1;
      if (boundOf(errors[best] ?? [], frames, 0.05 / (2 * plans)) >= truth) held++;
      if ((estimates[best] ?? 1) >= truth) estimateHeld++;
    }
    expect(held / 400).toBeGreaterThanOrEqual(0.95);
    expect(estimateHeld / 400).toBeLessThan(0.2);
  });
});
