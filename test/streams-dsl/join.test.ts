import { concat, merge, type Observable, of, Subject, toArray } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { expect, it } from 'vitest';
import { type JoinOptions, type JoinType, join, type StreamItem } from '../../streams-dsl/index.ts';
import { seeded } from '../cascade/random.ts';
import { recordDrops } from './record-drops.ts';
import { at } from './sample-stream.ts';

interface Sighting extends StreamItem {
  readonly id: string;
  readonly plate: number;
}
type Pair = { readonly left: Sighting | null; readonly right: Sighting | null };
type Options = JoinOptions<Sighting, JoinType>;

const sighting = (id: string, ms: number, plate = 0): Sighting => at(ms, { id, plate });

/** Sends items in a given order to a join. */
function run(
  arrivals: readonly { readonly side: 'left' | 'right'; readonly item: Sighting }[],
  options: Options,
): Pair[] {
  const left = new Subject<Sighting>();
  const right = new Subject<Sighting>();
  const out: Pair[] = [];
  left.pipe(join(right, options)).subscribe(pair => out.push(pair));
  for (const { side, item } of arrivals) (side === 'left' ? left : right).next(item);
  left.complete();
  right.complete();
  return out;
}

/** A random order of both sides that keeps the order of each. */
function interleave(left: readonly Sighting[], right: readonly Sighting[], random: () => number) {
  const arrivals: { side: 'left' | 'right'; item: Sighting }[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length || r < right.length) {
    const side = r >= right.length || (l < left.length && random() < 0.5) ? 'left' : 'right';
    const item = side === 'left' ? left[l++] : right[r++];
    if (item !== undefined) arrivals.push({ side, item });
  }
  return arrivals;
}

const name = ({ left, right }: Pair): string => `${left?.id ?? '-'}${right?.id ?? '-'}`;
const plate = (item: Sighting): number => item.plate;

/** Items in the order of their time, up to the lateness. */
function randomSide(letter: string, random: () => number, latenessMs: number): Sighting[] {
  let ms = 0;
  const items = Array.from({ length: 40 }, (_, i) => {
    ms += Math.floor(random() * 150);
    return sighting(`${letter}${i}`, ms, Math.floor(random() * 3));
  });
  const sent = items.map(item => ({ item, at: item.timestampUs + random() * latenessMs * 1000 }));
  return sent.sort((a, b) => a.at - b.at).map(({ item }) => item);
}

it.each<[JoinType, boolean, number]>([
  ['inner', false, 0],
  ['left', false, 0],
  ['outer', false, 0],
  ['outer', true, 0],
  ['outer', false, 200],
  ['left', true, 200],
])(
  'by time gives what a batch computation gives: %s, by key too: %s, %i ms out of order',
  (type, byKey, latenessMs) => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = seeded(seed);
      const left = randomSide('l', random, latenessMs);
      const right = randomSide('r', random, latenessMs);
      const withinUs = 120_000;
      using record = recordDrops();
      const options = { within: '120ms' as const, type, lateness: latenessMs, ...(byKey && { key: plate }) };
      const got = run(interleave(left, right, random), options);

      // Naive: for each left item all right ones.
      const inOrder = [...left].sort((a, b) => a.timestampUs - b.timestampUs);
      const rights = [...right].sort((a, b) => a.timestampUs - b.timestampUs);
      const taken = new Set<Sighting>();
      const pairs: Pair[] = inOrder.map(l => {
        const gap = (r: Sighting): number => Math.abs(r.timestampUs - l.timestampUs);
        const near = rights.filter(r => gap(r) <= withinUs && (!byKey || r.plate === l.plate));
        const best = near.reduce<Sighting | null>((a, b) => (a === null || gap(b) < gap(a) ? b : a), null);
        if (best !== null) taken.add(best);
        return { left: l, right: best };
      });
      const lefts = type === 'inner' ? pairs.filter(pair => pair.right !== null) : pairs;
      const alone = type === 'outer' ? rights.filter(r => !taken.has(r)) : [];
      expect(got.filter(pair => pair.left !== null).map(name)).toEqual(lefts.map(name));
      expect(got.filter(pair => pair.left === null).map(pair => pair.right?.id)).toEqual(alone.map(r => r.id));
      expect(record.drops).toEqual([]);
    }
  },
);

it.each<JoinType>(['inner', 'left', 'outer'])('by key gives what a batch computation gives: %s', type => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = seeded(seed);
    const make = (letter: string) =>
      Array.from({ length: 12 }, (_, i) => sighting(`${letter}${i}`, 0, Math.floor(random() * 15)));
    const left = make('l');
    const right = make('r');
    const got = run(interleave(left, right, random), { key: plate, type });
    const expected = left.flatMap(l => right.filter(r => r.plate === l.plate).map(r => `${l.id}${r.id}`));
    const has = (side: readonly Sighting[], item: Sighting) => side.some(other => other.plate === item.plate);
    if (type !== 'inner') expected.push(...left.filter(l => !has(right, l)).map(l => `${l.id}-`));
    if (type === 'outer') expected.push(...right.filter(r => !has(left, r)).map(r => `-${r.id}`));
    expect(got.map(name).sort()).toEqual(expected.sort());
  }
});

