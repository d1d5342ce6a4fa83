/** When a breaker opens and for how long. */
export interface CircuitBreakerOptions {
  /** Failed calls in a row that open it, 1 or more. */
  readonly openAfter: number;
  /** How long it stays open before one call may try again, in ms. */
  readonly openMs: number;
  /** Current time in ms from any start. Default: `performance.now`. */
  readonly nowMs?: () => number;
}

/**
 * Keeps calls from a server that has failed again and again: open, it lets none through; after a while one, the probe, whose
 * outcome closes it or opens it anew.
 */
export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  readonly #nowMs: () => number;
  #failures = 0;
  #openedMs = 0;
  #isProbing = false;

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** Failed calls in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether the next call is the only one let through, since the breaker was open. */
  get isHalfOpen(): boolean {
    return this.#failures >= this.#options.openAfter;
  }

  /**
   * Asks to make a call; whoever may make it tells its outcome.
   * @returns 0 when the call may be made; otherwise the time in ms until it is worth asking again, above 0.
   */
  waitMs(): number {
    if (!this.isHalfOpen) return 0;
    const left = this.#openedMs + this.#options.openMs - this.#nowMs();
    if (left > 0) return left;
    if (this.#isProbing) return this.#options.openMs;
    this.#isProbing = true;
    return 0;
  }

  /** The server answered. */
  succeeded(): void {
    this.#failures = 0;
    this.#isProbing = false;
  }

  /** It did not. */
  failed(): void {
    this.#failures++;
    this.#isProbing = false;
    if (this.isHalfOpen) this.#openedMs = this.#nowMs();
  }
}
