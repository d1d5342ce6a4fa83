/** How rows are delivered. */
export interface DeliveryQueueOptions<Row> {
  /** Most rows that wait or are under way, 1 or more. */
  readonly maxQueued: number;
  /** Most rows under way at once, 1 or more; they are begun in order. */
  readonly concurrency: number;
  /** Delivers a row, however often it must try; what it throws ends the queue. */
  readonly deliver: (row: Row) => Promise<void>;
}

/** Rows on their way to a receiver that may be slow or down: a bound, and one place where a failure is kept. */
export class DeliveryQueue<Row> {
  readonly #options: DeliveryQueueOptions<Row>;
  #waiting: Row[] = [];
  #underWay = 0;
  #failure: { readonly error: unknown } | null = null;
  /** Those who wait for a change: of the room, or of the end. */
  #watchers: (() => void)[] = [];

  constructor(options: DeliveryQueueOptions<Row>) {
    this.#options = options;
  }

  /** Rows that wait or are under way. */
  get size(): number {
    return this.#waiting.length + this.#underWay;
  }

  /** Takes rows; waits while there is no room. Throws what an earlier delivery threw. */
  async write(rows: readonly Row[]): Promise<void> {
    for (const row of rows) {
      await this.#until(() => this.size < this.#options.maxQueued);
      this.#waiting.push(row);
      this.#start();
    }
    this.#check();
  }

  /** Resolves when every row has been delivered. Throws what a delivery threw. */
  flush(): Promise<void> {
    return this.#until(() => this.size === 0);
  }

  /** Takes away the rows whose delivery has not begun, in order. */
  takeWaiting(): Row[] {
    const rows = this.#waiting;
    this.#waiting = [];
    this.#changed();
    return rows;
  }

  #start(): void {
    while (this.#failure === null && this.#underWay < this.#options.concurrency && this.#waiting.length > 0) {
      this.#underWay++;
      void this.#deliver(this.#waiting.shift() as Row);
    }
  }

  async #deliver(row: Row): Promise<void> {
    try {
      await this.#options.deliver(row);
    } catch (error) {
      this.#failure ??= { error };
    }
    this.#underWay--;
    this.#start();
    this.#changed();
  }

  async #until(holds: () => boolean): Promise<void> {
    this.#check();
    while (!holds()) {
      await new Promise<void>(resolve => this.#watchers.push(resolve));
      this.#check();
    }
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }

  #changed(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }
}
