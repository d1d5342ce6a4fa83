/**
 * How far back the time of a stream must go to be a clock that was set rather than items out of order: cameras and
 * decoders reorder by well below a second, a restarted camera goes back to zero.
 */
const jumpUs = 10_000_000;

/** The time of a stream as its items tell it. */
export class StreamClock {
  readonly #latenessUs: number;
  #latestUs = Number.NEGATIVE_INFINITY;

  /** @param latenessUs - How far items may be out of order, in µs, 0 or more. */
  constructor(latenessUs: number) {
    this.#latenessUs = latenessUs;
  }

  /** Time in µs before which no item is expected any more; minus infinity before the first item. */
  get watermarkUs(): number {
    return this.#latestUs - this.#latenessUs;
  }

  /**
   * Takes the time of an item.
   * @returns `late` when it lies before the watermark; `jumped` when it lies so far before it that the clock was set
   *   back: time goes on from there.
   */
  observe(timestampUs: number): 'on-time' | 'late' | 'jumped' {
    if (timestampUs < this.watermarkUs - jumpUs) {
      this.#latestUs = timestampUs;
      return 'jumped';
    }
    if (timestampUs < this.watermarkUs) return 'late';
    this.#latestUs = Math.max(this.#latestUs, timestampUs);
    return 'on-time';
  }

  /** Forgets the time: the next item sets it. */
  reset(): void {
    this.#latestUs = Number.NEGATIVE_INFINITY;
  }
}
