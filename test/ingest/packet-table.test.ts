import { describe, expect, it } from 'vitest';
import {
  HIDDEN_PACKET,
  KEY_PACKET,
  keyframeAtOrBefore,
  type PacketColumns,
  packetTable,
} from '../../ingest/packet-table.ts';

const none = Number.NaN;

function columns(
  pts: number[],
  options: Partial<PacketColumns> & { keys?: number[]; hidden?: number[] } = {},
): PacketColumns {
  const { keys = [0], hidden = [], ...rest } = options;
  return {
    pts,
    dts: pts.map(() => none),
    sizes: pts.map(() => 100),
    flags: pts.map((_, at) => (keys.includes(at) ? KEY_PACKET : 0) | (hidden.includes(at) ? HIDDEN_PACKET : 0)),
    timeBase: { num: 1, den: 1000 },
    lastDuration: 0,
    reorderDelay: 2,
    ...rest,
  };
}

interface Row {
  readonly name: string;
  readonly given: PacketColumns;
  /** Index of the frame of each packet. */
  readonly indexOf: number[];
  /** Time of each frame in ms. */
  readonly timesMs: number[];
  readonly keyframes: number[];
}

const rows: Row[] = [
  {
    name: 'ranks B-frames by time',
    given: columns([0, 120, 40, 80]),
    indexOf: [0, 3, 1, 2],
    timesMs: [0, 40, 80, 120],
    keyframes: [0],
  },
  {
    name: 'keeps the order of equal times',
    given: columns([0, 40, 40, 40, 80]),
    indexOf: [0, 1, 2, 3, 4],
    timesMs: [0, 40, 40, 40, 80],
    keyframes: [0],
  },
  {
    name: 'takes decode times where others are missing',
    given: columns([0, none, 80], { dts: [0, 40, 80], reorderDelay: 0 }),
    indexOf: [0, 1, 2],
    timesMs: [0, 40, 80],
    keyframes: [0],
  },
  {
    name: 'makes times up where there are none at all',
    given: columns([none, none, none, none], { timeBase: { num: 1, den: 50 }, reorderDelay: 0 }),
    indexOf: [0, 1, 2, 3],
    timesMs: [0, 40, 80, 120],
    keyframes: [0],
  },
  {
    // An AVI with MPEG-4: I B B P B B, where only B-frames have times.
    name: 'infers the times of reference pictures from the next of their kind',
    given: columns([none, none, 80, 120, none, 200, 240], { dts: [0, 40, 80, 120, 160, 200, 240], reorderDelay: 1 }),
    indexOf: [0, 3, 1, 2, 6, 4, 5],
    timesMs: [40, 80, 120, 160, 200, 240, 280],
    keyframes: [0],
  },
  {
    name: 'goes on after a jump back by more than a second',
    given: columns([5000, 5040, 5080, 0, 40], { keys: [0, 3] }),
    indexOf: [0, 1, 2, 3, 4],
    timesMs: [5000, 5040, 5080, 5120, 5160],
    keyframes: [0, 3],
  },
  {
    name: 'keeps two parts apart whose times overlap',
    given: columns([0, 40, 80, 40, 80, 120], { keys: [0, 3] }),
    indexOf: [0, 1, 2, 3, 4, 5],
    timesMs: [0, 40, 80, 80, 80, 120],
    keyframes: [0, 3],
  },
  {
    name: 'forgives times that waver where decode order is presentation order',
    given: columns([0, 40, 30, 80], { reorderDelay: 0 }),
    indexOf: [0, 1, 2, 3],
    timesMs: [0, 40, 40, 80],
    keyframes: [0],
  },
  {
    name: 'leaves out packets that are not shown, and starts with the keyframe among them',
    given: columns([-80, -40, 0, 40, 80], { keys: [0, 4], hidden: [0, 1] }),
    indexOf: [-1, -1, 0, 1, 2],
    timesMs: [0, 40, 80],
    keyframes: [0, 2],
  },
  {
    name: 'has no keyframe at the start of footage that starts in the middle of a group',
    given: columns([0, 40, 80], { keys: [1] }),
    indexOf: [0, 1, 2],
    timesMs: [0, 40, 80],
    keyframes: [1],
  },
];

describe('packetTable', () => {
  it.each(rows)('$name', ({ given, indexOf, timesMs, keyframes }) => {
    const table = packetTable(given);
    expect([...table.indexOf]).toEqual(indexOf);
    expect([...table.frames.timestampsUs]).toEqual(timesMs.map(ms => ms * 1000));
    expect([...table.frames.keyframes]).toEqual(keyframes);
  });

  it('knows the leading pictures of open groups', () => {
    const table = packetTable(columns([0, 80, 40, 160, 120, 200], { keys: [0, 3] }));
    expect([...table.keyOrdinals]).toEqual([0, 3]);
    expect([...table.leadingEnds]).toEqual([1, 5]);
  });

  it('rounds times to whole µs, exactly, however large', () => {
    const timeBase = { num: 1, den: 90_000 };
    const large = 9_007_199_254_000;
    const table = packetTable(columns([1, large], { timeBase }));
    expect([...table.frames.timestampsUs]).toEqual([11, Number((BigInt(large) * 1_000_000n) / 90_000n)]);
  });

  it('adds the last frame to the duration', () => {
    expect(packetTable(columns([0, 40, 80])).durationUs).toBe(120_000);
    expect(packetTable(columns([0, 40, 80], { lastDuration: 25 })).durationUs).toBe(105_000);
    expect(packetTable(columns([])).durationUs).toBe(0);
  });
});

it('keyframeAtOrBefore finds the number of a keyframe', () => {
  const table = { timestampsUs: new Float64Array(30), keyframes: Uint32Array.of(5, 10, 20) };
  expect([0, 4, 5, 9, 10, 19, 20, 29].map(index => keyframeAtOrBefore(table, index))).toEqual([
    -1, -1, 0, 0, 1, 1, 2, 2,
  ]);
});
