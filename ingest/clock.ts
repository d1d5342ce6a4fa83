/** Time as a program sees it; replaced by one that is turned by hand in tests. */
export interface Clock {
  /** Time in ms on a clock that never goes back; its zero means nothing. */
  nowMs(): number;
  /**
   * Runs something once, later.
   * @param delayMs - Time to wait in ms, 0 or more.
   * @returns Cancels it; does nothing once it has run.
   */
  after(delayMs: number, run: () => void): () => void;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/**
 * Time in ms on a clock that all processes of this machine share and nobody sets: what was read in one may be compared with
 * what is read in another.
 */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
