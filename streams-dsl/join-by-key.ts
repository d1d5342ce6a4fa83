import type { Arrival, JoinMachine, JoinSettings, Pair } from './join-machine.ts';

interface Held<Item> {
  readonly item: Item;
  readonly key: unknown;
  matched: boolean;
}

/** All pairs of items with equal keys, as in SQL. An item waits for partners until the other side ends or room is short. */
export class JoinByKey<Left, Right> implements JoinMachine<Left, Right> {
  readonly #settings: JoinSettings;
  readonly #sides: { readonly left: Side<Left>; readonly right: Side<Right> };

  constructor(settings: JoinSettings) {
    this.#settings = settings;
    this.#sides = { left: new Side(), right: new Side() };
  }

  next(arrival: Arrival<Left, Right>, key: unknown): readonly Pair<Left, Right>[] {
    const pairs: Pair<Left, Right>[] = [];
    if (arrival.side === 'left') {
      const held = { item: arrival.item as Left, key, matched: false };
      for (const right of this.#sides.right.partners(held)) pairs.push({ left: held.item, right });
      this.#keep('left', held, pairs);
    } else {
      const held = { item: arrival.item as Right, key, matched: false };
      for (const left of this.#sides.left.partners(held)) pairs.push({ left, right: held.item });
      this.#keep('right', held, pairs);
    }
    return pairs;
  }

  end(side: 'left' | 'right'): readonly Pair<Left, Right>[] {
    this.#sides[side].ended = true;
    // What waited for partners of the side that ended will find none.
    const pairs: Pair<Left, Right>[] = [];
    const others = side === 'left' ? 'right' : 'left';
    for (let held = this.#sides[others].takeOldest(); held !== undefined; held = this.#sides[others].takeOldest()) {
      this.#settle(others, held, pairs);
    }
    return pairs;
  }

  #keep(side: 'left' | 'right', held: Held<Left & Right> | Held<Left> | Held<Right>, pairs: Pair<Left, Right>[]): void {
    const other = side === 'left' ? this.#sides.right : this.#sides.left;
    if (other.ended) {
      this.#settle(side, held, pairs);
      return;
    }
    const own = this.#sides[side] as Side<unknown>;
    own.keep(held);
    if (own.size <= this.#settings.maxHeld) return;
    const oldest = own.takeOldest();
    if (oldest === undefined) return;
    const comesOut = this.#settle(side, oldest, pairs);
    if (!comesOut && !oldest.matched) this.#settings.onDrop(oldest.item, 'bound');
  }

  /** Whether the item came out unmatched. */
  #settle(side: 'left' | 'right', { item, matched }: Held<unknown>, pairs: Pair<Left, Right>[]): boolean {
    if (matched || this.#settings.type === 'inner') return false;
    if (side === 'left') pairs.push({ left: item as Left, right: null });
    else if (this.#settings.type === 'outer') pairs.push({ left: null, right: item as Right });
    else return false;
    return true;
  }
}

/** The items held of one side, by key and by age. */
class Side<Item> {
  ended = false;
  readonly #byKey = new Map<unknown, Set<Held<Item>>>();
  readonly #byAge = new Set<Held<Item>>();

  get size(): number {
    return this.#byAge.size;
  }

  *partners(held: Held<unknown>): Iterable<Item> {
    for (const partner of this.#byKey.get(held.key) ?? []) {
      partner.matched = true;
      held.matched = true;
      yield partner.item;
    }
  }

  keep(held: Held<Item>): void {
    this.#byAge.add(held);
    const same = this.#byKey.get(held.key);
    if (same === undefined) this.#byKey.set(held.key, new Set([held]));
    else same.add(held);
  }

  takeOldest(): Held<Item> | undefined {
    const [oldest] = this.#byAge;
    if (oldest === undefined) return undefined;
    this.#byAge.delete(oldest);
    const same = this.#byKey.get(oldest.key);
    same?.delete(oldest);
    if (same?.size === 0) this.#byKey.delete(oldest.key);
    return oldest;
  }
}
