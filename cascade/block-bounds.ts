import { bisect } from './bisect.ts';
import { studentT } from './student-t.ts';

/** Errors among the frames of one block of time that count for a rate. */
export interface BlockCount {
  /** Wrong frames, 0–`frames`. */
  readonly errors: number;
  /** Frames that could have been wrong; a block without any does not count. */
  readonly frames: number;
}

/** Two-sided 95 % bounds of a rate. */
export interface RateBounds {
  /** 0–1, not above the rate. */
  readonly low: number;
  /** 0–1, not below the rate. */
  readonly high: number;
  /** Blocks of time that they rest on. */
  readonly blocks: number;
  /**
   * `ratio-t`: from how the rate varies between blocks. `blocks-exact`: too few blocks differ from the rest for that, so
   * each such block counts as a whole: wide, but it holds.
   */
  readonly method: 'ratio-t' | 'blocks-exact';
}

/** Fewest blocks to say anything: with 4, t's factor is above 3 and the exact bound above 0.6. */
const fewestBlocks = 5;
/** Fewest blocks with an error for their scatter to be an estimate. */
const fewestErringBlocks = 3;
/** Half of what 95 % leaves out. */
const tail = 0.025;

/**
 * Bounds of the rate `sum of errors ÷ sum of frames`, with blocks rather than frames as the independent pieces (frames of
 * one event are not: house.md §6).
 *
 * A ratio estimator over blocks as clusters, its variance linearized (Cochran, Sampling Techniques, 3rd ed., §6.4 and
 * §9A.1), and Student's t with one degree of freedom fewer than blocks. Where fewer than 3 blocks hold an error, or fewer than 3
 * are not wholly wrong, scatter says nothing; then the share of such blocks gets its exact binomial bound (Clopper and
 * Pearson 1934), and a block counts as wrong from its first to its last frame. Deterministic; no random numbers.
 * @returns Null with fewer than 5 blocks.
 */
export function blockBounds(counts: readonly BlockCount[]): RateBounds | null {
  const blocks = counts.filter(({ frames }) => frames > 0);
  const count = blocks.length;
  if (count < fewestBlocks) return null;
  const frames = blocks.reduce((sum, block) => sum + block.frames, 0);
  const rate = blocks.reduce((sum, block) => sum + block.errors, 0) / frames;
  const erring = blocks.filter(({ errors }) => errors > 0).length;
  const spared = blocks.filter(block => block.errors < block.frames).length;
  const exact = { blocks: count, method: 'blocks-exact' } as const;
  if (erring < fewestErringBlocks) return { low: 0, high: Math.max(rate, exactHigh(erring, count)), ...exact };
  if (spared < fewestErringBlocks) return { low: Math.min(rate, 1 - exactHigh(spared, count)), high: 1, ...exact };
  const squares = blocks.reduce((sum, block) => sum + (block.errors - rate * block.frames) ** 2, 0);
  const deviation = Math.sqrt((count / (count - 1)) * squares) / frames;
  const reach = studentT({ freedom: count - 1, tail }) * deviation;
  return { low: Math.max(0, rate - reach), high: Math.min(1, rate + reach), blocks: count, method: 'ratio-t' };
}

/** Clopper–Pearson upper bound of a share of which `hits` of `count` were seen. */
function exactHigh(hits: number, count: number): number {
  // P(at most `hits`) falls as the share grows.
  return bisect(0, 1, share => {
    let term = (1 - share) ** count;
    let sum = term;
    for (let k = 1; k <= hits; k++) {
      term *= ((count - k + 1) / k) * (share / (1 - share));
      sum += term;
    }
    return sum < tail;
  });
}
