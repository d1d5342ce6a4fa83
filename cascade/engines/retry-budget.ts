/** How many second attempts there may be. */
export interface RetryBudgetOptions {
  /** Most second attempts as a share of calls, 0–1. */
  readonly share: number;
  /** Most that may be saved up, 1 or more. It begins with one. */
  readonly most: number;
}

/** Holds second attempts to a share of the calls, so that they do not multiply the load of a server that is overloaded. */
export class RetryBudget {
  readonly #options: RetryBudgetOptions;
  #saved = 1;

  constructor(options: RetryBudgetOptions) {
    this.#options = options;
  }

  /** A call begins. */
  earn(): void {
    // Rounded, since ten tenths must make a whole one.
    const saved = Math.round((this.#saved + this.#options.share) * 1e6) / 1e6;
    this.#saved = Math.min(this.#options.most, saved);
  }

  /** Whether a second attempt may be made; it is paid for then. */
  spend(): boolean {
    if (this.#saved < 1) return false;
    this.#saved -= 1;
    return true;
  }
}
