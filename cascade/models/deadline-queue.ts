/** What can wait in a {@link DeadlineQueue}. */
export interface Due {
  /** When it is due, in ms on any clock; may be infinite. */
  readonly dueMs: number;
  /** Place in the order of arrival; unique. */
  readonly order: number;
}

/** A queue whose next item is the one that is due first; of equal ones, that which came first. */
export class DeadlineQueue<Item extends Due> {
  /** A binary heap. */
  readonly #items: Item[] = [];

  /** Items that wait. */
  get size(): number {
    return this.#items.length;
  }

  /** The next item; it stays. */
  get first(): Item | undefined {
    return this.#items[0];
  }

  /** Adds an item; O(1) when it is due last, as it is where all have the same time. */
  push(item: Item): void {
    let place = this.#items.length;
    this.#items.push(item);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isBefore(place, parent)) return;
      this.#swap(place, parent);
      place = parent;
    }
  }

  /** Takes the next item out. */
  shift(): Item | undefined {
    const [first] = this.#items;
    const last = this.#items.length - 1;
    if (first === undefined) return undefined;
    this.#swap(0, last);
    this.#items.pop();
    for (let place = 0; ; ) {
      const [left, right] = [2 * place + 1, 2 * place + 2];
      let next = place;
      if (left < last && this.#isBefore(left, next)) next = left;
      if (right < last && this.#isBefore(right, next)) next = right;
      if (next === place) return first;
      this.#swap(place, next);
      place = next;
    }
  }

  /** Takes everything out, in no particular order. */
  clear(): Item[] {
    return this.#items.splice(0);
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#items[a] as Item, this.#items[b] as Item];
    return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order);
  }

  #swap(a: number, b: number): void {
    const item = this.#items[a] as Item;
    this.#items[a] = this.#items[b] as Item;
    this.#items[b] = item;
  }
}
