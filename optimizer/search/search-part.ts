import type { LabeledPart } from '../labeled-part.ts';
import { cutBlocks, type TimeBlocks } from './cut-blocks.ts';

/** A part with what every simulation on it needs, computed once. */
export interface SearchPart {
  readonly part: LabeledPart;
  /** First row (inclusive) of the smoothing window of each row; never descending. */
  readonly windowFrom: Int32Array;
  /** Last row (exclusive) of the smoothing window of each row; never descending. */
  readonly windowTo: Int32Array;
  readonly blocks: TimeBlocks;
  /** (blocks) rows of each block whose truth is positive. */
  readonly positiveRows: Int32Array;
  /** (blocks) rows of each block whose truth is negative. */
  readonly negativeRows: Int32Array;
  /** Rows whose truth is positive. */
  readonly positiveCount: number;
  /** Rows whose truth is negative. */
  readonly negativeCount: number;
}

/**
 * Prepares a part for simulations: smoothing windows as cascade's `Smoother` has them, within each stretch, and blocks.
 * @param smoothingMs - Window of the query's smoothing in ms, 0 or more.
 */
export function prepareSearchPart(part: LabeledPart, smoothingMs: number): SearchPart {
  const { stretches, timestampsUs, truth } = part;
  const rowCount = truth.length;
  const windowFrom = new Int32Array(rowCount);
  const windowTo = new Int32Array(rowCount);
  const halfUs = (smoothingMs * 1000) / 2;
  for (const { rows } of stretches) {
    let [from, to] = [rows.from, rows.from];
    for (let row = rows.from; row < rows.to; row++) {
      const nowUs = timestampsUs[row] ?? 0;
      while (to < rows.to && (timestampsUs[to] ?? 0) <= nowUs + halfUs) to++;
      while ((timestampsUs[from] ?? 0) < nowUs - halfUs) from++;
      windowFrom[row] = from;
      windowTo[row] = to;
    }
  }
  const blocks = cutBlocks(part);
  const positiveRows = new Int32Array(blocks.count);
  const negativeRows = new Int32Array(blocks.count);
  for (let row = 0; row < rowCount; row++) {
    const block = blocks.blockOf[row] ?? 0;
    const rows = truth[row] === 1 ? positiveRows : negativeRows;
    rows[block] = (rows[block] ?? 0) + 1;
  }
  const positiveCount = positiveRows.reduce((total, rows) => total + rows, 0);
  const negativeCount = rowCount - positiveCount;
  return { part, windowFrom, windowTo, blocks, positiveRows, negativeRows, positiveCount, negativeCount };
}
