import type { Clock } from '../clock.ts';

/** Further ahead than this in ms, a picture begins a new count: the stream's clock has jumped. */
const mostApartMs = 30_000;

/**
 * Spreads out what comes a segment at a time (HLS): seconds of pictures at once, of which a live reader would drop most. Each
 * waits for its place after the first one, by the stream's own times.
 */
export class SegmentPace {
  readonly #clock: Clock;
  #start: { readonly us: number; readonly ms: number } | null = null;
  #cancel: () => void = () => undefined;

  /** Counts from the first packet. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits until a packet of this stream time in µs is due. */
  async due(timeUs: number): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const dueMs = this.#start === null ? nowMs : this.#start.ms + (timeUs - this.#start.us) / 1000;
    // What comes late, because its segment did, moves all that follow: else the next would come in a burst.
    if (this.#start === null || dueMs <= nowMs || dueMs - nowMs > mostApartMs) {
      this.#start = { us: timeUs, ms: nowMs };
      return;
    }
    await new Promise<void>(resolve => {
      const cancel = this.#clock.after(dueMs - nowMs, resolve);
      this.#cancel = () => {
        cancel();
        resolve();
      };
    });
  }

  /** Ends the waiting under way. */
  stop(): void {
    this.#cancel();
  }
}
