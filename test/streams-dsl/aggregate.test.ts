import { of, toArray } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { expect, it } from 'vitest';
import { aggregate, type StreamItem, window } from '../../streams-dsl/index.ts';
import { seeded } from '../cascade/random.ts';
import { recordDrops } from './record-drops.ts';
import { at } from './sample-stream.ts';

interface Reading extends StreamItem {
  readonly value: number | null;
}
const reading = (ms: number, value: number | null = 1): Reading => at(ms, { value });
const readValue = ({ value }: Reading): number | null => value;

/** All aggregates, over one kind of window. */
function all(over: ReturnType<typeof window>) {
  return aggregate({
    over,
    count: ({ value }: Reading) => value !== null && value > 0,
    sum: readValue,
    min: readValue,
    max: readValue,
    mean: readValue,
    any: ({ value }: Reading) => value !== null && value > 5,
  });
}

function collect(items: readonly Reading[], over: ReturnType<typeof window>): unknown[] {
  let out: unknown[] = [];
  of(...items)
    .pipe(all(over), toArray())
    .subscribe(values => (out = values));
  return out;
}

/** What the values of a window come to, the naive way. */
function naive(values: readonly (number | null)[]): object {
  const numbers = values.filter(value => value !== null);
  const isEmpty = numbers.length === 0;
  return {
    items: values.length,
    count: numbers.filter(value => value > 0).length,
    sum: numbers.reduce((sum, value) => sum + value, 0),
    min: isEmpty ? null : Math.min(...numbers),
    max: isEmpty ? null : Math.max(...numbers),
    mean: isEmpty ? null : numbers.reduce((sum, value) => sum + value, 0) / numbers.length,
    any: numbers.some(value => value > 5),
  };
}

it.each([
  ['tumbling', 1000, 1000, 0],
  ['tumbling, late', 1000, 1000, 700],
  ['sliding', 500, 1700, 300],
  ['sliding in small steps', 100, 1000, 1000],
])('gives what a batch computation gives: windows of time, %s', (_, everyMs, lengthMs, latenessMs) => {
  for (let seed = 1; seed <= 15; seed++) {
    const random = seeded(seed);
    const items: Reading[] = [];
    for (let ms = -2000; items.length < 60; ms += Math.floor(random() * 300)) {
      const out = Math.floor(random() * 900);
      items.push(reading(ms - out, random() < 0.2 ? null : Math.floor(random() * 20) - 10));
    }
    using record = recordDrops();
    const over = window({ every: everyMs, length: lengthMs, lateness: latenessMs });
    const got = collect(items, over);

    // Naive: every window that could be, with the items that came before it was given out.
    const latest = items.map((_item, i) => Math.max(...items.slice(0, i + 1).map(x => x.timestampUs)));
    const everyUs = everyMs * 1000;
    const lengthUs = lengthMs * 1000;
    const taken = new Set<Reading>();
    const expected: object[] = [];
    for (let startUs = -10_000 * 1000; startUs < 40_000 * 1000; startUs += everyUs) {
      const endUs = startUs + lengthUs;
      const isOver = (i: number): boolean => (latest[i] ?? 0) - latenessMs * 1000 >= endUs;
      const inside = items.filter((x, i) => x.timestampUs >= startUs && x.timestampUs < endUs && !isOver(i));
      for (const x of inside) taken.add(x);
      if (inside.length === 0) continue;
      const complete = isOver(items.length - 1);
      expected.push({ startUs, endUs, complete, ...naive(inside.map(readValue)) });
    }
    expect(got).toEqual(expected);
    expect(record.drops.map(drop => drop.item)).toEqual(items.filter(x => !taken.has(x)));
    expect(record.drops.every(drop => drop.reason === 'late')).toBe(true);
  }
});

it.each([
  [3, 3],
  [3, 1],
  [5, 2],
])('gives what a batch computation gives: windows of %i frames, every %i', (frames, every) => {
  const random = seeded(frames * 10 + every);
  const items = Array.from({ length: 23 }, (_, i) => reading(i * 40, Math.floor(random() * 20) - 10));
  const expected: object[] = [];
  for (let start = 0; start < items.length; start += every) {
    const inside = items.slice(start, start + frames);
    const bounds = { startUs: inside[0]?.timestampUs, endUs: inside.at(-1)?.timestampUs };
    expected.push({ ...bounds, complete: inside.length === frames, ...naive(inside.map(readValue)) });
  }
  expect(collect(items, window({ frames, every }))).toEqual(expected);
});

it('gives a window out with the first item after its end and the lateness, never by the clock of the machine', () => {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, expectObservable }) => {
    const items = {
      a: reading(0),
      b: reading(999),
      c: reading(1000),
      d: reading(1499),
      e: reading(1500),
      f: reading(900),
    };
    const count = (lateness: number) => aggregate({ over: window({ every: '1s', lateness }), count: true });
    const bounds = { startUs: 0, endUs: 1_000_000, complete: true };
    const rest = { startUs: 1_000_000, endUs: 2_000_000, complete: false };
    expectObservable(cold('a 9s b 9s c---|', items).pipe(count(0))).toBe('- 9s - 9s w---(r|)', {
      w: { ...bounds, items: 2, count: 2 },
      r: { ...rest, items: 1, count: 1 },
    });
  });
});

it('begins anew when the clock is set back, and does not call that late', () => {
  using record = recordDrops();
  const items = [reading(60_000), reading(60_500), reading(100), reading(300), reading(1200)];
  const got = collect(items, window({ every: '1s' }));
  expect(got).toMatchObject([
    { startUs: 60_000_000, items: 2, complete: false },
    { startUs: 0, items: 2, complete: true },
    { startUs: 1_000_000, items: 1, complete: false },
  ]);
  expect(record.drops).toEqual([]);
});

it('survives a jump forward of a year without making the windows between', () => {
  const got = collect([reading(0), reading(365 * 86_400_000), reading(365 * 86_400_000 + 1)], window({ every: '1s' }));
  expect(got).toHaveLength(2);
});

it('leaves out what was dropped because a function threw', () => {
  using record = recordDrops();
  let out: unknown;
  const sum = ({ value }: Reading): number => {
    if (value === null) throw new Error('no value');
    return value;
  };
  of(reading(0, 2), reading(1, null), reading(2, 3))
    .pipe(aggregate({ over: window({ every: '1s' }), sum, onError: 'drop' }), toArray())
    .subscribe(values => (out = values));
  expect(out).toMatchObject([{ items: 2, sum: 5 }]);
  expect(record.drops).toMatchObject([{ reason: 'failed', operator: { kind: 'aggregate', options: { sum: 'sum' } } }]);
});
