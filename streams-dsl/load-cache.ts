/** How values are loaded and kept. */
export interface LoadCacheOptions<Key, Value> {
  /** Loads a value. */
  readonly load: (key: Key) => PromiseLike<Value>;
  /** Most values, 1 or more. */
  readonly maxEntries: number;
  /** How long a value is good in ms; may be infinite. */
  readonly ttlMs: number;
  /** The machine's clock in ms. */
  readonly nowMs: () => number;
}

/** Values by key: those used last are kept, a value that is being loaded is loaded once, failures are not kept. */
export class LoadCache<Key, Value> {
  readonly #options: LoadCacheOptions<Key, Value>;
  /** In the order of their last use. */
  readonly #values = new Map<Key, { readonly value: Value; readonly goodUntilMs: number }>();
  readonly #loading = new Map<Key, Promise<Value>>();

  constructor(options: LoadCacheOptions<Key, Value>) {
    this.#options = options;
  }

  /** The value of a key, if it is there and still good. */
  get(key: Key): { readonly value: Value } | undefined {
    const kept = this.#values.get(key);
    if (kept === undefined) return undefined;
    this.#values.delete(key);
    if (kept.goodUntilMs <= this.#options.nowMs()) return undefined;
    this.#values.set(key, kept);
    return kept;
  }

  /** Loads the value of a key, or joins those who wait for it already. Rejects as `load` does. */
  load(key: Key): Promise<Value> {
    const underWay = this.#loading.get(key);
    if (underWay !== undefined) return underWay;
    const loading = this.#load(key).finally(() => {
      if (this.#loading.get(key) === loading) this.#loading.delete(key);
    });
    this.#loading.set(key, loading);
    return loading;
  }

  /** Lets the next one who asks load anew rather than join a loading that may hang; its value is kept should it come. */
  forget(key: Key): void {
    this.#loading.delete(key);
  }

  async #load(key: Key): Promise<Value> {
    const value = await this.#options.load(key);
    this.#keep(key, value);
    return value;
  }

  #keep(key: Key, value: Value): void {
    const { maxEntries, ttlMs, nowMs } = this.#options;
    this.#values.delete(key);
    this.#values.set(key, { value, goodUntilMs: nowMs() + ttlMs });
    if (this.#values.size <= maxEntries) return;
    for (const oldest of this.#values.keys()) {
      this.#values.delete(oldest);
      break;
    }
  }
}
