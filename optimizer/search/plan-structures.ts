import type { ScoreTable } from '../candidate-scores.ts';
import type { PlanStructure } from '../found-plan.ts';
import { fitsTable } from './structure-columns.ts';

/**
 * Every structure that fits a table, plans without a difference detector and without a specialized model among them, so
 * also the reference alone on every k-th frame. Those that differ in the specialized model alone follow one another.
 */
export function planStructures(table: ScoreTable): PlanStructure[] {
  const differences = [null, ...table.differences.map(({ id }) => id)];
  const specialized = [null, ...table.specialized.map(({ id }) => id)];
  return table.skips
    .flatMap(skip =>
      differences.flatMap(difference => specialized.map(model => ({ skip, difference, specialized: model }))),
    )
    .filter(structure => fitsTable(table, structure));
}

/** Whether a structure asks the reference about every frame that it looks at. */
export function isReferenceAlone({ skip, difference, specialized }: PlanStructure): boolean {
  return skip.kind === 'every' && difference === null && specialized === null;
}
