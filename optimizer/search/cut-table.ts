import type { ScoreTable } from '../candidate-scores.ts';
import type { LabeledPart, LabeledStretch } from '../labeled-part.ts';

/** Rows of a table. */
export interface RowRange {
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/**
 * The table of some of a table's rows, each range a stretch of its own (two where it goes over the border of one). Truth
 * is kept as it was smoothed before.
 * @param ranges - Ascending and disjoint.
 */
export function cutTable(table: ScoreTable, ranges: readonly RowRange[]): ScoreTable {
  const { part } = table;
  const stretches: LabeledStretch[] = [];
  const pieces: RowRange[] = [];
  let count = 0;
  for (const range of ranges) {
    for (const { source, range: frames, rows } of part.stretches) {
      const from = Math.max(range.from, rows.from);
      const to = Math.min(range.to, rows.to);
      if (to <= from) continue;
      const frameAt = (row: number): number => frames.from + (row - rows.from) * part.step;
      const end = to === rows.to ? frames.to : frameAt(to);
      const own = { from: count, to: count + to - from };
      stretches.push({ source, range: { from: frameAt(from), to: end }, rows: own });
      pieces.push({ from, to });
      count = own.to;
    }
  }
  const cut = <Column extends Uint8Array | Uint32Array | Float32Array | Float64Array>(column: Column): Column => {
    const kept = column.slice(0, count) as Column;
    for (const [index, { from, to }] of pieces.entries()) {
      kept.set(column.subarray(from, to), stretches[index]?.rows.from);
    }
    return kept;
  };
  const cutPart: LabeledPart = {
    stretches,
    step: part.step,
    frames: cut(part.frames),
    timestampsUs: cut(part.timestampsUs),
    keyframes: cut(part.keyframes),
    rawTruth: cut(part.rawTruth),
    truth: cut(part.truth),
  };
  return {
    part: cutPart,
    skips: table.skips,
    differences: table.differences.map(candidate => ({ ...candidate, scores: cut(candidate.scores) })),
    specialized: table.specialized.map(candidate => ({ ...candidate, scores: cut(candidate.scores) })),
  };
}
