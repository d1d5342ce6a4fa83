import { EMPTY, NEVER, of } from 'rxjs';
import {
  aggregate,
  anyOf,
  events,
  filter,
  groupBy,
  join,
  lookup,
  map,
  tap,
  track,
  union,
  window,
  zone,
} from '../../streams-dsl/index.ts';
import type { OwnedItem } from './item-ledger.ts';
import { operatorContract, ownershipContract } from './operator-contract.ts';
import { person, referenced } from './sample-stream.ts';

type Item = { readonly stream: string; readonly frame: number; readonly timestampUs: number };
const item = (frame: number): Item => ({ stream: 'door', frame, timestampUs: frame * 100_000 });
const frames = [0, 1, 2, 3].map(item);
const count = 4;
const isEven = ({ frame }: Item): boolean => frame % 2 === 0;
const twoFrames = window({ frames: 2 });
const bounds = (from: number): object => ({ startUs: from * 1e5, endUs: (from + 1) * 1e5, items: 2, complete: true });

operatorContract({
  kind: 'map',
  operator: () => map((x: Item) => x.frame),
  item,
  count,
  expected: [0, 1, 2, 3],
  untilFirst: 1,
});
operatorContract({
  kind: 'filter',
  operator: () => filter((x: Item) => !isEven(x)),
  item,
  count,
  expected: [frames[1], frames[3]],
  untilFirst: 2,
});
operatorContract({
  kind: 'tap',
  operator: () => tap<Item>(() => undefined),
  item,
  count,
  expected: frames,
  untilFirst: 1,
});
operatorContract({ kind: 'union', operator: () => union<Item>(EMPTY), item, count, expected: frames, untilFirst: 1 });
operatorContract({
  kind: 'groupBy',
  operator: () => groupBy(isEven, aggregate({ over: twoFrames, count: (x: Item) => x.frame > 0 })),
  item,
  count,
  expected: [
    { key: true, value: { startUs: 0, endUs: 200_000, items: 2, complete: true, count: 1 } },
    { key: false, value: { startUs: 100_000, endUs: 300_000, items: 2, complete: true, count: 2 } },
  ],
  untilFirst: 3,
});
operatorContract({
  kind: 'aggregate',
  operator: () => aggregate({ over: twoFrames, sum: (x: Item) => x.frame, any: isEven }),
  item,
  count,
  expected: [
    { ...bounds(0), sum: 1, any: true },
    { ...bounds(2), sum: 5, any: true },
  ],
  untilFirst: 2,
});
operatorContract({
  kind: 'join',
  operator: () => join<Item, Item, 'left'>(EMPTY, { within: '1s', type: 'left' }),
  item,
  count,
  expected: frames.map(left => ({ left, right: null })),
  // Without an end of its own the left side keeps the right one from being heard: 1000 are held, then one must go.
  untilFirst: 1001,
});
operatorContract({
  kind: 'anyOf',
  operator: () => anyOf([() => NEVER, (x: Item) => of(x.frame)]),
  item,
  count,
  expected: [0, 1, 2, 3],
  untilFirst: 1,
});
operatorContract({
  kind: 'lookup',
  operator: () => lookup({ key: isEven, load: async (even: boolean) => (even ? 'e' : 'o'), default: '?' }),
  item,
  count,
  expected: frames.map(found => ({ item: found, value: isEven(found) ? 'e' : 'o', defaulted: null })),
  untilFirst: null,
});
operatorContract({
  kind: 'zone',
  operator: () =>
    zone<ReturnType<typeof referenced>>([
      [0, 0],
      [0.5, 0],
      [0.5, 1],
      [0, 1],
    ]),
  item: frame => referenced(frame, true, [person(0.1), person(0.8)]),
  count: 2,
  expected: [0, 1].map(frame => ({ ...referenced(frame, true, [person(0.1)]), score: 0.9 })),
  untilFirst: 1,
});
operatorContract({
  kind: 'track',
  operator: () => track<ReturnType<typeof referenced>>(),
  item: frame => referenced(frame, true, [person(0.1)]),
  count: 2,
  expected: [0, 1].map(frame => ({
    ...referenced(frame, true, [person(0.1)]),
    detections: [{ ...person(0.1), track: 1 }],
  })),
  untilFirst: 1,
});
operatorContract({
  kind: 'events',
  operator: () => map2(events({ minDuration: '100ms' })),
  item: frame => referenced(frame, true),
  count: 3,
  expected: ['io.saccade.event.started', 'io.saccade.event.ended'],
  untilFirst: 2,
});

/** Events by their type alone. */
function map2(operator: ReturnType<typeof events>): ReturnType<typeof events> {
  const typed = map((event: { readonly type: string }) => event.type);
  const piped = (source: Parameters<typeof operator>[0]): unknown => source.pipe(operator, typed);
  return Object.assign(piped, { description: operator.description }) as unknown as ReturnType<typeof events>;
}

const itself = (frame: OwnedItem): readonly OwnedItem[] => [frame];
const drop = { onError: 'drop' } as const;
const failing = (): never => {
  throw new Error('no');
};

ownershipContract('map', { operator: () => map((frame: OwnedItem) => frame), framesOf: itself, mostHeld: 1 });
ownershipContract('filter', { operator: () => filter<OwnedItem>(isEven), framesOf: itself, mostHeld: 1 });
ownershipContract('filter that drops', {
  operator: () => filter<OwnedItem>(failing, drop),
  framesOf: itself,
  mostHeld: 1,
});
ownershipContract('tap', { operator: () => tap(() => undefined), framesOf: itself, mostHeld: 1 });
ownershipContract('tap that drops', { operator: () => tap<OwnedItem>(failing, drop), framesOf: itself, mostHeld: 1 });
ownershipContract('union', { operator: () => union<OwnedItem>(EMPTY), framesOf: itself, mostHeld: 1 });
ownershipContract('groupBy', {
  operator: () =>
    groupBy(
      isEven,
      tap<OwnedItem>(() => undefined),
      { maxGroups: 1 },
    ),
  framesOf: ({ value }) => [value],
  mostHeld: 1,
});
ownershipContract('groupBy that drops', {
  operator: () =>
    groupBy<OwnedItem, never, OwnedItem>(
      failing,
      tap(() => undefined),
      drop,
    ),
  framesOf: ({ value }) => [value],
  mostHeld: 1,
});
ownershipContract('aggregate', {
  operator: () => aggregate<OwnedItem, 'count'>({ over: window({ every: '1s' }), count: true }),
  framesOf: () => [],
  mostHeld: 1,
});
ownershipContract('anyOf', {
  operator: () => anyOf([async (frame: OwnedItem) => frame.frame, () => NEVER], { concurrency: 2 }),
  framesOf: () => [],
  mostHeld: 2,
});
ownershipContract('anyOf that passes the frame', {
  operator: () => anyOf([async (frame: OwnedItem) => frame]),
  framesOf: itself,
  mostHeld: 2,
});
ownershipContract('anyOf that drops', {
  operator: () => anyOf<OwnedItem, never>([async () => failing()], drop),
  framesOf: () => [],
  mostHeld: 2,
});
ownershipContract('lookup', {
  operator: () =>
    lookup({ key: (x: OwnedItem) => x.frame % 3, load: async (key: number) => key, default: 0, concurrency: 2 }),
  framesOf: found => [found.item],
  mostHeld: 2,
});
