import { sinkErrors } from './errors.ts';
import type { Sink } from './sink.ts';

/**
 * Keeps rows in memory, all of them: for tests and for short runs.
 *
 * Promise: exactly once, as long as the process lives.
 */
export class MemorySink<Row> implements Sink<Row> {
  readonly delivery = 'exactly-once';
  readonly #rows: Row[];
  #isClosed = false;

  /** @param rows - Where rows are kept, behind those that are there. Default a new array. */
  constructor(rows: Row[] = []) {
    this.#rows = rows;
  }

  /** What was written, in order; grows while the sink is written to. */
  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** Keeps rows. @throws SINK_CLOSED - after disposal. */
  async write(rows: readonly Row[]): Promise<void> {
    if (this.#isClosed) throw sinkErrors.create('SINK_CLOSED', { path: 'memory' });
    this.#rows.push(...rows);
  }

  /** Resolves at once. */
  async flush(): Promise<void> {
    // There is nowhere else for rows to be.
  }

  /** Takes no more rows; those that were written stay. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
  }
}
