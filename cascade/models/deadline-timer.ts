/** Calls back at the earliest of the times that it was told; one timer at a time. */
export class DeadlineTimer {
  readonly #onDue: () => void;
  #timer: NodeJS.Timeout | undefined;
  #atMs = Number.POSITIVE_INFINITY;

  /** @param onDue - Called at the earliest time, which is then forgotten. */
  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  /** @param atMs - On the clock of `performance.now()`; infinite: never. */
  add(atMs: number): void {
    if (atMs >= this.#atMs) return;
    clearTimeout(this.#timer);
    this.#atMs = atMs;
    // Rounded up: a timer that fires early would find nothing due.
    const delayMs = Math.max(0, Math.ceil(atMs - performance.now()));
    this.#timer = setTimeout(() => {
      this.#atMs = Number.POSITIVE_INFINITY;
      this.#onDue();
    }, delayMs);
    this.#timer.unref();
  }

  /** Forgets the times. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#atMs = Number.POSITIVE_INFINITY;
  }
}
