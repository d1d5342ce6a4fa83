import { DeadlineTimer } from './deadline-timer.ts';
import { LatencyEstimate } from './latency-estimate.ts';
import type { ModelRequest } from './model-request.ts';

/** A batch that a replica has. */
export interface BatchUnderWay {
  /** Things in it. */
  readonly rows: number;
  /** Whether it was as large as allowed. */
  readonly isFull: boolean;
  /** Whether it is a second run of works whose first took long. */
  readonly isHedge: boolean;
}

interface Timed extends BatchUnderWay {
  readonly sentMs: number;
  /** When it has taken long; infinite: never, or it was told. */
  longMs: number;
}

/** Of a batch that is answered after the pool was closed. */
const forgotten: Timed = { rows: 1, isFull: false, isHedge: true, sentMs: 0, longMs: 0 };
/** Batches of about a size before one is said to take long. */
const KNOWN_AFTER = 20;

/** The batches that replicas have, and which of them take long. */
export class BatchesUnderWay {
  readonly #batches = new Map<readonly ModelRequest[], Timed>();
  /** Time from sending a batch to its answer, by size. */
  readonly #turnaround = new LatencyEstimate();
  readonly #longAfter: number | undefined;
  readonly #onLong: (batch: readonly ModelRequest[]) => boolean;
  readonly #timer: DeadlineTimer;
  /** Whether nothing could be done about some that take long. */
  #isWaiting = false;

  /**
   * @param longAfter - Share of the batches of its size that one must exceed to take long, 0–1 exclusive; undefined: none does.
   * @param onLong - Called with one that does; false: it is to be called again by {@link retry}.
   */
  constructor(longAfter: number | undefined, onLong: (batch: readonly ModelRequest[]) => boolean) {
    this.#longAfter = longAfter;
    this.#onLong = onLong;
    this.#timer = new DeadlineTimer(() => this.#check());
  }

  /** A batch is sent. */
  add(batch: readonly ModelRequest[], about: BatchUnderWay): void {
    const sentMs = performance.now();
    const { rows, isHedge } = about;
    // Of a size that was hardly seen nothing is known.
    const isTimed = this.#longAfter !== undefined && !isHedge && this.#turnaround.count(rows) >= KNOWN_AFTER;
    const longMs = isTimed ? sentMs + this.#turnaround.quantile(rows, this.#longAfter ?? 1) : Number.POSITIVE_INFINITY;
    this.#batches.set(batch, { ...about, sentMs, longMs });
    this.#timer.add(longMs);
  }

  /** A batch was answered. @returns what was told of it. */
  answered(batch: readonly ModelRequest[]): BatchUnderWay {
    const found = this.#batches.get(batch) ?? forgotten;
    if (this.#batches.delete(batch) && !found.isHedge) {
      this.#turnaround.add(found.rows, performance.now() - found.sentMs);
    }
    return found;
  }

  /** A batch will not be answered. */
  lost(batch: readonly ModelRequest[]): void {
    this.#batches.delete(batch);
  }

  /** Forgets all. */
  clear(): void {
    this.#batches.clear();
    this.#timer.clear();
  }

  /** Tells again of batches that take long, where nothing could be done about them. */
  retry(): void {
    if (this.#isWaiting) this.#check();
  }

  #check(): void {
    this.#isWaiting = false;
    const nowMs = performance.now();
    for (const [batch, timed] of this.#batches) {
      if (timed.longMs > nowMs) this.#timer.add(timed.longMs);
      else if (this.#onLong(batch)) timed.longMs = Number.POSITIVE_INFINITY;
      else this.#isWaiting = true;
    }
  }
}
