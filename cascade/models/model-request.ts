import { type ModelResult, type ModelWork, rowCount } from './model-work.ts';

/** The answer of a pool, and what it took. */
export interface PoolAnswer {
  readonly result: ModelResult;
  /** Works in the batch that it was run in, itself included. */
  readonly batchSize: number;
  /** Time from asking to sending it to a process in ms, the last time that it was sent. */
  readonly queueMs: number;
  /** Time that the process took for its batch in ms. */
  readonly modelMs: number;
}

/** How a request came. */
export interface RequestOptions {
  /** Place in the order of arrival; unique. */
  readonly order: number;
  /** Clock of `performance.now()` in ms. */
  readonly nowMs: number;
  /** Time that it has from now on in ms; infinite: it waits for the answer. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
  resolve(answer: PoolAnswer): void;
  reject(reason: unknown): void;
  /** Called when the signal gave it up. */
  onAbort(): void;
}

/** A work that waits for its answer, which it gets once. */
export class ModelRequest {
  readonly work: ModelWork;
  /** Things that it asks about, 1 or more. */
  readonly rows: number;
  /** When it was asked, on the clock of `performance.now()` in ms. */
  readonly askedMs: number;
  /** Until when it wants its answer, on the same clock; may be infinite. */
  readonly dueMs: number;
  readonly order: number;
  /** When it was sent to a process for the last time. */
  sentMs = 0;
  /** Processes that ended while they had begun its batch. */
  attempts = 0;
  /** Batches under way that it is in. */
  copies = 0;
  readonly #options: RequestOptions;
  readonly #abort: (() => void) | undefined;
  #isSettled = false;

  constructor(work: ModelWork, options: RequestOptions) {
    const { nowMs, deadlineMs, signal } = options;
    this.work = work;
    this.rows = rowCount(work);
    this.order = options.order;
    this.askedMs = nowMs;
    this.dueMs = nowMs + deadlineMs;
    this.#options = options;
    if (signal === undefined) return;
    this.#abort = () => {
      this.reject(signal.reason);
      options.onAbort();
    };
    signal.addEventListener('abort', this.#abort);
  }

  /** Whether nobody waits for it any more. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Time that it had in ms, as it was asked. */
  get deadlineMs(): number {
    return this.#options.deadlineMs;
  }

  /** Gives the answer; a second one does nothing. */
  resolve(answer: PoolAnswer): void {
    if (this.#settle()) this.#options.resolve(answer);
  }

  /** Says why there is none; after an answer it does nothing. */
  reject(reason: unknown): void {
    if (this.#settle()) this.#options.reject(reason);
  }

  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    if (this.#abort !== undefined) this.#options.signal?.removeEventListener('abort', this.#abort);
    return true;
  }
}
