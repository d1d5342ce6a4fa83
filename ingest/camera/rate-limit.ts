/** Takes pictures at most so many a second, spread evenly: by their own times, so that pictures that come in bursts are too. */
export class RateLimit {
  readonly #intervalUs: number;
  #dueUs = Number.NEGATIVE_INFINITY;

  /** @param maxFps - Most pictures a second, above 0; null: all. */
  constructor(maxFps: number | null) {
    this.#intervalUs = maxFps === null ? 0 : 1_000_000 / maxFps;
  }

  /** Whether the picture of this time in µs is to be used. */
  takes(timeUs: number): boolean {
    const aheadUs = this.#dueUs - timeUs;
    // A clock that was set back must not stop the camera for as long.
    if (aheadUs > 0 && aheadUs <= this.#intervalUs) return false;
    // Counted from when it was due, else 10 of 25 a second would become 8; from now on after a pause.
    const isInStep = aheadUs <= 0 && -aheadUs < this.#intervalUs;
    this.#dueUs = (isInStep ? this.#dueUs : timeUs) + this.#intervalUs;
    return true;
  }
}
