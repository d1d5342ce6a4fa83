import type { LabeledPart } from '../labeled-part.ts';

/** Which frames the rows of a part are: row `rows.from + i` of a stretch is its frame `range.from + i * step`. */
export type RowLayout = Pick<LabeledPart, 'stretches' | 'step'>;

/** Number of rows of a part. */
export function rowCount({ stretches }: RowLayout): number {
  return stretches.reduce((count, { rows }) => Math.max(count, rows.to), 0);
}
