import { of } from 'rxjs';
import { expect, it } from 'vitest';
import {
  aggregate,
  anyOf,
  durationMs,
  durationUs,
  events,
  filter,
  groupBy,
  join,
  lookup,
  map,
  parseDuration,
  tap,
  track,
  union,
  window,
  zone,
} from '../../streams-dsl/index.ts';

it.each([
  ['200ms', 200],
  ['1s', 1000],
  ['1.5s', 1500],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['0s', 0],
  [250, 250],
  [0.5, 0.5],
])('reads the duration %s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each(['1', 's', '-1s', '1 s', '1S', '1e3s', '', -1, Number.NaN, Number.POSITIVE_INFINITY, null, undefined, {}])(
  'refuses the duration %s',
  text => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

it('gives durations in whole µs and in ms', () => {
  expect(durationUs('0.0015ms')).toBe(2);
  expect(durationMs('2s')).toBe(2000);
});

/** What a program in JavaScript may pass. */
const loose = <Made>(make: unknown): ((...parts: unknown[]) => Made) => make as (...parts: unknown[]) => Made;
const f = (): number => 1;
const over = window({ every: '1s' });
const other = of<never>();

it.each<[what: string, make: () => unknown, names: readonly string[]]>([
  ['map without a function', () => loose(map)(3), ['map', 'project = 3', 'a function']],
  ['map with an unknown option', () => loose(map)(f, { onErr: 'drop' }), ['map', 'onErr', 'project, onError']],
  ['map with options that are none', () => loose(map)(f, { onError: 'x' }), ['map', '"x"', '"fail", "drop"']],
  ['filter without a function', () => loose(filter)(), ['filter', 'holds = undefined', 'a function']],
  ['tap without a function', () => loose(tap)({}), ['tap', 'look = {}', 'a function']],
  ['groupBy without an operator', () => loose(groupBy)(f), ['groupBy', 'each = undefined', 'a function']],
  ['groupBy without room', () => loose(groupBy)(f, f, { maxGroups: 0 }), ['groupBy', 'maxGroups = 0', 'at least 1']],
  ['union with an array', () => loose(union)([1]), ['union', 'others[0] = [1]', 'an Observable']],
  ['window without a step', () => loose(window)({}), ['window', 'every = undefined', 'a duration such as "1s"']],
  ['window of nothing', () => loose(window)('1m'), ['window', 'options = "1m"', 'an object']],
  ['window of no time', () => window({ every: 0 }), ['window', 'every = 0', 'at least 1 ms']],
  ['windows with gaps', () => window({ every: '1m', length: '1s' }), ['window', 'length = "1s"', 'at least 1m']],
  ['windows of frames with gaps', () => window({ frames: 3, every: 4 }), ['window', 'every = 4', 'at most 3']],
  ['windows of half a frame', () => window({ frames: 0.5 }), ['window', 'frames = 0.5', 'an integer']],
  [
    'aggregate over no window',
    () => loose(aggregate)({ count: true, over: '1m' }),
    ['aggregate', 'over = "1m"', 'window()'],
  ],
  ['aggregate of nothing', () => loose(aggregate)({ over }), ['aggregate', 'options = ', 'at least one of count']],
  ['aggregate of a number', () => loose(aggregate)({ over, sum: 1 }), ['aggregate', 'sum = 1', 'a function']],
  [
    'aggregate with an unknown one',
    () => loose(aggregate)({ over, median: f }),
    ['aggregate', 'median = (not shown)', 'count'],
  ],
  ['join with no stream', () => loose(join)([], { within: 1 }), ['join', 'other = []', 'an Observable']],
  ['join with one stream', () => loose(join)(['door'], { within: 1 }), ['join', 'other = ["door"]', 'names of two']],
  ['join with itself', () => join(['a', 'a'], { within: 1 }), ['join', 'other = ["a","a"]', 'names of two']],
  ['join by nothing', () => loose(join)(other, {}), ['join', 'within = undefined', 'within, key, or both']],
  ['join without options', () => loose(join)(other), ['join', 'options = undefined', 'an object']],
  ['right join', () => loose(join)(other, { within: 1, type: 'right' }), ['join', 'type = "right"', '"inner"']],
  ['anyOf nothing', () => anyOf([]), ['anyOf', 'alternatives = []', 'at least one']],
  ['anyOf with a value', () => loose(anyOf)([f, 1]), ['anyOf', 'alternatives[1] = 1', 'a function']],
  [
    'anyOf with a wrong deadline',
    () => loose(anyOf)([f], { deadline: 'soon' }),
    ['anyOf', 'deadline = "soon"', '"1s"'],
  ],
  ['lookup without a default', () => loose(lookup)({ key: f, load: f }), ['lookup', 'default = undefined']],
  [
    'lookup in a wrong cache',
    () => loose(lookup)({ key: f, load: f, default: 0, cache: { size: 3 } }),
    ['size = (not shown)'],
  ],
  ['track with a wrong overlap', () => track({ minOverlap: 2 }), ['track', 'minOverlap = 2', 'from 0 to 1']],
  [
    'zone of two points',
    () =>
      loose(zone)([
        [0, 0],
        [1, 1],
      ]),
    ['zone', 'polygon = [[0,0],[1,1]]', 'at least 3'],
  ],
  [
    'zone in pixels',
    () =>
      zone([
        [0, 0],
        [640, 0],
        [0, 1],
      ]),
    ['zone', 'polygon[1] = [640,0]', 'from 0 to 1'],
  ],
  ['events by a wrong threshold', () => events({ startThreshold: 7 }), ['events', 'startThreshold = 7', 'from 0 to 1']],
  ['events that stop first', () => events({ startThreshold: 0.5, stopThreshold: 0.6 }), ['stopThreshold = 0.6', '0.5']],
  ['events that stop alone', () => events({ stopThreshold: 0.6 }), ['stopThreshold = 0.6', 'startThreshold']],
  ['events at no date', () => events({ startTime: new Date('x') }), ['events', 'startTime', 'a Date']],
])('refuses %s', (_, make, names) => {
  expect(make).toThrow(expect.objectContaining({ code: 'STREAMS_OPTION_INVALID' }));
  for (const name of names) expect(make).toThrow(name);
});
