import type { SaccadeError } from '../ingest/index.ts';
import { sinkErrors } from './errors.ts';
import { FileTarget, type LineTarget, StdoutTarget } from './line-target.ts';
import type { DeliveryPromise, Sink } from './sink.ts';

/** How to open a JSON Lines output. */
export interface JsonlSinkOptions<Row> {
  /** File to write, or `-` for standard output. */
  readonly path: string;
  /** Bytes at the start of the file that stay, 0 or more: where {@link resumeJsonl} says. Default 0: it is replaced. */
  readonly keepBytes?: number;
  /** What is written of a row, as plain data. Default the row itself. */
  readonly toJson?: (row: Row) => unknown;
}

/** Bytes that are written at once, and the most that wait: 64 KiB is where larger writes gain nothing. */
const writeBytes = 64 * 1024;
/** A killed run loses at most the last second (issue 3); half of it leaves room for a slow disk. */
const writeEveryMs = 500;

/**
 * Writes one JSON object a line. Lines go to the operating system at least every 0.5 s and whenever 64 KiB wait, so a
 * killed process loses at most the last second; disposing makes the file durable.
 *
 * Promise: exactly once for a file that is resumed after the last whole line; at most once for standard output. A power
 * cut may lose more than a second, never what lies before.
 */
export class JsonlSink<Row> implements Sink<Row> {
  readonly delivery: DeliveryPromise;
  readonly #path: string;
  readonly #target: LineTarget;
  readonly #toJson: (row: Row) => unknown;
  #lines: string[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #turn: Promise<void> = Promise.resolve();
  #error: SaccadeError | null = null;
  #closed = false;

  private constructor(target: LineTarget, { path, toJson = row => row }: JsonlSinkOptions<Row>) {
    this.delivery = path === '-' ? 'at-most-once' : 'exactly-once';
    this.#path = path;
    this.#target = target;
    this.#toJson = toJson;
  }

  /**
   * Opens the output; the caller disposes of it.
   * @throws SINK_OUTPUT_UNWRITABLE, SINK_DISK_FULL - when the file cannot be opened.
   */
  static async open<Row>(options: JsonlSinkOptions<Row>): Promise<JsonlSink<Row>> {
    const { path, keepBytes = 0 } = options;
    return new JsonlSink(path === '-' ? new StdoutTarget() : await FileTarget.open(path, keepBytes), options);
  }

  /**
   * Takes rows; waits for the disk when 64 KiB are waiting.
   * @throws SINK_DISK_FULL, SINK_PIPE_CLOSED, SINK_OUTPUT_UNWRITABLE - when this or an earlier write failed; all lines
   *   before it stay, whole. SINK_CLOSED - after disposal.
   */
  async write(rows: readonly Row[]): Promise<void> {
    this.#check();
    for (const row of rows) {
      const line = `${JSON.stringify(this.#toJson(row))}\n`;
      this.#lines.push(line);
      this.#waitingBytes += line.length;
      if (this.#waitingBytes >= writeBytes) await this.flush();
    }
    // A failure of the timer's write is kept, and thrown by the next call.
    this.#timer ??=
      this.#lines.length === 0 ? null : setTimeout(() => void this.flush().catch(() => undefined), writeEveryMs);
  }

  /** Hands every line to the operating system. Throws as {@link write}. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const turn = this.#turn.then(() => this.#writeWaiting());
    this.#turn = turn.catch(() => undefined);
    await turn;
  }

  /** Writes what waits, makes the file durable and closes it. Throws as {@link write}, unless that was thrown before. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    const failed = this.#error !== null;
    try {
      if (!failed) await this.flush();
    } finally {
      this.#closed = true;
      // After a failed write there is nothing to make durable that the error has not told.
      await this.#target.close().catch(error => {
        if (!failed) throw error;
      });
    }
  }

  async #writeWaiting(): Promise<void> {
    this.#check();
    if (this.#lines.length === 0) return;
    const bytes = Buffer.from(this.#lines.join(''));
    this.#lines = [];
    this.#waitingBytes = 0;
    try {
      await this.#target.write(bytes);
    } catch (error) {
      this.#error = error as SaccadeError;
      throw error;
    }
  }

  #check(): void {
    if (this.#error !== null) throw this.#error;
    if (this.#closed) throw sinkErrors.create('SINK_CLOSED', { path: this.#path });
  }
}
