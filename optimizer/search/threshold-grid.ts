/** Scores that a threshold is to be laid among, as columns of one length. */
export interface GridScores {
  /** Ascending. */
  readonly scores: Float64Array;
  /** 1 where an error comes about when the threshold passes this score. */
  readonly costly: Uint8Array;
}

/** Ratios of the ranks that are tried, above 1. */
export interface GridGrowth {
  readonly confidence: number;
  readonly difference: number;
}

/** For 6,000 rows about 25 values each for `cLow` and `cHigh`, and 13 for `deltaDiff`. */
export const fineGrowth: GridGrowth = { confidence: Math.SQRT2, difference: 2 };
/** About 7 values each, for what must be tried one by one. */
export const coarseGrowth: GridGrowth = { confidence: 4, difference: 4 };

/**
 * Thresholds worth trying between scores: for the ranks k = 0, 1, 2, … (growing geometrically) the threshold that passes
 * k costly scores and goes as far up as it can without passing a further one. Between two costly scores a higher
 * threshold only saves work, so nothing is lost; where many errors have been allowed already, few values are tried.
 *
 * Each lies in the middle between a costly score and the score before it, since a model answers a batch differently in
 * the last bits than its frames one by one.
 */
function thresholdsBelow({ scores, costly }: GridScores, growth: number): number[] {
  const thresholds: number[] = [];
  let passed = 0;
  let rank = 0;
  for (let position = 0; position < scores.length; position++) {
    if (costly[position] === 0) continue;
    if (passed++ < rank) continue;
    const score = scores[position] ?? 0;
    let before = position - 1;
    while (before >= 0 && scores[before] === score) before--;
    if (before >= 0) thresholds.push(((scores[before] ?? 0) + score) / 2);
    rank = Math.max(rank + 1, Math.round(rank * growth));
  }
  return thresholds;
}

/**
 * Grid for `cLow` and `cHigh`, ascending, from 0 to 1: what is worth trying for either, since they may meet, which leaves
 * the reference model out.
 * @param grid - Confidences of the rows that reach the specialized model; costly are the positive rows.
 */
export function confidenceGrid({ scores, costly }: GridScores, { confidence }: GridGrowth): number[] {
  const lows = thresholdsBelow({ scores, costly }, confidence);
  // Seen from above, passing a negative row is what costs.
  const fromAbove = { scores: scores.map(score => -score).reverse(), costly: costly.map(one => 1 - one).reverse() };
  const highs = thresholdsBelow(fromAbove, confidence).map(threshold => -threshold);
  return [...new Set([0, ...lows, ...highs, 1])].sort((a, b) => a - b);
}

/**
 * Grid for `deltaDiff`, descending: the cheapest first. All are above 0; a plan without the difference detector is
 * another structure.
 * @param grid - Differences of the rows that are compared; costly are those whose label changed.
 */
export function differenceGrid(grid: GridScores, { difference }: GridGrowth): number[] {
  const thresholds = thresholdsBelow(grid, difference).filter(threshold => threshold > 0);
  const highest = grid.scores.at(-1) ?? 0;
  // Nothing ever changed: all but the highest are unchanged.
  if (highest > 0 && !grid.costly.includes(1)) thresholds.push(highest);
  return [...new Set(thresholds)].sort((a, b) => b - a);
}
