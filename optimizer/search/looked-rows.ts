import type { LabeledPart } from '../labeled-part.ts';

/** The rows that the skip rule `every` looks at. */
export interface LookedRows {
  readonly tSkip: number;
  /** (m) rows, ascending. */
  readonly rows: Int32Array;
  /** (m) end (exclusive) of the rows that carry the label of each: the next row looked at, or the end of the stretch. */
  readonly runTo: Int32Array;
  /** (m) position in `rows` of the first of the same stretch. */
  readonly stretchFrom: Int32Array;
}

/** Finds the rows whose distance from the start of their stretch is a multiple of `tSkip` frames. */
export function lookedRows({ stretches, frames }: LabeledPart, tSkip: number): LookedRows {
  const rows: number[] = [];
  const runTo: number[] = [];
  const stretchFrom: number[] = [];
  for (const { range, rows: own } of stretches) {
    const first = rows.length;
    for (let row = own.from; row < own.to; row++) {
      if (((frames[row] ?? 0) - range.from) % tSkip !== 0) continue;
      if (rows.length > first) runTo[rows.length - 1] = row;
      rows.push(row);
      runTo.push(own.to);
      stretchFrom.push(first);
    }
  }
  const column = (values: readonly number[]): Int32Array => Int32Array.from(values);
  return { tSkip, rows: column(rows), runTo: column(runTo), stretchFrom: column(stretchFrom) };
}
