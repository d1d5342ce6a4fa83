import type { Thresholds } from '../../cascade/index.ts';
import type { ScoreTable } from '../candidate-scores.ts';
import type { PlanErrors, PlanStructure } from '../found-plan.ts';
import type { StageCounts } from '../stage-costs.ts';
import { type BoundOptions, boundErrors, tallyErrors } from './error-bounds.ts';
import { prepareSearchPart } from './search-part.ts';
import { CascadeSimulator } from './simulate-cascade.ts';

/** How to measure. */
export interface MeasurePlanOptions extends BoundOptions {
  /** Window of the query's smoothing in ms, 0 or more. */
  readonly smoothingMs: number;
}

/** What a plan does on a part. */
export interface PlanMeasurement {
  readonly errors: PlanErrors;
  readonly counts: StageCounts;
  /** (n) 1 where the plan's answer after smoothing is positive. */
  readonly labels: Uint8Array;
  /** (n) who answered: positions in cascade's `deciders`. */
  readonly deciders: Uint8Array;
}

/**
 * Runs a plan over any part: its errors and how often each stage runs. On a part that nothing was chosen on, such as the
 * test part, `compared` is 1.
 * @throws RangeError - when the table lacks a candidate of the plan, or the structure does not fit it.
 */
export function measurePlan(
  table: ScoreTable,
  { structure, thresholds }: { readonly structure: PlanStructure; readonly thresholds: Thresholds },
  { smoothingMs, ...bounds }: MeasurePlanOptions,
): PlanMeasurement {
  const search = prepareSearchPart(table.part, smoothingMs);
  const { counts, labels, deciders } = new CascadeSimulator(table, search).run(structure, thresholds);
  return { errors: boundErrors(search, tallyErrors(search, labels), bounds), counts, labels, deciders };
}
