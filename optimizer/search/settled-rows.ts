import type { ScoreTable } from '../candidate-scores.ts';
import type { LookedRows } from './looked-rows.ts';
import { differenceGrid, fineGrowth } from './threshold-grid.ts';

/** What a difference detector leaves of the rows looked at; positions are those of {@link LookedRows}. */
export interface SettledRows {
  readonly deltaDiff: number | null;
  /** (m) position of the row whose label each carries, itself if it was not unchanged; -1: that of the empty scene. */
  readonly rootOf: Int32Array;
  /** (m) next position with the same root; -1 after the last. */
  readonly nextOf: Int32Array;
  /** Rows that go on to the next stage: the roots. */
  readonly rootCount: number;
  /** (n) raw labels if the reference answered for all roots. */
  readonly rawLabels: Uint8Array;
}

/** The rows without a difference detector: all go on. */
export function settleNone(table: ScoreTable, looked: LookedRows): SettledRows {
  return settle(table, looked, { deltaDiff: null, scores: new Float64Array(), distance: null });
}

/** The rows as a difference detector leaves them, for each `deltaDiff` worth trying, descending. */
export function settleByDifference(
  table: ScoreTable,
  looked: LookedRows,
  { scores, tDiffFrames }: ScoreTable['differences'][number],
): SettledRows[] {
  const distance = tDiffFrames === null ? null : tDiffFrames / looked.tSkip;
  const { rawTruth } = table.part;
  const { rows, stretchFrom } = looked;
  const compared: number[] = [];
  for (const [position, row] of rows.entries()) {
    const isComparable = distance === null || position - distance >= (stretchFrom[position] ?? 0);
    if (isComparable && !Number.isNaN(scores[row])) compared.push(position);
  }
  const scoreAt = (position: number): number => scores[rows[position] ?? 0] ?? Number.NaN;
  compared.sort((a, b) => scoreAt(a) - scoreAt(b));
  const labelBefore = (position: number): number | undefined =>
    distance === null ? 0 : rawTruth[rows[position - distance] ?? 0];
  const costly = Uint8Array.from(compared, position =>
    rawTruth[rows[position] ?? 0] === labelBefore(position) ? 0 : 1,
  );
  const deltas = differenceGrid({ scores: Float64Array.from(compared, scoreAt), costly }, fineGrowth);
  return deltas.map(deltaDiff => settle(table, looked, { deltaDiff, scores, distance }));
}

function settle(
  { part: { rawTruth } }: ScoreTable,
  { rows, runTo, stretchFrom }: LookedRows,
  { deltaDiff, scores, distance }: SettleOptions,
): SettledRows {
  const rootOf = new Int32Array(rows.length);
  const nextOf = new Int32Array(rows.length).fill(-1);
  const lastOf = new Int32Array(rows.length);
  const rawLabels = new Uint8Array(rawTruth.length);
  let rootCount = 0;
  for (let position = 0; position < rows.length; position++) {
    const row = rows[position] ?? 0;
    let root = position;
    if (deltaDiff !== null && (scores[row] ?? Number.NaN) < deltaDiff) {
      if (distance === null) root = -1;
      else if (position - distance >= (stretchFrom[position] ?? 0)) root = rootOf[position - distance] ?? 0;
    }
    rootOf[position] = root;
    if (root < 0) continue;
    if (root === position) rootCount++;
    else nextOf[lastOf[root] ?? 0] = position;
    lastOf[root] = position;
    if (rawTruth[rows[root] ?? 0] === 1) rawLabels.fill(1, row, runTo[position]);
  }
  return { deltaDiff, rootOf, nextOf, rootCount, rawLabels };
}

interface SettleOptions {
  readonly deltaDiff: number | null;
  /** Differences by row. */
  readonly scores: Float64Array;
  /** Distance of the row compared with in rows looked at; null: the empty scene. */
  readonly distance: number | null;
}
