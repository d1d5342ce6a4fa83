import { expect, test } from 'vitest';
import { BatchController, type BatchControllerOptions } from '../../../cascade/models/batch-controller.ts';

/** Runs full batches of a model whose batch of n things takes `ms(n)`, and tells the size after each. */
function run(
  ms: (size: number) => number,
  { batches, ...options }: BatchControllerOptions & { batches: number },
  controller = new BatchController(options),
): { controller: BatchController; sizes: number[] } {
  const sizes = Array.from({ length: batches }, () => {
    controller.add(controller.size, ms(controller.size), true);
    return controller.size;
  });
  return { controller, sizes };
}

test('a model that gains from batches takes larger ones, up to the limit', () => {
  const { sizes } = run(size => 1 + 0.1 * size, { maxSize: 32, limitMs: Number.POSITIVE_INFINITY, batches: 400 });
  expect(sizes[0]).toBe(1);
  expect(sizes.at(-1)).toBe(32);
  // One more at a time.
  for (const [i, size] of sizes.entries()) expect(size - (sizes[i - 1] ?? 1)).toBeLessThanOrEqual(1);
});

test('a model that gains nothing stays at 1, but for rare tries', () => {
  const { sizes } = run(size => 20 * size, { maxSize: 32, limitMs: Number.POSITIVE_INFINITY, batches: 3000 });
  expect(sizes.at(-1)).toBe(1);
  expect(Math.max(...sizes)).toBe(2);
  expect(sizes.filter(size => size > 1).length).toBeLessThan(40);
});

test('a model that gains up to some size stays there', () => {
  const { sizes } = run(size => (size <= 8 ? 10 : 2 * size), {
    maxSize: 64,
    limitMs: Number.POSITIVE_INFINITY,
    batches: 800,
  });
  const settled = sizes.slice(200);
  expect(settled.filter(size => size === 8).length).toBeGreaterThan(settled.length * 0.8);
  expect(Math.max(...settled)).toBeLessThanOrEqual(16);
});

test('grows until the limit is passed, then is cut by a tenth', () => {
  const { sizes } = run(size => 1 + 0.5 * size, { maxSize: 256, limitMs: 20, batches: 1000 });
  const settled = sizes.slice(300);
  // 38 take 20 ms; the next one is cut to nine tenths.
  expect(Math.max(...settled)).toBe(39);
  expect(Math.min(...settled)).toBe(Math.floor(39 * 0.9));
});

test('comes down to 1 when nothing else is fast enough, and goes up again', () => {
  let factor = 1;
  const ms = (size: number): number => factor * (1 + 0.1 * size);
  const options = { maxSize: 32, limitMs: 10, batches: 400 };
  const { controller } = run(ms, options);
  expect(controller.size).toBe(32);
  factor = 100;
  run(ms, options, controller);
  expect(controller.size).toBe(1);
  factor = 1;
  run(ms, options, controller);
  expect(controller.size).toBe(32);
});

test('batches that were not full say nothing about larger ones', () => {
  const controller = new BatchController({ maxSize: 32, limitMs: 100 });
  for (let i = 0; i < 100; i++) controller.add(1, 1, false);
  expect(controller.size).toBe(1);
});

test('batches are halved only where a thing takes about as long in half of them', () => {
  const options = { maxSize: 8, limitMs: Number.POSITIVE_INFINITY, batches: 400 };
  // A fixed part of 6 ms makes a thing in a batch of 4 take a third longer than in one of 8.
  const { controller: steep } = run(size => 6 + size, options);
  expect(steep.size).toBe(8);
  expect(steep.canBeHalved(8)).toBe(false);
  // One of 0.5 ms, by less than a tenth.
  const { controller: flat } = run(size => 0.5 + size, options);
  expect(flat.canBeHalved(8)).toBe(true);
  expect(flat.canBeHalved(1)).toBe(true);
});
