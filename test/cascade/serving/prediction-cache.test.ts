import { expect, test } from 'vitest';
import { PredictionCache } from '../../../cascade/serving/prediction-cache.ts';

/** A question whose answer the test gives. */
function question(): {
  ask: (signal?: AbortSignal) => Promise<string>;
  give(answer: string): void;
  fail(): void;
  calls: number;
  signal: AbortSignal | undefined;
} {
  let resolve: (answer: string) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const asked = {
    calls: 0,
    signal: undefined as AbortSignal | undefined,
    ask: (signal?: AbortSignal) => {
      asked.calls++;
      asked.signal = signal;
      return new Promise<string>((yes, no) => {
        resolve = yes;
        reject = no;
      });
    },
    give: (answer: string) => resolve(answer),
    fail: () => reject(new Error('failed')),
  };
  return asked;
}

const sizeOf = (answer: string): number => answer.length;

test('10,000 equal questions at the same time are asked once', async () => {
  const cache = new PredictionCache<string>({ maxBytes: 100, sizeOf });
  const one = question();
  const asked = Array.from({ length: 10_000 }, () => cache.ask('k', one.ask));
  one.give('yes');
  const answers = await Promise.all(asked);
  expect(one.calls).toBe(1);
  expect(answers.every(({ answer }) => answer === 'yes')).toBe(true);
  expect(answers.filter(({ isCached }) => !isCached)).toHaveLength(1);
  expect(await cache.ask('k', one.ask)).toEqual({ answer: 'yes', isCached: true });
  expect(cache.stats).toEqual({ hits: 1, joined: 9999, misses: 1, evictions: 0, entries: 1, bytes: 4 });
});

test('forgets what was not asked for longest, by bytes', async () => {
  const cache = new PredictionCache<string>({ maxBytes: 30, sizeOf });
  const ask = async (key: string, length: number): Promise<boolean> =>
    (await cache.ask(key, () => Promise.resolve('x'.repeat(length)))).isCached;
  expect([await ask('a', 9), await ask('b', 9), await ask('a', 9), await ask('c', 9)]).toEqual([
    false,
    false,
    true,
    false,
  ]);
  // Three take 30 bytes; a fourth drives out b, since a was asked for again.
  expect(await ask('d', 9)).toBe(false);
  expect([await ask('a', 9), await ask('c', 9), await ask('d', 9)]).toEqual([true, true, true]);
  expect(cache.stats).toMatchObject({ evictions: 1, entries: 3, bytes: 30 });
  // What is larger than everything is not kept, and drives nothing out.
  expect([await ask('e', 40), await ask('e', 40), await ask('a', 9)]).toEqual([false, false, true]);
});

test('a failure is told to all who wait, and is not remembered', async () => {
  const cache = new PredictionCache<string>({ maxBytes: 100, sizeOf });
  const one = question();
  const asked = [cache.ask('k', one.ask), cache.ask('k', one.ask)];
  one.fail();
  expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const again = cache.ask('k', one.ask);
  one.give('yes');
  expect(await again).toEqual({ answer: 'yes', isCached: false });
});

test('is given up when nobody waits any more, not before', async () => {
  const cache = new PredictionCache<string>({ maxBytes: 100, sizeOf });
  const [one, two] = [question(), question()];
  const [a, b] = [new AbortController(), new AbortController()];
  const asked = [cache.ask('k', one.ask, a.signal), cache.ask('k', one.ask, b.signal)];
  a.abort(new Error('gone'));
  await expect(asked[0]).rejects.toThrow('gone');
  expect(one.signal?.aborted).toBe(false);
  b.abort(new Error('gone too'));
  await expect(asked[1]).rejects.toThrow('gone too');
  expect(one.signal?.aborted).toBe(true);
  // Whoever comes then asks anew.
  const later = cache.ask('k', two.ask);
  one.fail();
  two.give('yes');
  expect(await later).toEqual({ answer: 'yes', isCached: false });
  expect(one.calls).toBe(1);
});
