import type { Decision } from '../cascade/index.ts';
import type { Interval } from './interval.ts';
import { tidyNumber } from './tidy-number.ts';

/** Turns decisions, in frame order, into intervals: longest runs of equal labels, positive and negative alike. */
export class IntervalBuilder {
  readonly #query: string;
  #open: Interval | null = null;

  /** @param query - Name of the query, written into each interval. */
  constructor(query: string) {
    this.#query = query;
  }

  /** Takes the next frame's decision; returns the interval that it ended, if it did. */
  push(decision: Decision): Interval | undefined {
    const { stream, frame, timestampUs, label } = decision;
    const score = scoreOf(decision);
    const open = this.#open;
    if (open !== null && open.label === label) {
      const peakScore = score === null ? open.peakScore : Math.max(score, open.peakScore ?? 0);
      this.#open = { ...open, endFrame: frame, endUs: timestampUs, frames: frame - open.startFrame + 1, peakScore };
      return undefined;
    }
    const times = { startFrame: frame, endFrame: frame, startUs: timestampUs, endUs: timestampUs };
    this.#open = { stream, query: this.#query, label, ...times, frames: 1, peakScore: score };
    return open ?? undefined;
  }

  /** Ends the interval under way and returns it; undefined when there is none. */
  flush(): Interval | undefined {
    const open = this.#open ?? undefined;
    this.#open = null;
    return open;
  }
}

// Tidied like the rows, so that a resumed run, which reads rows, gives the same intervals.
function scoreOf(decision: Decision): number | null {
  switch (decision.decidedBy) {
    case 'referenced':
      return tidyNumber(decision.score);
    case 'rejected':
    case 'accepted':
      return tidyNumber(decision.confidence);
    case 'skipped':
    case 'unchanged':
    case 'defaulted':
    case 'failed':
      return null;
  }
}
