/** Ratio of two levels of cost. */
const levelRatio = 1.1;

/**
 * Coarse, logarithmic level of a cost: costs of one level differ by 10 % at most and count as equal, since measured
 * costs are no more certain than that, and a choice must not hang on noise.
 */
export function costLevel(frameUs: number): number {
  return Math.ceil(Math.log(frameUs) / Math.log(levelRatio));
}
