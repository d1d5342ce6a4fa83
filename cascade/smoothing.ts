/** A frame's label after smoothing. */
export interface SmoothedLabel {
  /** Position in the order of pushing, from 0. */
  readonly position: number;
  readonly label: boolean;
}

/**
 * Majority over a centered window of time: a frame's smoothed label is that of most frames whose media time differs from
 * its own by at most half the window; a tie keeps the frame's own. At both ends of the footage the window is cut off.
 * Detectors flicker, and truth is what they say after this (docs/accuracy.md).
 *
 * Streaming: a label comes out once a frame later than its window was pushed, so the delay is half the window.
 */
export class Smoother {
  readonly #halfWindowUs: number;
  // The frames that some window still reaches, oldest first.
  readonly #window: { timestampUs: number; label: boolean }[] = [];
  #firstPosition = 0;
  #nextPosition = 0;
  #lowest = 0;
  #highest = 0;
  #positives = 0;

  /** @param windowMs - Width of the window in ms, 0 or more; 0 leaves every label as it is. */
  constructor(windowMs: number) {
    this.#halfWindowUs = (windowMs * 1000) / 2;
  }

  /**
   * Takes the next frame's raw label and returns the labels that are now certain, in order.
   * @param timestampUs - Media time in µs, not less than the one before.
   */
  push(timestampUs: number, label: boolean): SmoothedLabel[] {
    this.#window.push({ timestampUs, label });
    return this.#settle(timestampUs);
  }

  /**
   * Returns the labels that waited only for frames that will not come.
   * @param timestampUs - No frame before this media time in µs will be pushed any more.
   */
  pass(timestampUs: number): SmoothedLabel[] {
    return this.#settle(timestampUs);
  }

  /** The frames that labels to come depend on, oldest first: another smoother that is given them goes on as this one. */
  get recent(): readonly { readonly timestampUs: number; readonly label: boolean }[] {
    return this.#window.slice(this.#lowest - this.#firstPosition);
  }

  /** Returns the labels that waited for later frames: the footage has ended. */
  flush(): SmoothedLabel[] {
    return this.#settle(Number.POSITIVE_INFINITY);
  }

  /** Settles every frame whose window ends before `nowUs`. */
  #settle(nowUs: number): SmoothedLabel[] {
    const settled: SmoothedLabel[] = [];
    for (;;) {
      const frame = this.#at(this.#nextPosition);
      if (frame === undefined || frame.timestampUs + this.#halfWindowUs >= nowUs) break;
      settled.push({ position: this.#nextPosition, label: this.#majority(frame) });
      this.#nextPosition++;
    }
    this.#forget();
    return settled;
  }

  #majority({ timestampUs, label }: { timestampUs: number; label: boolean }): boolean {
    // [#lowest, #highest) moves forward over the frames and #positives counts within it.
    for (let late = this.#at(this.#highest); late && late.timestampUs <= timestampUs + this.#halfWindowUs; ) {
      if (late.label) this.#positives++;
      late = this.#at(++this.#highest);
    }
    for (let early = this.#at(this.#lowest); early && early.timestampUs < timestampUs - this.#halfWindowUs; ) {
      if (early.label) this.#positives--;
      early = this.#at(++this.#lowest);
    }
    const frames = this.#highest - this.#lowest;
    return 2 * this.#positives === frames ? label : 2 * this.#positives > frames;
  }

  #at(position: number): { timestampUs: number; label: boolean } | undefined {
    return this.#window[position - this.#firstPosition];
  }

  #forget(): void {
    // In strides, because shifting one by one is quadratic.
    const passed = this.#lowest - this.#firstPosition;
    if (passed < 1024) return;
    this.#window.splice(0, passed);
    this.#firstPosition = this.#lowest;
  }
}

/** Smooths a whole column of raw labels; the batch form of {@link Smoother}. */
export function smooth(timestampsUs: ArrayLike<number>, labels: ArrayLike<boolean>, windowMs: number): boolean[] {
  const smoother = new Smoother(windowMs);
  const smoothed: SmoothedLabel[] = [];
  for (let i = 0; i < labels.length; i++) smoothed.push(...smoother.push(timestampsUs[i] ?? 0, labels[i] ?? false));
  smoothed.push(...smoother.flush());
  return smoothed.map(({ label }) => label);
}
