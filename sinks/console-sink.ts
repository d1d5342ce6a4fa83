import { type CloudEvent, isCloudEvent } from './cloud-event.ts';
import { sinkErrors } from './errors.ts';
import { type LineTarget, StdoutTarget } from './line-target.ts';
import type { Sink } from './sink.ts';

/** How rows are shown. */
export interface ConsoleOptions<Row> {
  /** Lines for people, or one JSON object a line. Default `text`. */
  readonly format?: 'text' | 'json';
  /** The line of a row, without its line break. Default: what is known of decisions and events, JSON for other rows. */
  readonly toLine?: (row: Row) => string;
}

/**
 * Shows rows on standard output, at once.
 *
 * Promise: at most once; a reader that has ended makes it fail. A slow reader makes the writer wait.
 */
export class ConsoleSink<Row> implements Sink<Row> {
  readonly delivery = 'at-most-once';
  readonly #target: LineTarget;
  readonly #toLine: (row: Row) => string;
  #turn: Promise<void> = Promise.resolve();
  #isClosed = false;

  /**
   * Makes a sink; the caller disposes of it.
   * @param target - Default standard output.
   */
  constructor({ format = 'text', toLine }: ConsoleOptions<Row> = {}, target: LineTarget = new StdoutTarget()) {
    this.#target = target;
    this.#toLine = format === 'json' ? row => JSON.stringify(row) : (toLine ?? describeRow);
  }

  /**
   * Shows rows.
   * @throws SINK_PIPE_CLOSED, SINK_OUTPUT_UNWRITABLE - when standard output does not take them; SINK_CLOSED - after
   *   disposal.
   */
  async write(rows: readonly Row[]): Promise<void> {
    if (this.#isClosed) throw sinkErrors.create('SINK_CLOSED', { path: 'standard output' });
    if (rows.length === 0) return;
    const lines = Buffer.from(rows.map(row => `${this.#toLine(row)}\n`).join(''));
    this.#turn = this.#turn.then(() => this.#target.write(lines));
    await this.#turn;
  }

  /** Resolves when standard output has taken every row. Throws as {@link write}. */
  async flush(): Promise<void> {
    await this.#turn;
  }

  /** Waits for what was written; an error was thrown by `write` already. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#turn.catch(() => undefined);
    await this.#target.close();
  }
}

function describeRow(row: unknown): string {
  if (isCloudEvent(row)) return describeEvent(row);
  if (typeof row === 'object' && row !== null && 'decidedBy' in row && 'frame' in row) {
    const { stream, frame, timestampUs, label, decidedBy } = row as Readonly<Record<string, unknown>>;
    const seconds = (Number(timestampUs) / 1e6).toFixed(3);
    return `${stream} frame ${frame} at ${seconds} s: ${label === true ? 'yes' : 'no'} (${decidedBy})`;
  }
  return typeof row === 'string' ? row : JSON.stringify(row);
}

function describeEvent({ type, time, partitionkey, data }: CloudEvent): string {
  const phase = type.slice(type.lastIndexOf('.') + 1);
  const { query, label, score } = (data ?? {}) as Readonly<Record<string, unknown>>;
  const what = [query, label].filter(part => typeof part === 'string').join(', ');
  const sure = typeof score === 'number' ? ` ${score.toFixed(2)}` : '';
  return `${time} ${partitionkey}: ${what === '' ? 'event' : what}${sure} ${phase}`;
}
