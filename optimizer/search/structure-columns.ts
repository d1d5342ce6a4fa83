import type { ScoreTable } from '../candidate-scores.ts';
import type { PlanStructure } from '../found-plan.ts';

/** The score columns that a structure uses. */
export interface StructureColumns {
  readonly difference: ScoreTable['differences'][number] | null;
  readonly specialized: ScoreTable['specialized'][number] | null;
}

/**
 * Finds the columns of a structure.
 * @throws RangeError - when the table lacks a candidate, or the structure does not fit it (see {@link fitsTable}).
 */
export function structureColumns(table: ScoreTable, structure: PlanStructure): StructureColumns {
  const difference = table.differences.find(({ id }) => id === structure.difference) ?? null;
  const specialized = table.specialized.find(({ id }) => id === structure.specialized) ?? null;
  if ((difference?.id ?? null) !== structure.difference) {
    throw new RangeError(`The score table has no difference detector ${structure.difference}.`);
  }
  if ((specialized?.id ?? null) !== structure.specialized) {
    throw new RangeError(`The score table has no specialized model ${structure.specialized}.`);
  }
  if (!fitsTable(table, structure)) {
    throw new RangeError(`The structure ${JSON.stringify(structure)} does not fit the score table.`);
  }
  return { difference, specialized };
}

/**
 * Whether a structure can be simulated on a table: `tSkip` is a multiple of the distance of two rows, the distance of the
 * frames compared is a multiple of `tSkip`; keyframes need a row for every frame and compare with the empty scene alone.
 */
export function fitsTable({ part, differences }: ScoreTable, { skip, difference }: PlanStructure): boolean {
  const tDiffFrames = differences.find(({ id }) => id === difference)?.tDiffFrames ?? null;
  if (skip.kind === 'keyframes') return part.step === 1 && tDiffFrames === null;
  return skip.tSkip % part.step === 0 && (tDiffFrames === null || tDiffFrames % skip.tSkip === 0);
}

/** Distance of a row from the one that it is compared with, in rows, 1 or more; null: nothing or the empty scene. */
export function comparedRows({ part }: ScoreTable, { difference }: StructureColumns): number | null {
  return difference === null || difference.tDiffFrames === null ? null : difference.tDiffFrames / part.step;
}
