import { bisect } from './bisect.ts';

/** Which percentile of Student's t. */
export interface StudentTOptions {
  /** Degrees of freedom, an integer of 1 or more. */
  readonly freedom: number;
  /** Probability beyond the value, above 0 and below 0.5: 0.025 for either end of two-sided 95 % bounds. */
  readonly tail: number;
}

/** The value that Student's t exceeds with probability `tail`; at most 10,000. */
export function studentT({ freedom, tail }: StudentTOptions): number {
  return bisect(0, 10_000, t => (1 - centralShare(t, freedom)) / 2 < tail);
}

/** P(|T| < t): the finite series for whole degrees of freedom (Abramowitz and Stegun 26.7.3, 26.7.4). */
function centralShare(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const squaredCosine = Math.cos(angle) ** 2;
  const isOdd = freedom % 2 === 1;
  let term = isOdd ? Math.cos(angle) : 1;
  let sum = freedom === 1 ? 0 : term;
  for (let k = isOdd ? 3 : 2; k <= freedom - 2; k += 2) {
    term *= ((k - 1) / k) * squaredCosine;
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}
