import type { FrameTable } from './footage.ts';
import type { FrameIndex } from './frame.ts';

/** What demuxing says about the packets of one video stream: columns in decode order. */
export interface PacketColumns {
  /** Presentation times in ticks of the time base; NaN where the container gives none. */
  readonly pts: readonly number[];
  /** Decode times in ticks of the time base; NaN where the container gives none. */
  readonly dts: readonly number[];
  /** Compressed sizes in bytes. */
  readonly sizes: readonly number[];
  /** 1: can be decoded without an earlier one; 2: decoded but not shown (before the start of an edit list); or both. */
  readonly flags: readonly number[];
  /** Seconds a tick, as a fraction. */
  readonly timeBase: { readonly num: number; readonly den: number };
  /** Duration of the last packet shown in ticks; 0 when unknown. */
  readonly lastDuration: number;
  /** Frames that the decoder holds back to bring them into presentation order; 0 means decode order is that order. */
  readonly reorderDelay: number;
}

/** Flag of a packet that can be decoded without an earlier one. */
export const KEY_PACKET = 1;
/** Flag of a packet that is decoded but not shown. */
export const HIDDEN_PACKET = 2;

/** Packets by their place in decode order ("ordinal"), frames by their place in presentation order ("index"). */
export interface PacketTable {
  readonly frames: FrameTable;
  /** Index of the frame that each packet holds; -1 when it is not shown. */
  readonly indexOf: Int32Array;
  /** Presentation time of each frame in ticks as the container gives it; NaN where it gives none. */
  readonly ticks: Float64Array;
  /** Ordinal at which decoding starts for each of `frames.keyframes`. */
  readonly keyOrdinals: Uint32Array;
  /** Decode time of each keyframe's packet in µs as the container gives it, else its presentation time. */
  readonly keyDecodeTimesUs: Float64Array;
  /** For each keyframe the ordinal after its leading pictures: those decoded after it and shown before it. */
  readonly leadingEnds: Uint32Array;
  /**
   * Whether the order of the packets says nothing about that of the frames (times are missing although the decoder
   * reorders): then frames count up as they leave the decoder.
   */
  readonly countsEmissions: boolean;
  /** Duration in µs from the first frame to the end of the last. */
  readonly durationUs: number;
}

/** Times that jump back further than this are those of another recording, shifted to follow what came before; 1 s. */
const JUMP_BACK_SECONDS = 1;

/**
 * Ranks packets by presentation time; every shown packet gets an index of its own, whatever its times are worth:
 * missing times fall back to decode times and then to the usual distance, jumps back go on after what came before,
 * equal times keep decode order.
 */
export function packetTable(columns: PacketColumns): PacketTable {
  const { dts, flags, timeBase, reorderDelay } = columns;
  const pts = reorderDelay === 1 ? withInferredTimes(columns) : columns.pts;
  const count = pts.length;
  const missing = pts.reduce((sum, tick) => sum + (Number.isNaN(tick) ? 1 : 0), 0);
  const inDecodeOrder = reorderDelay === 0 && pts.every((tick, at) => isSame(tick, dts[at]));
  const countsEmissions = missing * 2 > count;
  const { ticks, parts } = times({ ...columns, pts: countsEmissions ? dts : pts }, inDecodeOrder || countsEmissions);

  const order: number[] = [];
  for (let at = 0; at < count; at++) if (!((flags[at] ?? 0) & HIDDEN_PACKET)) order.push(at);
  order.sort((a, b) => (parts[a] ?? 0) - (parts[b] ?? 0) || (ticks[a] ?? 0) - (ticks[b] ?? 0) || a - b);

  const indexOf = new Int32Array(count).fill(-1);
  const timestampsUs = new Float64Array(order.length);
  order.forEach((ordinal, index) => {
    indexOf[ordinal] = index;
    const before = timestampsUs[index - 1] ?? Number.NEGATIVE_INFINITY;
    timestampsUs[index] = Math.max(before, microseconds(ticks[ordinal] ?? 0, timeBase));
  });
  const keys = keyframes(flags, indexOf);
  const step = order.length > 1 ? ((timestampsUs.at(-1) ?? 0) - (timestampsUs[0] ?? 0)) / (order.length - 1) : 0;
  const lastUs = columns.lastDuration > 0 ? microseconds(columns.lastDuration, timeBase) : Math.round(step);
  return {
    frames: { timestampsUs, keyframes: Uint32Array.from(keys, key => key.index) },
    indexOf,
    ticks: Float64Array.from(order, ordinal => columns.pts[ordinal] ?? Number.NaN),
    keyOrdinals: Uint32Array.from(keys, key => key.ordinal),
    keyDecodeTimesUs: Float64Array.from(keys, ({ index, ordinal }) => {
      const decoded = dts[ordinal] ?? Number.NaN;
      return Number.isNaN(decoded) ? (timestampsUs[index] ?? 0) : microseconds(decoded, timeBase);
    }),
    leadingEnds: Uint32Array.from(keys, (key, at) => leadingEnd(indexOf, key, keys[at + 1]?.ordinal ?? count)),
    countsEmissions,
    durationUs: order.length === 0 ? 0 : (timestampsUs.at(-1) ?? 0) - (timestampsUs[0] ?? 0) + lastUs,
  };
}

