import { StreamClock } from './stream-clock.ts';
import type { Window } from './window.ts';

/** What one item adds to each aggregate; undefined: the aggregate is not asked for, null: the item adds nothing. */
export interface Measured {
  readonly count: boolean | undefined;
  readonly sum: number | null | undefined;
  readonly min: number | null | undefined;
  readonly max: number | null | undefined;
  readonly mean: number | null | undefined;
  readonly any: boolean | undefined;
}

/** What the aggregates of a window came to; null: no item added anything. */
export interface WindowValues {
  readonly count: number;
  readonly sum: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly any: boolean;
}

/** A window that is over. */
interface ClosedWindow extends Partial<WindowValues> {
  readonly startUs: number;
  readonly endUs: number;
  readonly items: number;
  readonly complete: boolean;
}

/** Adds up the windows of one stream of items. Positions are µs of stream time, or numbers of items. */
export class WindowMachine {
  readonly #over: Window;
  readonly #clock: StreamClock;
  /** Open windows by the position of their beginning. */
  readonly #open = new Map<number, WindowSum>();
  #items = 0;

  constructor(over: Window) {
    this.#over = over;
    this.#clock = new StreamClock(over.latenessUs);
  }

  /** Takes an item; returns the windows that it ended, or `late` when all of its windows have been given out. */
  add(timestampUs: number, measured: Measured): readonly ClosedWindow[] | 'late' {
    const { kind, every, length } = this.#over;
    const position = kind === 'time' ? timestampUs : this.#items++;
    const ended = kind === 'time' ? this.#turnClock(timestampUs) : [];
    const last = Math.floor(position / every) * every;
    const over = kind === 'time' ? this.#clock.watermarkUs : position;
    let taken = false;
    for (let start = last; start > position - length; start -= every) {
      if (start < 0 && kind === 'frames') break;
      if (start + length <= over) break;
      const sum = this.#open.get(start) ?? new WindowSum(timestampUs);
      this.#open.set(start, sum);
      sum.add(timestampUs, measured);
      taken = true;
    }
    if (!taken) return 'late';
    return kind === 'time' ? ended : this.#close(start => start + length <= position + 1, true);
  }

  /** Gives out the windows that are left. */
  end(): readonly ClosedWindow[] {
    return this.#close(() => true, false);
  }

  #turnClock(timestampUs: number): readonly ClosedWindow[] {
    if (this.#clock.observe(timestampUs) === 'jumped') return this.end();
    const { watermarkUs } = this.#clock;
    return this.#close(start => start + this.#over.length <= watermarkUs, true);
  }

  #close(isOver: (start: number) => boolean, complete: boolean): readonly ClosedWindow[] {
    if (this.#open.size === 0) return [];
    const starts = [...this.#open.keys()].filter(isOver).sort((a, b) => a - b);
    return starts.map(start => {
      const sum = this.#open.get(start) as WindowSum;
      this.#open.delete(start);
      const { kind, length } = this.#over;
      const bounds = kind === 'time' ? { startUs: start, endUs: start + length } : sum.bounds;
      return { ...bounds, items: sum.items, complete, ...sum.values };
    });
  }
}

/** The sums of one window. */
class WindowSum {
  items = 0;
  readonly #startUs: number;
  #endUs: number;
  #count: number | undefined;
  #sum: number | undefined;
  #min: number | null | undefined;
  #max: number | null | undefined;
  #mean: { sum: number; count: number } | undefined;
  #any: boolean | undefined;

  constructor(startUs: number) {
    this.#startUs = startUs;
    this.#endUs = startUs;
  }

  add(timestampUs: number, { count, sum, min, max, mean, any }: Measured): void {
    this.items++;
    this.#endUs = timestampUs;
    if (count !== undefined) this.#count = (this.#count ?? 0) + (count ? 1 : 0);
    if (sum !== undefined) this.#sum = (this.#sum ?? 0) + (sum ?? 0);
    if (min !== undefined) this.#min = choose(Math.min, this.#min, min);
    if (max !== undefined) this.#max = choose(Math.max, this.#max, max);
    if (mean !== undefined) {
      this.#mean ??= { sum: 0, count: 0 };
      if (mean !== null) this.#mean = { sum: this.#mean.sum + mean, count: this.#mean.count + 1 };
    }
    if (any !== undefined) this.#any = this.#any === true || any;
  }

  get bounds(): { startUs: number; endUs: number } {
    return { startUs: this.#startUs, endUs: this.#endUs };
  }

  /** The aggregates that were asked for. */
  get values(): Partial<WindowValues> {
    const mean = this.#mean;
    return {
      ...(this.#count !== undefined && { count: this.#count }),
      ...(this.#sum !== undefined && { sum: this.#sum }),
      ...(this.#min !== undefined && { min: this.#min }),
      ...(this.#max !== undefined && { max: this.#max }),
      ...(mean !== undefined && { mean: mean.count === 0 ? null : mean.sum / mean.count }),
      ...(this.#any !== undefined && { any: this.#any }),
    };
  }
}

function choose(
  better: (a: number, b: number) => number,
  before: number | null | undefined,
  value: number | null,
): number | null {
  if (value === null) return before ?? null;
  return before === null || before === undefined ? value : better(before, value);
}
