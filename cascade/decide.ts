/** The thresholds of a plan; a stage that the plan lacks has null. */
export interface Thresholds {
  /** Differences below it are `unchanged`; 0 or more, in the units of the difference detector. */
  readonly deltaDiff: number | null;
  /** Confidences below it are `rejected`, 0–1, at most `cHigh`. */
  readonly cLow: number | null;
  /** Confidences above it are `accepted`, 0–1. */
  readonly cHigh: number | null;
}

/**
 * What the stages said of a frame so far. `undefined`: not asked yet. `null`: asked, but there is no answer (nothing to
 * compare with yet).
 */
export interface Scores {
  readonly difference?: number | null;
  readonly confidence?: number | null;
}

/** Either an answer, or which stage must be asked next. */
export type Verdict = 'unchanged' | 'rejected' | 'accepted' | 'ask-difference' | 'ask-specialized' | 'ask-reference';

/**
 * The cascade's whole idea (NoScope §4–5): the cheapest stage that is sure answers, the reference model answers the rest.
 *
 * Comparisons are strict: a score equal to a threshold goes on to the next stage. So `cLow = 0` never rejects, `cHigh = 1`
 * never accepts, `deltaDiff = 0` never holds a frame unchanged. A score that is not a number counts as unsure.
 */
export function decide({ deltaDiff, cLow, cHigh }: Thresholds, { difference, confidence }: Scores): Verdict {
  if (deltaDiff !== null) {
    if (difference === undefined) return 'ask-difference';
    if (difference !== null && difference < deltaDiff) return 'unchanged';
  }
  if (cLow !== null && cHigh !== null) {
    if (confidence === undefined) return 'ask-specialized';
    if (confidence !== null && confidence < cLow) return 'rejected';
    if (confidence !== null && confidence > cHigh) return 'accepted';
  }
  return 'ask-reference';
}
