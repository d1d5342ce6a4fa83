/** What copies of a step have cost beside the answers that counted. */
export class LostWork {
  /** Copies that were cancelled because another was first. */
  calls = 0;
  /** Time that they had taken by then, in ms, all together. */
  wallMs = 0;
}

/**
 * Asks several copies of a step at once; the first answer counts, the others are cancelled by their signal and their cost is
 * counted. An error counts only when every copy failed: it is the last one's then.
 * @param copies - 1 or more.
 * @param ask - Called once a copy; `signal` is aborted when its answer is no longer wanted.
 */
export async function firstAnswer<Answer>(
  copies: number,
  ask: (copy: number, signal: AbortSignal) => Promise<Answer>,
  { signal, lost, nowMs = () => performance.now() }: FirstAnswerOptions,
): Promise<Answer> {
  if (copies === 1) return ask(0, signal);
  const over = new AbortController();
  const stop = (): void => over.abort(signal.reason);
  signal.addEventListener('abort', stop);
  const startedMs = nowMs();
  let underWay = copies;
  try {
    return await new Promise<Answer>((resolve, reject) => {
      for (let copy = 0; copy < copies; copy++) {
        ask(copy, over.signal).then(resolve, (error: unknown) => {
          if (--underWay === 0) reject(error);
        });
      }
    });
  } finally {
    signal.removeEventListener('abort', stop);
    over.abort();
    const beaten = Math.max(0, underWay - 1);
    lost.calls += beaten;
    lost.wallMs += beaten * (nowMs() - startedMs);
  }
}

/** How copies are run. */
export interface FirstAnswerOptions {
  /** Gives all of them up. */
  readonly signal: AbortSignal;
  /** Where the cost of the beaten copies is counted. */
  readonly lost: LostWork;
  /** Clock in ms; replaced in tests. */
  readonly nowMs?: () => number;
}