/** Number of the last keyframe at or before a frame among the table's keyframes; -1 before the first. */
export function keyframeAtOrBefore(table: FrameTable, index: FrameIndex): number {
  let low = 0;
  let high = table.keyframes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((table.keyframes[middle] ?? 0) <= index) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Times in µs of ticks, rounded to an integer. */
export function microseconds(ticks: number, timeBase: { readonly num: number; readonly den: number }): number {
  const scaled = ticks * timeBase.num * 1e6;
  if (Number.isSafeInteger(scaled)) return Math.round(scaled / timeBase.den);
  return Number((BigInt(Math.round(ticks)) * BigInt(timeBase.num) * 1_000_000n) / BigInt(timeBase.den));
}

/**
 * AVI and MPEG program streams give the pictures that others refer to no time of their own. With a delay of one such a
 * picture is shown when the next of its kind is decoded.
 */
function withInferredTimes(columns: PacketColumns): readonly number[] {
  const { pts, dts } = columns;
  if (!pts.some(Number.isNaN) || pts.every(Number.isNaN)) return pts;
  const inferred = [...pts];
  let next = Number.NaN;
  for (let at = pts.length - 1; at >= 0; at--) {
    const [shown = Number.NaN, decoded = Number.NaN] = [pts[at], dts[at]];
    if (!Number.isNaN(shown) && shown === decoded) continue;
    if (Number.isNaN(shown)) inferred[at] = Number.isNaN(next) ? (dts.at(-1) ?? 0) + usualStep(columns) : next;
    next = decoded;
  }
  return inferred;
}

interface Times {
  /** Presentation time of each packet in ticks, in decode order. */
  readonly ticks: Float64Array;
  /** Part of the file that each packet belongs to: a keyframe that is not later than all before it starts another. */
  readonly parts: Uint32Array;
}

function times(columns: PacketColumns, inDecodeOrder: boolean): Times {
  const { pts, dts, flags, timeBase } = columns;
  const jump = (JUMP_BACK_SECONDS * timeBase.den) / timeBase.num;
  const step = usualStep(columns);
  const ticks = new Float64Array(pts.length);
  const parts = new Uint32Array(pts.length);
  let offset = 0;
  let latest = Number.NaN;
  let part = 0;
  for (let at = 0; at < ticks.length; at++) {
    let tick = (pts[at] ?? Number.NaN) + offset;
    if (Number.isNaN(tick)) tick = (dts[at] ?? Number.NaN) + offset;
    if (Number.isNaN(tick)) tick = Number.isNaN(latest) ? 0 : latest + step;
    if ((flags[at] ?? 0) & KEY_PACKET && tick <= latest) {
      part++;
      if (tick < latest - jump) {
        offset += latest + step - tick;
        tick = latest + step;
      }
    }
    if (inDecodeOrder && tick < latest) tick = latest;
    ticks[at] = tick;
    parts[at] = part;
    if (!(tick <= latest)) latest = tick;
  }
  return { ticks, parts };
}

function isSame(tick: number, other: number | undefined): boolean {
  return tick === other || Number.isNaN(tick) || other === undefined || Number.isNaN(other);
}

function usualStep(columns: PacketColumns): number {
  const times = columns.dts.some(tick => !Number.isNaN(tick)) ? columns.dts : columns.pts;
  const steps: number[] = [];
  for (let at = 1; at < times.length && steps.length < 1000; at++) {
    const step = (times[at] ?? Number.NaN) - (times[at - 1] ?? Number.NaN);
    if (step > 0) steps.push(step);
  }
  steps.sort((a, b) => a - b);
  return steps[steps.length >> 1] ?? Math.max(1, Math.round(columns.timeBase.den / columns.timeBase.num / 25));
}

interface Keyframe {
  readonly index: FrameIndex;
  readonly ordinal: number;
}

function keyframes(flags: readonly number[], indexOf: Int32Array): Keyframe[] {
  const keys: Keyframe[] = [];
  let hiddenKey = -1;
  let firstShown = -1;
  for (let ordinal = 0; ordinal < indexOf.length; ordinal++) {
    const index = indexOf[ordinal] ?? -1;
    const isKey = ((flags[ordinal] ?? 0) & KEY_PACKET) !== 0;
    if (index >= 0 && firstShown < 0) firstShown = ordinal;
    if (!isKey) continue;
    if (index >= 0) keys.push({ index, ordinal });
    else if (firstShown < 0) hiddenKey = ordinal;
  }
  keys.sort((a, b) => a.ordinal - b.ordinal);
  // An edit list may start within a group of pictures: frame 0 is then decodable from a keyframe that is not shown.
  if (hiddenKey >= 0 && keys[0]?.index !== 0) keys.unshift({ index: 0, ordinal: hiddenKey });
  return keys.filter((key, at) => at === 0 || key.index > (keys[at - 1]?.index ?? 0));
}

function leadingEnd(indexOf: Int32Array, key: Keyframe, nextKeyOrdinal: number): number {
  let end = key.ordinal + 1;
  if (indexOf[key.ordinal] !== key.index) return end;
  for (let at = end; at < nextKeyOrdinal; at++) {
    const index = indexOf[at] ?? -1;
    if (index >= 0 && index < key.index) end = at + 1;
  }
  return end;
}
