import { expect, it } from 'vitest';
import { type RowPiece, shareRows } from '../../../optimizer/pictures/share-rows.ts';
import { seeded } from '../../cascade/random.ts';
import { framesOf, layoutOf } from './part-of.ts';

it.each(Array.from({ length: 40 }, (_, seed) => seed))('gives every row to one worker, in order (%i)', seed => {
  const random = seeded(seed);
  const whole = (from: number, to: number): number => from + Math.floor(random() * (to - from));
  const step = whole(1, 6);
  const starts = Array.from({ length: whole(1, 5) }, () => whole(0, 1000));
  const stretches = starts.map((from, i) => ({ source: i % 2, range: { from, to: from + whole(1, 1500) } }));
  const tables = [0, 1].map(() => ({ keyframes: Uint32Array.from({ length: 100 }, (_, i) => i * 25) }));
  const layout = layoutOf(stretches, step);
  const shares = shareRows(layout, tables, whole(1, 6));
  const pieces = shares.flat();
  const rows = pieces.flatMap(piece => rowsOf(piece, step));
  expect(rows).toEqual(framesOf(layout).map((place, row) => ({ row, ...place })));
  for (const { rows, isStretchStart, firstFrame } of pieces) {
    const stretch = layout.stretches.find(other => other.rows.from <= rows.from && rows.from < other.rows.to);
    expect(isStretchStart).toBe(rows.from === stretch?.rows.from);
    // Rows between a keyframe and the next row's frame would be decoded for nothing.
    if (!isStretchStart) expect(firstFrame % 25).toBeLessThan(step);
  }
});

function rowsOf(
  { source, rows, firstFrame }: RowPiece,
  step: number,
): { row: number; source: number; frame: number }[] {
  return Array.from({ length: rows.to - rows.from }, (_, i) => ({
    row: rows.from + i,
    source,
    frame: firstFrame + i * step,
  }));
}

it('shares about evenly', () => {
  const layout = layoutOf([{ source: 0, range: { from: 0, to: 10_000 } }], 1);
  const shares = shareRows(layout, [{ keyframes: Uint32Array.from({ length: 200 }, (_, i) => i * 50) }], 4);
  expect(shares.map(pieces => pieces.map(({ rows }) => rows))).toEqual([
    [{ from: 0, to: 2500 }],
    [{ from: 2500, to: 5000 }],
    [{ from: 5000, to: 7500 }],
    [{ from: 7500, to: 10_000 }],
  ]);
});
