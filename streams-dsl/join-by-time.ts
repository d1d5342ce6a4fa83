import type { Arrival, JoinMachine, JoinSettings, Pair } from './join-machine.ts';
import { StreamClock } from './stream-clock.ts';
import type { StreamItem } from './stream-item.ts';

/** Settings of a join by time. */
export interface TimeJoinSettings extends JoinSettings {
  /** Greatest difference in µs, inclusive. */
  readonly withinUs: number;
  /** How far the items of a side may be out of order, in µs. */
  readonly latenessUs: number;
}

interface Held<Item> {
  readonly item: Item;
  readonly timeUs: number;
  readonly key: unknown;
  matched: boolean;
}

/** The nearest right item, within a tolerance, for each left item; both sides are held in the order of their time. */
export class JoinByTime<Left extends StreamItem, Right extends StreamItem> implements JoinMachine<Left, Right> {
  readonly #settings: TimeJoinSettings;
  readonly #lefts: Held<Left>[] = [];
  readonly #rights: Held<Right>[] = [];
  readonly #clocks: { readonly left: StreamClock; readonly right: StreamClock };
  readonly #ended = { left: false, right: false };

  constructor(settings: TimeJoinSettings) {
    this.#settings = settings;
    this.#clocks = { left: new StreamClock(settings.latenessUs), right: new StreamClock(settings.latenessUs) };
  }

  next(arrival: Arrival<Left, Right>, key: unknown): readonly Pair<Left, Right>[] {
    const { side } = arrival;
    const item = arrival.item as Left | Right;
    const pairs: Pair<Left, Right>[] = [];
    const order = this.#clocks[side].observe(item.timestampUs);
    if (order === 'late') {
      this.#settings.onDrop(item, 'late');
      return pairs;
    }
    if (order === 'jumped') {
      this.#settleAll(pairs);
      // What started anew on one side will do so on the other: its time says nothing until it is told again.
      this.#clocks[side === 'left' ? 'right' : 'left'].reset();
    }
    const held = { timeUs: item.timestampUs, key, matched: false };
    if (side === 'left') insert(this.#lefts, { ...held, item: item as Left });
    else insert(this.#rights, { ...held, item: item as Right });
    this.#settle(pairs);
    this.#makeRoom(pairs);
    return pairs;
  }

  end(side: 'left' | 'right'): readonly Pair<Left, Right>[] {
    this.#ended[side] = true;
    const pairs: Pair<Left, Right>[] = [];
    this.#settle(pairs);
    return pairs;
  }

  /** Time in µs before which a side will give nothing more. */
  #futureUs(side: 'left' | 'right'): number {
    return this.#ended[side] ? Number.POSITIVE_INFINITY : this.#clocks[side].watermarkUs;
  }

  #settle(pairs: Pair<Left, Right>[]): void {
    const { withinUs } = this.#settings;
    const rightsUs = this.#futureUs('right');
    let settled = 0;
    for (const left of this.#lefts) {
      // An earlier left item may still come.
      if (left.timeUs > this.#futureUs('left')) break;
      const nearest = this.#nearest(left);
      // A right item that is yet to come lies at `rightsUs` or later: could it be nearer?
      const isSettled =
        nearest === null ? rightsUs > left.timeUs + withinUs : rightsUs >= left.timeUs + distance(left, nearest);
      if (!isSettled) break;
      this.#emitLeft(left, nearest, pairs);
      settled++;
    }
    this.#lefts.splice(0, settled);
    // A right item is done with when it lies before all left items that are held or yet to come.
    const leftsUs = Math.min(this.#futureUs('left'), this.#lefts[0]?.timeUs ?? Number.POSITIVE_INFINITY);
    let done = 0;
    for (const right of this.#rights) {
      if (right.timeUs + withinUs >= leftsUs) break;
      this.#emitRight(right, pairs);
      done++;
    }
    this.#rights.splice(0, done);
  }

  #settleAll(pairs: Pair<Left, Right>[]): void {
    for (const left of this.#lefts.splice(0)) this.#emitLeft(left, this.#nearest(left), pairs);
    for (const right of this.#rights.splice(0)) this.#emitRight(right, pairs);
  }

  #makeRoom(pairs: Pair<Left, Right>[]): void {
    const { maxHeld, type, onDrop } = this.#settings;
    const left = this.#lefts.length > maxHeld ? this.#lefts.shift() : undefined;
    if (left !== undefined && !this.#emitLeft(left, this.#nearest(left), pairs)) onDrop(left.item, 'bound');
    const right = this.#rights.length > maxHeld ? this.#rights.shift() : undefined;
    if (right === undefined) return;
    this.#emitRight(right, pairs);
    if (!right.matched && type !== 'outer') onDrop(right.item, 'bound');
  }

  #nearest(left: Held<Left>): Held<Right> | null {
    let nearest: Held<Right> | null = null;
    const { withinUs } = this.#settings;
    for (let i = firstAtOrAfter(this.#rights, left.timeUs - withinUs); i < this.#rights.length; i++) {
      const right = this.#rights[i] as Held<Right>;
      if (right.timeUs > left.timeUs + withinUs) break;
      if (right.key === left.key && (nearest === null || distance(left, right) < distance(left, nearest)))
        nearest = right;
    }
    return nearest;
  }

  /** Whether it came out. */
  #emitLeft(left: Held<Left>, nearest: Held<Right> | null, pairs: Pair<Left, Right>[]): boolean {
    if (nearest !== null) nearest.matched = true;
    else if (this.#settings.type === 'inner') return false;
    pairs.push({ left: left.item, right: nearest?.item ?? null });
    return true;
  }

  #emitRight(right: Held<Right>, pairs: Pair<Left, Right>[]): void {
    if (!right.matched && this.#settings.type === 'outer') pairs.push({ left: null, right: right.item });
  }
}

function distance(a: Held<unknown>, b: Held<unknown>): number {
  return Math.abs(a.timeUs - b.timeUs);
}

/** Puts an item behind those of the same or an earlier time; nearly always that is the end. */
function insert<Item>(items: Held<Item>[], held: Held<Item>): void {
  items.splice(firstAtOrAfter(items, held.timeUs + 1), 0, held);
}

function firstAtOrAfter(items: readonly Held<unknown>[], timeUs: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((items[middle] as Held<unknown>).timeUs < timeUs) low = middle + 1;
    else high = middle;
  }
  return low;
}
