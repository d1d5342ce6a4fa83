/** How long to wait before another attempt. */
export interface Backoff {
  /** Longest wait before the first retry in ms, above 0. */
  readonly baseMs: number;
  /** Growth of the longest wait from one retry to the next, 1 or more. */
  readonly factor: number;
  /** The longest wait never exceeds this in ms. */
  readonly capMs: number;
}

/**
 * 100 ms, doubled up to 5 s: a crash is retried at once, a worker that keeps crashing costs little. "Full jitter", from
 * the AWS Architecture Blog, "Exponential Backoff And Jitter" (2015), spreads the retries of many workers.
 */
export const defaultBackoff: Backoff = { baseMs: 100, factor: 2, capMs: 5000 };

/**
 * Time to wait before a retry in ms.
 * @param retry - 1 for the first retry, and so on.
 * @param random - A number from 0 (inclusive) to 1 (exclusive).
 */
export function backoffMs(backoff: Backoff, retry: number, random: number): number {
  const longest = Math.min(backoff.capMs, backoff.baseMs * backoff.factor ** (retry - 1));
  return longest * random;
}
