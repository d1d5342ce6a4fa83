import type { RowLayout, Stretch } from '../../../optimizer/index.ts';

/** The rows of some stretches, one after another. */
export function layoutOf(stretches: readonly Stretch[], step: number): RowLayout {
  let row = 0;
  return {
    step,
    stretches: stretches.map(stretch => {
      const rows = { from: row, to: row + Math.ceil((stretch.range.to - stretch.range.from) / step) };
      row = rows.to;
      return { ...stretch, rows };
    }),
  };
}

/** The frame that each row shows. */
export function framesOf({ stretches, step }: RowLayout): { source: number; frame: number }[] {
  return stretches.flatMap(({ source, range, rows }) =>
    Array.from({ length: rows.to - rows.from }, (_, i) => ({ source, frame: range.from + i * step })),
  );
}
