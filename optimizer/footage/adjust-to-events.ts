import type { FootageSplit, LabeledPart, Stretch } from '../labeled-part.ts';

/** A split whose borders respect the events. */
export interface AdjustedSplit {
  readonly split: FootageSplit;
  /**
   * Borders (0–2) that an event still crosses, since it goes on for too long to be left out: then the parts on both sides
   * hold pieces of the same event, with the gap between them.
   */
  readonly crossedBorders: number;
}

/** Rows `from` (inclusive) to `to` (exclusive) of the timeline. */
interface Rows {
  from: number;
  to: number;
}

const partNames = ['train', 'threshold', 'test'] as const;
/** A border moves by at most this share of the shorter of its parts. */
const mostMoved = 0.25;
/** Rows left out on a side of a border, at most, as a share of the shorter of its parts. */
const mostLeftOut = 0.5;
/** As in `splitFootage`. */
const leastUs = 1e6;

/**
 * Moves the borders between the parts out of events, so that no event is in two parts, and the gaps stay: to the nearest
 * place where no event is cut on either side of the gap, at a keyframe if there is one; where there is no such place
 * near, both sides of the event that is cut are left out. An event is a run of positive rows of the timeline.
 * @param timeline - All frames of all sources: `labelPart` of one stretch a source, its range.
 * @param options.gapMs - Least time between two parts in ms, as `splitGapMs` gives it.
 */
export function adjustToEvents(split: FootageSplit, timeline: LabeledPart, options: { gapMs: number }): AdjustedSplit {
  const tape = new EventTape(timeline, split);
  const gapUs = options.gapMs * 1000;
  const parts = partNames.map(name => tape.rowsOf(split[name]));
  let crossedBorders = 0;
  let isMoved = false;
  for (let border = 0; border + 1 < parts.length; border++) {
    const [before, after] = [parts[border], parts[border + 1]];
    if (before === undefined || after === undefined || before.to <= before.from || after.to <= after.from) continue;
    if (!tape.isCutAt(before.to) && !tape.isCutAt(after.from)) continue;
    const gap = tape.moved(before, after, gapUs) ?? tape.widened(before, after);
    if (gap === null) {
      crossedBorders++;
      continue;
    }
    isMoved = true;
    before.to = gap.from;
    after.from = gap.to;
  }
  if (!isMoved) return { split, crossedBorders };
  const stretchesOf = (part: number): Stretch[] => tape.stretchesOf(parts[part] ?? { from: 0, to: 0 });
  return { split: { train: stretchesOf(0), threshold: stretchesOf(1), test: stretchesOf(2) }, crossedBorders };
}

/** The timeline as one tape without the time between sources, and the frames that the split uses of it. */
class EventTape {
  readonly #timeline: LabeledPart;
  readonly #timesUs: Float64Array;
  /** By stretch of the timeline: the frames that the split uses, borders apart. */
  readonly #used: readonly (Stretch['range'] | null)[];

