import type { CaptureClock } from './camera.ts';

/** Most that a camera's clock may differ from this machine's in µs: beyond it, it was never set. */
const mostSkewUs = 60e6;

/** The time of a frame, and whose clock says it. */
export interface CaptureTime {
  /** In µs since 1970, an integer. */
  readonly timestampUs: number;
  readonly captureClock: CaptureClock;
}

/** Gives each frame of a camera its time: the sender's where it is known and believable; never before the frame before. */
export class CaptureTimes {
  #lastUs: number;

  /** @param leastUs - No frame is earlier than this, in µs since 1970. */
  constructor(leastUs: number) {
    this.#lastUs = leastUs;
  }

  /**
   * The time of the next frame.
   * @param received - When this machine got it, in µs since 1970.
   * @param sent - What the sender says, in µs since 1970; null: nothing.
   */
  next(received: number, sent: number | null): CaptureTime {
    const isBelieved = sent !== null && Math.abs(sent - received) <= mostSkewUs;
    this.#lastUs = Math.max(this.#lastUs, Math.round(isBelieved ? sent : received));
    return { timestampUs: this.#lastUs, captureClock: isBelieved ? 'sender' : 'receiver' };
  }

  /**
   * Makes sure that no later frame gets a time before this.
   * @returns the least time of the next frame, in µs since 1970.
   */
  pass(nowUs: number): number {
    this.#lastUs = Math.max(this.#lastUs, Math.round(nowUs));
    return this.#lastUs;
  }
}
