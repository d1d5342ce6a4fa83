import type { FrameIndex, FrameTable } from '../../ingest/index.ts';
import { type RowLayout, rowCount } from './row-layout.ts';

/** Consecutive rows of one stretch that one worker decodes. */
export interface RowPiece {
  /** Position of the source in the list of sources. */
  readonly source: number;
  /** Rows `from` (inclusive) to `to` (exclusive), at least one. */
  readonly rows: { readonly from: number; readonly to: number };
  /** Frame of the first row; the others follow `step` frames apart. */
  readonly firstFrame: FrameIndex;
  /** Whether it begins its stretch: nothing before it may stand in for a frame that did not decode. */
  readonly isStretchStart: boolean;
}

/** Least frames for a worker of its own: about what decodes in the 0.3 s that a process takes to start. */
const leastFrames = 250;

/**
 * Shares the rows of a part between workers: as many rows for each, in order, cut between stretches or at the keyframe
 * nearest to where equal shares would end.
 * @param tables - Where the frames of each source lie.
 * @param workers - Most shares, 1 or more; fewer when there is little to decode.
 */
export function shareRows(
  layout: RowLayout,
  tables: readonly Pick<FrameTable, 'keyframes'>[],
  workers: number,
): RowPiece[][] {
  const count = rowCount(layout);
  const shares = Math.max(1, Math.min(workers, Math.floor((count * layout.step) / leastFrames)));
  const cuts = Array.from({ length: shares - 1 }, (_, i) =>
    nearestCut(layout, tables, Math.round((count * (i + 1)) / shares)),
  );
  const borders = [0, ...cuts.sort((a, b) => a - b), count];
  return Array.from({ length: shares }, (_, i) =>
    piecesWithin(layout, borders[i] ?? 0, borders[i + 1] ?? count),
  ).filter(pieces => pieces.length > 0);
}

/** The row nearest to a row at which decoding may begin without decoding anything twice. */
function nearestCut(
  { stretches, step }: RowLayout,
  tables: readonly Pick<FrameTable, 'keyframes'>[],
  row: number,
): number {
  const stretch = stretches.find(({ rows }) => rows.to > row);
  if (stretch === undefined) return row;
  const { rows, range } = stretch;
  const starts = [rows.from, rows.to];
  for (const keyframe of tables[stretch.source]?.keyframes ?? []) {
    if (keyframe > range.from && keyframe < range.to)
      starts.push(rows.from + Math.ceil((keyframe - range.from) / step));
  }
  return starts.reduce((best, start) => (Math.abs(start - row) < Math.abs(best - row) ? start : best));
}

function piecesWithin({ stretches, step }: RowLayout, from: number, to: number): RowPiece[] {
  return stretches.flatMap(({ source, range, rows }) => {
    const piece = { from: Math.max(from, rows.from), to: Math.min(to, rows.to) };
    if (piece.from >= piece.to) return [];
    const firstFrame = range.from + (piece.from - rows.from) * step;
    return [{ source, rows: piece, firstFrame, isStretchStart: piece.from === rows.from }];
  });
}
