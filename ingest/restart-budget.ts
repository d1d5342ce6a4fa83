/** How often something may be restarted. */
export interface RestartLimit {
  /** Most restarts within the window, 0 or more. */
  readonly restarts: number;
  /** Length of the window in ms, above 0. */
  readonly windowMs: number;
}

/** 10 a minute: with the default back-off a worker that crashes at once has spent it after about 15 s. */
export const defaultRestartLimit: RestartLimit = { restarts: 10, windowMs: 60_000 };

/** Counts restarts within a moving window of time. */
export class RestartBudget {
  readonly #limit: RestartLimit;
  #timesMs: number[] = [];

  constructor(limit: RestartLimit) {
    this.#limit = limit;
  }

  /**
   * Takes one restart from the budget.
   * @param nowMs - Time in ms.
   * @returns Which restart within the window this is, from 1; undefined when the budget is spent.
   */
  take(nowMs: number): number | undefined {
    this.#timesMs = this.#timesMs.filter(time => nowMs - time < this.#limit.windowMs);
    if (this.#timesMs.length >= this.#limit.restarts) return undefined;
    return this.#timesMs.push(nowMs);
  }
}
