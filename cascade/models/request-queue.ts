import { DeadlineQueue } from './deadline-queue.ts';
import { DeadlineTimer } from './deadline-timer.ts';
import type { ModelRequest } from './model-request.ts';

/** What a queue asks of its owner. */
export interface RequestQueueOptions {
  /** Longest time that a work waits for others to fill its batch in ms, 0 or more. */
  readonly batchDelayMs: number;
  /** Called when the wait for a batch to be filled is over. */
  onDelayed(): void;
  /**
   * Whether a work could not be answered in time if it were run now.
   * @param rows - Things in the batch, its own included.
   * @param ahead - Batches that the process has before.
   */
  isBeyondHope(request: ModelRequest, rows: number, ahead: number): boolean;
  /** Rejects a work for which there is no time any more. */
  shed(request: ModelRequest): void;
}

/** What waits for a process. */
export class RequestQueue {
  readonly #options: RequestQueueOptions;
  readonly #queue = new DeadlineQueue<ModelRequest>();
  /** What was begun when a process ended is suspect: it runs first, and alone. */
  readonly #suspects: ModelRequest[] = [];
  readonly #delayTimer: DeadlineTimer;
  /** In the queue, and given up by who asked. */
  #aborted = 0;
  /** When the last in the queue is due. */
  #lastDueMs = 0;

  constructor(options: RequestQueueOptions) {
    this.#options = options;
    this.#delayTimer = new DeadlineTimer(() => options.onDelayed());
  }

  /** Works that somebody waits for. */
  get size(): number {
    return this.#queue.size + this.#suspects.length - this.#aborted;
  }

  /** When the last one is due, on the clock of `performance.now()` in ms; 0 when there is none. */
  get lastDueMs(): number {
    return this.#queue.size === 0 ? 0 : this.#lastDueMs;
  }

  /** Adds a work. */
  push(request: ModelRequest): void {
    this.#lastDueMs = Math.max(this.lastDueMs, request.dueMs);
    this.#queue.push(request);
  }

  /** Adds a work that may have ended a process. */
  pushSuspect(request: ModelRequest): void {
    this.#suspects.push(request);
  }

  /** Says that a work that waits here was settled. */
  giveUp(): void {
    this.#aborted++;
  }

  /**
   * The next batch, empty when there is none, or when others may still fill it.
   * @param limit - Most things in it, 1 or more.
   * @param ahead - Batches that the process has before.
   */
  take(limit: number, ahead: number): ModelRequest[] {
    const suspect = this.#next(() => this.#suspects.shift());
    if (suspect !== undefined) return [suspect];
    if (this.#waitsForOthers(limit)) return [];
    const batch: ModelRequest[] = [];
    let rows = 0;
    while (rows < limit) {
      if (batch.length > 0 && rows + (this.#queue.first?.rows ?? 0) > limit) break;
      const next = this.#next(() => this.#queue.shift());
      if (next === undefined) break;
      if (this.#options.isBeyondHope(next, rows + next.rows, ahead)) {
        this.#options.shed(next);
        continue;
      }
      batch.push(next);
      rows += next.rows;
    }
    return batch;
  }

  /** Rejects what is due. @returns when the next one is, infinite for never. */
  dropLate(nowMs: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const request of this.#suspects) {
      if (request.isSettled) continue;
      if (request.dueMs > nowMs) next = Math.min(next, request.dueMs);
      else {
        this.giveUp();
        this.#options.shed(request);
      }
    }
    for (let { first } = this.#queue; first !== undefined && first.dueMs <= nowMs; { first } = this.#queue) {
      this.#queue.shift();
      if (first.isSettled) this.#aborted--;
      else this.#options.shed(first);
    }
    return Math.min(next, this.#queue.first?.dueMs ?? Number.POSITIVE_INFINITY);
  }

  /** Takes everything out. */
  clear(): ModelRequest[] {
    this.#aborted = 0;
    this.#delayTimer.clear();
    return [...this.#queue.clear(), ...this.#suspects.splice(0)];
  }

  #waitsForOthers(limit: number): boolean {
    const { batchDelayMs } = this.#options;
    const { first } = this.#queue;
    if (batchDelayMs === 0 || first === undefined || this.size >= limit) return false;
    const untilMs = first.askedMs + batchDelayMs;
    if (untilMs <= performance.now()) return false;
    this.#delayTimer.add(untilMs);
    return true;
  }

  /** The next that somebody waits for. */
  #next(shift: () => ModelRequest | undefined): ModelRequest | undefined {
    for (let next = shift(); next !== undefined; next = shift()) {
      if (!next.isSettled) return next;
      this.#aborted--;
    }
    return undefined;
  }
}