it('gives a pair as soon as nothing nearer can come, and waits no longer for a side that has ended', () => {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(helpers => {
    const { cold, expectObservable, expectSubscriptions } = helpers;
    const items = { a: sighting('a', 1000), b: sighting('b', 2000), x: sighting('x', 1050), y: sighting('y', 1100) };
    const pairs = {
      m: { left: items.a, right: items.x },
      n: { left: items.b, right: null },
    };
    const left = cold('  a-----b---|', items);
    const right = cold(' --x-y--|', items);
    // x is 50 ms after a, so nothing that comes after x can be nearer.
    expectObservable(left.pipe(join(right, { within: '100ms', type: 'left' }))).toBe('--m----n--|', pairs);
    expectSubscriptions(left.subscriptions).toBe('^---------!');
    expectSubscriptions(right.subscriptions).toBe('^------!');
  });
});

it('ends with the first error, and unsubscribes the other side', () => {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(helpers => {
    const { cold, expectObservable, expectSubscriptions } = helpers;
    const left = cold<Sighting>('-----|');
    const right = cold<Sighting>('--#');
    expectObservable(left.pipe(join(right, { within: 1 }))).toBe('--#');
    expectSubscriptions(left.subscriptions).toBe('^-!');
  });
});

it('drops what is late, and settles all when a clock is set back', () => {
  using record = recordDrops();
  const left = (item: Sighting) => ({ side: 'left' as const, item });
  const right = (item: Sighting) => ({ side: 'right' as const, item });
  const got = run(
    [
      left(sighting('a', 60_000)),
      left(sighting('late', 59_999)),
      right(sighting('x', 59_950)),
      // The right camera was restarted: nothing near 60 s will come.
      right(sighting('y', 0)),
      left(sighting('b', 10)),
    ],
    { within: '100ms', type: 'outer' },
  );
  expect(got.map(name)).toEqual(['ax', 'by']);
  expect(record.drops).toMatchObject([{ reason: 'late', item: { id: 'late' }, operator: { kind: 'join' } }]);
});

it.each<[string, Options, string[], string[]]>([
  ['by time, left', { within: 1, type: 'left' }, ['l0-', 'l1-', 'l2-'], []],
  ['by time, inner', { within: 1 }, [], ['l0', 'l1', 'l2']],
  ['by key, left', { key: plate, type: 'left' }, ['l0-', 'l1-', 'l2-'], []],
  ['by key, inner', { key: plate }, [], ['l0', 'l1', 'l2']],
])('holds no more of a side that runs ahead than it may: %s', (_, options, given, dropped) => {
  using record = recordDrops();
  const items = Array.from({ length: 8 }, (_item, i) => sighting(`l${i}`, i * 1000, i));
  const out: string[] = [];
  const source = new Subject<Sighting>();
  const silent: Observable<Sighting> = new Subject();
  source.pipe(join(silent, { ...options, maxHeld: 5 })).subscribe(pair => out.push(name(pair)));
  for (const item of items) source.next(item);
  expect(out).toEqual(given);
  expect(record.drops.map(({ item, reason }) => [reason, (item as Sighting).id])).toEqual(
    dropped.map(id => ['bound', id]),
  );
});

it.each<[string, Options]>([
  ['by time', { within: 1, type: 'outer', maxHeld: 2 }],
  ['by key', { key: plate, type: 'outer', maxHeld: 2 }],
])('gives each right item that had no room exactly once: %s', (_, options) => {
  const rights = of(...Array.from({ length: 6 }, (_item, i) => sighting(`r${i}`, i * 1000, i)));
  const left = new Subject<Sighting>();
  const out: string[] = [];
  merge(left.pipe(join(concat(rights, new Subject<never>()), options))).subscribe(pair => out.push(name(pair)));
  expect(out).toEqual(['-r0', '-r1', '-r2', '-r3']);
  left.complete();
  expect(out).toEqual(['-r0', '-r1', '-r2', '-r3', '-r4', '-r5']);
});

it('drops items whose key cannot be found when told to', () => {
  using record = recordDrops();
  let out: readonly unknown[] = [];
  const key = (item: Sighting): number => {
    if (item.plate < 0) throw new Error('unreadable');
    return item.plate;
  };
  of(sighting('a', 0, 1), sighting('b', 1, -1))
    .pipe(join(of(sighting('x', 0, 1)), { key, onError: 'drop' }), toArray())
    .subscribe(pairs => (out = pairs.map(name)));
  expect(out).toEqual(['ax']);
  expect(record.drops).toMatchObject([{ reason: 'failed', item: { id: 'b' } }]);
});

it('joins two streams of one, and passes over others', () => {
  const source = new Subject<Sighting>();
  const out: string[] = [];
  let ends = 0;
  const joined = source.pipe(join(['door', 'yard'], { within: '100ms', type: 'outer' }));
  joined.subscribe({ next: pair => out.push(name(pair)), complete: () => ends++ });
  const send = (stream: string, id: string, ms: number): void => source.next({ ...sighting(id, ms), stream });
  send('door', 'a', 1000);
  send('street', 's', 1000);
  send('yard', 'x', 1050);
  send('yard', 'y', 1500);
  send('door', 'b', 2000);
  expect(out).toEqual(['ax', '-y']);
  source.complete();
  expect(out).toEqual(['ax', '-y', 'b-']);
  expect([ends, source.observed]).toEqual([1, false]);
});
