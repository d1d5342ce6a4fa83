import type { ScoreTable } from '../candidate-scores.ts';
import { tallyErrors } from './error-bounds.ts';
import type { SearchPart } from './search-part.ts';
import type { CascadeSimulator } from './simulate-cascade.ts';
import { structureColumns } from './structure-columns.ts';
import { isBetter, type RowTally, type SweepOptions, type SweptThresholds } from './swept-thresholds.ts';
import { coarseGrowth, confidenceGrid, differenceGrid, type GridScores } from './threshold-grid.ts';

/** What a sweep over keyframes works on. */
export interface KeyframeSweepContext {
  readonly table: ScoreTable;
  readonly search: SearchPart;
  readonly simulator: CascadeSimulator;
}

/**
 * Finds the cheapest thresholds within limits for structures that look at keyframes with refinement. A rejected keyframe
 * may cause refinement or spare it, so that calls of the reference do not fall as `cLow` rises, and there is no staircase:
 * every pair of a coarse grid is simulated. Errors are monotone here too, which ends each row of the grid early.
 */
export function sweepKeyframes(
  { table, search, simulator }: KeyframeSweepContext,
  { structure, limits, levelOf, ratioOf }: SweepOptions,
): SweptThresholds | null {
  const { difference, specialized } = structureColumns(table, structure);
  const { rawTruth } = table.part;
  const deltas = difference === null ? [null] : differenceGrid(gridOf(difference.scores, rawTruth), coarseGrowth);
  const grid = specialized === null ? [null] : confidenceGrid(gridOf(specialized.scores, rawTruth), coarseGrowth);
  let best: SweptThresholds | null = null;
  for (const deltaDiff of deltas) {
    for (const cHigh of grid.toReversed()) {
      for (const cLow of grid) {
        if (cLow !== null && cHigh !== null && cLow > cHigh) break;
        const thresholds = { deltaDiff, cLow, cHigh };
        const { labels, counts } = simulator.run(structure, thresholds);
        const errors = rowTally(search, labels);
        if (errors.falseNegativeRows > limits.falseNegativeRows) break;
        const found = { counts, level: levelOf(counts), ratio: ratioOf(errors) };
        if (!isBetter(found, best) || errors.falsePositiveRows > limits.falsePositiveRows) continue;
        if (limits.keepsFalseNegatives?.(errors) === false || limits.keepsFalsePositives?.(errors) === false) continue;
        best = { ...found, thresholds };
      }
    }
  }
  return best;
}

/** The errors of labels, by block and in total. */
export function rowTally(search: SearchPart, labels: Uint8Array): RowTally {
  const tally = tallyErrors(search, labels);
  const sum = (errors: Int32Array): number => errors.reduce((total, count) => total + count, 0);
  return { ...tally, falseNegativeRows: sum(tally.falseNegatives), falsePositiveRows: sum(tally.falsePositives) };
}

/** All rows by ascending score; costly are the positive ones. */
function gridOf(column: Float64Array | Float32Array, rawTruth: Uint8Array): GridScores {
  const rows = Int32Array.from(column.keys())
    .filter(row => !Number.isNaN(column[row]))
    .sort((a, b) => (column[a] ?? 0) - (column[b] ?? 0));
  return {
    scores: Float64Array.from(rows, row => column[row] ?? 0),
    costly: Uint8Array.from(rows, row => rawTruth[row] ?? 0),
  };
}
