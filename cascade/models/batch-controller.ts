import { LatencyEstimate } from './latency-estimate.ts';

/** How sizes of batches are found. */
export interface BatchControllerOptions {
  /** Most things in one batch, 1 or more. */
  readonly maxSize: number;
  /** Longest time that a process may take for a batch in ms; infinite: only what batches gain counts. */
  readonly limitMs: number;
}

/** A size is cut by this share when it takes too long (Crankshaw et al., Clipper, NSDI 2017, section 4.3.1: 10 %). */
const CUT = 0.1;
/** Batches of about a size before it is judged. */
const JUDGED_AFTER = 8;
/** A size must save this share of the time for one thing, against smaller ones, to be worth the waiting. */
const WORTH = 0.05;
/**
 * Things may take this share longer in batches of half the size for batches to be halved where a process has nothing to do. A
 * choice: below the share of its time that such a process loses by waiting; no bench gives it.
 */
const HALVING = 0.15;
/**
 * Time of both processes in ms to send a batch and its answers, beside what the model takes: half of what a call takes beyond
 * that with one caller, 0.2 ms (one run on 2 vCPU; no bench gives it).
 */
const MESSAGE_MS = 0.1;
/** Full batches before a size that gained nothing is tried again; four times as many after each time, up to a limit. */
const FIRST_RETRY = 256;
const LAST_RETRY = 65_536;

/**
 * Finds the size of batches: one more after each full batch that was fast enough, a tenth less after one that was not; larger
 * only where larger ones save time. Knows nothing of clocks or processes.
 */
export class BatchController {
  /** What batches have taken, by size. */
  readonly estimate: LatencyEstimate = new LatencyEstimate();
  /** As `estimate`, of sizes that are exactly a power of two: these are compared. */
  readonly #powers = new LatencyEstimate();
  readonly #options: BatchControllerOptions;
  #size = 1;
  /** Largest size that was found to be worth it. */
  #ceiling = Number.POSITIVE_INFINITY;
  #retryAfter = FIRST_RETRY;
  #untilRetry = 0;

  constructor(options: BatchControllerOptions) {
    this.#options = options;
  }

  /** Most things in a batch ever. */
  get maxSize(): number {
    return this.#options.maxSize;
  }

  /** Most things in the next batch. */
  get size(): number {
    return this.#size;
  }

  /**
   * Learns from a batch.
   * @param size - Things in it, 1 or more.
   * @param ms - Time that the process took for it.
   * @param isFull - Whether more could have been in it: it was as large as allowed.
   */
  add(size: number, ms: number, isFull: boolean): void {
    this.estimate.add(size, ms);
    // A single request that is larger than a batch says nothing about those.
    if (size > this.#size) return;
    const isPower = Number.isInteger(Math.log2(size));
    if (isPower) this.#powers.add(size, ms);
    if (ms > this.#options.limitMs) {
      if (size >= this.#size * (1 - CUT)) this.#size = Math.max(1, Math.floor(this.#size * (1 - CUT)));
      return;
    }
    if (!isFull || size !== this.#size) return;
    if (this.#ceiling !== Number.POSITIVE_INFINITY && --this.#untilRetry <= 0) this.#ceiling = Number.POSITIVE_INFINITY;
    if (isPower && this.#powers.count(size) < JUDGED_AFTER) return;
    const isJudged = isPower && size > 1 && this.#ceiling === Number.POSITIVE_INFINITY;
    if (isJudged && !this.#isWorth(size)) this.#retreat();
    else this.#size = Math.min(size + 1, this.#options.maxSize, this.#ceiling);
  }

  /** Whether a thing takes about as little time in a batch of half a size. */
  canBeHalved(size: number): boolean {
    const power = 2 ** Math.floor(Math.log2(size));
    return power === 1 || this.#each(power / 2) <= (1 + HALVING) * this.#each(power);
  }

  /** Whether a thing in a batch of a power of two takes clearly less time than in one of half that. */
  #isWorth(size: number): boolean {
    return this.#powers.count(size / 2) === 0 || this.#each(size) <= (1 - WORTH) * this.#each(size / 2);
  }

  /** Time for one thing in a batch of a power of two in ms. */
  #each(power: number): number {
    return (this.#powers.quantile(power, 0.5) + MESSAGE_MS) / power;
  }

  #retreat(): void {
    // What is tried again is judged by what it takes then.
    this.#powers.forget(this.#size);
    this.#ceiling = this.#size / 2;
    this.#size = this.#ceiling;
    this.#untilRetry = this.#retryAfter;
    this.#retryAfter = Math.min(4 * this.#retryAfter, LAST_RETRY);
  }
}
