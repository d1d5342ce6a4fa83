/** Last batches that an estimate is made of, for each size: enough for a 95th percentile that follows what changes. */
const KEPT = 64;

/** Times of batches of about one size, the oldest overwritten. */
class Samples {
  readonly #values = new Float64Array(KEPT);
  #added = 0;
  #sorted: Float64Array | null = null;

  get count(): number {
    return Math.min(this.#added, KEPT);
  }

  add(value: number): void {
    this.#values[this.#added++ % KEPT] = value;
    // Sorted anew after an eighth has changed, or while there are few.
    if (this.#added < KEPT || this.#added % (KEPT / 8) === 0) this.#sorted = null;
  }

  quantile(share: number): number {
    this.#sorted ??= this.#values.slice(0, this.count).sort();
    return this.#sorted[Math.min(this.#sorted.length - 1, Math.floor(share * this.#sorted.length))] ?? 0;
  }
}

/** Estimates how long batches take, by their size: quantiles of the last ones. */
export class LatencyEstimate {
  /** By the power of two that the size is rounded up to. */
  readonly #samples: (Samples | undefined)[] = [];

  /** Takes in a batch. @param size - 1 or more. */
  add(size: number, ms: number): void {
    const bucket = bucketOf(size);
    const samples = this.#samples[bucket] ?? new Samples();
    this.#samples[bucket] = samples;
    samples.add(ms);
  }

  /** Forgets the batches of about this size. */
  forget(size: number): void {
    this.#samples[bucketOf(size)] = undefined;
  }

  /** Batches of about this size that were seen, at most those kept. */
  count(size: number): number {
    return this.#samples[bucketOf(size)]?.count ?? 0;
  }

  /**
   * Time in ms that a share of the batches of about this size does not exceed. Sizes that were not seen are derived from the
   * next smaller one, as if time grew with the size; with nothing to derive it from it is 0.
   * @param share - 0–1.
   */
  quantile(size: number, share: number): number {
    const wanted = bucketOf(size);
    for (let bucket = wanted; bucket >= 0; bucket--) {
      const samples = this.#samples[bucket];
      if (samples !== undefined) return samples.quantile(share) * 2 ** (wanted - bucket);
    }
    return this.#samples.find(samples => samples !== undefined)?.quantile(share) ?? 0;
  }
}

function bucketOf(size: number): number {
  return Math.ceil(Math.log2(size));
}
