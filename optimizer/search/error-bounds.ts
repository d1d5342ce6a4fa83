import type { BoundedRate, ErrorTargets, PlanErrors } from '../found-plan.ts';
import type { SearchPart } from './search-part.ts';
import { type BlockSums, sumBlocks, upperBound } from './upper-bound.ts';

/** Wrong rows by block of time. */
export interface ErrorTally {
  /** (blocks) rows whose truth is positive and whose answer is not. */
  readonly falseNegatives: Int32Array;
  /** (blocks) rows whose truth is negative and whose answer is not. */
  readonly falsePositives: Int32Array;
}

/** How sure bounds are. */
export interface BoundOptions {
  /** Probability with which both bounds of a plan hold, above 0.5 and below 1. */
  readonly confidence: number;
  /** Plans among which one was chosen by their errors on this part, 1 or more. Default 1. */
  readonly compared?: number;
}

/**
 * Probability that is left to a single bound: what `confidence` leaves is shared among the two rates of all plans that
 * were compared (Bonferroni), so that all of the bounds hold together.
 */
export function tailOf({ confidence, compared = 1 }: BoundOptions): number {
  return (1 - confidence) / (2 * compared);
}

/** Counts wrong rows by block. */
export function tallyErrors({ part, blocks }: SearchPart, labels: Uint8Array): ErrorTally {
  const falseNegatives = new Int32Array(blocks.count);
  const falsePositives = new Int32Array(blocks.count);
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] === part.truth[row]) continue;
    const block = blocks.blockOf[row] ?? 0;
    const errors = part.truth[row] === 1 ? falseNegatives : falsePositives;
    errors[block] = (errors[block] ?? 0) + 1;
  }
  return { falseNegatives, falsePositives };
}

/** Both error rates with their one-sided upper bounds (docs/accuracy.md). */
export function boundErrors(search: SearchPart, tally: ErrorTally, options: BoundOptions): PlanErrors {
  const { step } = search.part;
  const rateOf = (errors: Int32Array, rows: Int32Array): BoundedRate => {
    const sums = sumBlocks(errors, rows);
    return {
      estimate: sums.frames === 0 ? null : sums.errors / sums.frames,
      bound: upperBound(sums, tailOf(options)),
      errors: sums.errors * step,
      frames: sums.frames * step,
      blocks: sums.blocks,
    };
  };
  return {
    falseNegative: rateOf(tally.falseNegatives, search.positiveRows),
    falsePositive: rateOf(tally.falsePositives, search.negativeRows),
  };
}

/**
 * How much more footage the bounds need, in seconds of media time, if it is like the part at hand: as many events in a
 * time, errors that scatter as they do here.
 * @param tally - Errors of the plan that is to be bounded.
 * @returns 0 when the bounds are kept already; null when no amount helps, since a rate itself is above its target, or
 *   when nothing is known about a rate.
 */
export function footageNeeded(
  search: SearchPart,
  tally: ErrorTally,
  { targets, compared = 1 }: { readonly targets: ErrorTargets; readonly compared?: number },
): number | null {
  const tail = tailOf({ confidence: targets.confidence, compared });
  const factors = [
    timesNeeded(sumBlocks(tally.falseNegatives, search.positiveRows), targets.falseNegativeRate, tail),
    timesNeeded(sumBlocks(tally.falsePositives, search.negativeRows), targets.falsePositiveRate, tail),
  ];
  const times = factors.reduce((most, factor) => (most === null || factor === null ? null : Math.max(most, factor)), 1);
  return times === null ? null : (times - 1) * partSeconds(search);
}

/** Most times the footage at hand that are worth a figure. */
const mostTimes = 10_000;

function timesNeeded(sums: BlockSums, target: number, tail: number): number | null {
  if (sums.blocks === 0 || sums.errors >= target * sums.frames) return null;
  const keeps = (times: number): boolean => upperBound(repeated(sums, times), tail) <= target;
  if (keeps(1)) return 1;
  let high = 2;
  while (!keeps(high)) {
    if (high > mostTimes) return null;
    high *= 2;
  }
  let low = high / 2;
  // To 1 %: the forecast is no better than that.
  while (high - low > 0.01 * low) {
    const middle = (low + high) / 2;
    if (keeps(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The sums of so many times the footage, a whole number of blocks. */
function repeated(sums: BlockSums, times: number): BlockSums {
  const blocks = Math.floor(sums.blocks * times);
  const factor = blocks / sums.blocks;
  return {
    blocks,
    frames: sums.frames * factor,
    errors: sums.errors * factor,
    squaredFrames: sums.squaredFrames * factor,
    squaredErrors: sums.squaredErrors * factor,
    products: sums.products * factor,
  };
}

/** Media time of a part in seconds. */
function partSeconds({ part: { stretches, timestampsUs } }: SearchPart): number {
  let totalUs = 0;
  for (const { rows } of stretches) {
    const rowCount = rows.to - rows.from;
    if (rowCount < 2) continue;
    const spanUs = (timestampsUs[rows.to - 1] ?? 0) - (timestampsUs[rows.from] ?? 0);
    totalUs += (spanUs * rowCount) / (rowCount - 1);
  }
  return totalUs / 1e6;
}
