import type { LabeledPart } from '../labeled-part.ts';

/** Length of a block of time in µs: 10 s, as `evaluate` has it; longer than most events. */
export const blockUs = 10_000_000;

/**
 * Most blocks that one event may lengthen a block to. An event that goes on is cut: a scene that is never empty would be
 * one block, about which nothing can be said.
 */
const mostBlocksInOne = 3;

/** Which block of time each row lies in. */
export interface TimeBlocks {
  /** (n) block of the row; blocks are numbered in the order of the rows, from 0. */
  readonly blockOf: Int32Array;
  readonly count: number;
}

/**
 * Cuts a part into blocks of 10 s of media time: the independent pieces that error bounds rest on. A block ends at the
 * first row after 10 s whose truth is negative, so that no event lies in two blocks (after 30 s it ends in any case), and
 * at the end of its stretch; a rest of less than half a block is added to the block before.
 */
export function cutBlocks({ stretches, timestampsUs, truth }: LabeledPart): TimeBlocks {
  const blockOf = new Int32Array(truth.length);
  let count = 0;
  for (const { rows } of stretches) {
    if (rows.to <= rows.from) continue;
    let first = rows.from;
    for (let row = rows.from; row < rows.to; row++) {
      const lengthUs = (timestampsUs[row] ?? 0) - (timestampsUs[first] ?? 0);
      if (lengthUs >= blockUs && (truth[row] === 0 || lengthUs >= mostBlocksInOne * blockUs)) {
        first = row;
        count++;
      }
      blockOf[row] = count;
    }
    const restUs = (timestampsUs[rows.to - 1] ?? 0) - (timestampsUs[first] ?? 0);
    if (first > rows.from && restUs < blockUs / 2) {
      count--;
      blockOf.fill(count, first, rows.to);
    }
    count++;
  }
  return { blockOf, count };
}
