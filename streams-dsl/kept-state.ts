/**
 * What an operator knows of each stream, where that outlives it: an operator that is started again, here or on another machine,
 * goes on as if it had never ended. Plain JSON data. Where nobody keeps anything, it costs nothing.
 */
export class KeptState {
  #kept: ReadonlyMap<string, unknown> = new Map();
  #save: (stream: string) => unknown = () => undefined;

  /** Puts in what was kept, by stream, for the subscription that follows. */
  restore(kept: ReadonlyMap<string, unknown>): void {
    this.#kept = kept;
    this.#save = () => undefined;
  }

  /**
   * Called by the operator when it is subscribed.
   * @param save - What it knows of a stream now; undefined: nothing.
   * @returns what was kept of a stream; undefined: nothing.
   */
  attach(save: (stream: string) => unknown): (stream: string) => unknown {
    this.#save = save;
    const kept = this.#kept;
    return stream => kept.get(stream);
  }

  /** What the operator knows of a stream now; undefined: nothing. */
  save(stream: string): unknown {
    return this.#save(stream);
  }
}