  constructor(timeline: LabeledPart, split: FootageSplit) {
    this.#timeline = timeline;
    this.#timesUs = layOnTape(timeline);
    const stretches = partNames.flatMap(name => split[name]);
    this.#used = timeline.stretches.map(({ source, range }) => {
      const within = stretches.filter(one => one.source === source && overlaps(one.range, range));
      if (within.length === 0) return null;
      return {
        from: Math.min(...within.map(one => one.range.from)),
        to: Math.max(...within.map(one => one.range.to)),
      };
    });
  }

  /** Whether an event goes on from the row before a border to the row after it. */
  isCutAt(row: number): boolean {
    const { truth } = this.#timeline;
    return truth[row - 1] === 1 && truth[row] === 1;
  }

  /** The gap of the same length at the nearest place where it cuts no event; null when there is none near. */
  moved(before: Rows, after: Rows, gapUs: number): Rows | null {
    const { keyframes } = this.#timeline;
    const mostUs = mostMoved * Math.min(this.#lengthUs(before), this.#lengthUs(after));
    const homeUs = this.#timeUs(after.from);
    let best: Rows | null = null;
    let bestUs = Number.POSITIVE_INFINITY;
    let from = before.from;
    for (let to = before.from; to < after.to; to++) {
      while (from < to && this.#timeUs(from) < this.#timeUs(to) - gapUs) from++;
      // A keyframe within reach is better than any other place: those rank behind all keyframes.
      const movedUs = Math.abs(this.#timeUs(to) - homeUs);
      const rankUs = movedUs + (keyframes[to] === 1 ? 0 : mostUs);
      if (movedUs > mostUs || rankUs >= bestUs || this.isCutAt(from) || this.isCutAt(to)) continue;
      best = { from, to };
      bestUs = rankUs;
    }
    return best;
  }

  /** The gap grown over the events that it cuts; null when too much would be left out. */
  widened(before: Rows, after: Rows): Rows | null {
    const most = mostLeftOut * Math.min(before.to - before.from, after.to - after.from);
    let [from, to] = [before.to, after.from];
    while (this.isCutAt(from)) from--;
    while (this.isCutAt(to)) to++;
    return before.to - from <= most && to - after.from <= most ? { from, to } : null;
  }

  /** Rows from a part's first stretch to its last. */
  rowsOf(stretches: readonly Stretch[]): Rows {
    const [first, last] = [stretches[0], stretches.at(-1)];
    if (first === undefined || last === undefined) return { from: 0, to: 0 };
    return { from: this.#rowAt(first.source, first.range.from), to: this.#rowAt(last.source, last.range.to) };
  }

  /** The stretches that some rows are. */
  stretchesOf({ from, to }: Rows): Stretch[] {
    const { stretches, frames } = this.#timeline;
    return stretches.flatMap(({ source, rows, range }, i) => {
      const used = this.#used[i];
      if (used === null || used === undefined || from >= rows.to || to <= rows.from) return [];
      const cut = {
        from: Math.max(used.from, from > rows.from ? (frames[from] ?? 0) : range.from),
        // Up to its last row: the frames behind that may lie in the gap.
        to: Math.min(used.to, to < rows.to ? (frames[to - 1] ?? 0) + 1 : range.to),
      };
      const first = this.#rowAt(source, cut.from);
      const end = this.#rowAt(source, cut.to);
      return this.#timeUs(end - 1) - this.#timeUs(first) >= leastUs ? [{ source, range: cut }] : [];
    });
  }

  /** First row at or after a frame of a source. */
  #rowAt(source: number, frame: number): number {
    const { stretches, step } = this.#timeline;
    const home = stretches.find(one => one.source === source && frame >= one.range.from && frame <= one.range.to);
    if (home === undefined) throw new RangeError(`The timeline does not hold frame ${frame} of source ${source}.`);
    return home.rows.from + Math.ceil((frame - home.range.from) / step);
  }

  #timeUs(row: number): number {
    return this.#timesUs[row] ?? 0;
  }

  #lengthUs({ from, to }: Rows): number {
    return this.#timeUs(to - 1) - this.#timeUs(from);
  }
}

function overlaps(one: Stretch['range'], other: Stretch['range']): boolean {
  return one.from < other.to && other.from < one.to;
}

/** Times of the rows in µs from the tape's start: a source follows the one before after one row's time. */
function layOnTape({ stretches, timestampsUs }: LabeledPart): Float64Array {
  const times = new Float64Array(timestampsUs.length);
  let nextUs = 0;
  for (const { rows } of stretches) {
    const firstUs = timestampsUs[rows.from] ?? 0;
    for (let row = rows.from; row < rows.to; row++) times[row] = nextUs + (timestampsUs[row] ?? 0) - firstUs;
    const lastUs = times[rows.to - 1] ?? nextUs;
    nextUs = lastUs + (lastUs - (times[Math.max(rows.from, rows.to - 2)] ?? lastUs));
  }
  return times;
}
