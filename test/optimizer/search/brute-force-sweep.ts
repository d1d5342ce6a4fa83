import type { Thresholds } from '../../../cascade/index.ts';
import type { ErrorTargets, PlanStructure, ScoreTable, StageCounts } from '../../../optimizer/index.ts';
import { costLevel } from '../../../optimizer/search/cost-level.ts';
import { cutBlocks } from '../../../optimizer/search/cut-blocks.ts';
import { planCost } from '../../../optimizer/search/plan-cost.ts';
import type { CostModel } from '../../../optimizer/search/sweep-table.ts';
import {
  coarseGrowth,
  confidenceGrid,
  differenceGrid,
  fineGrowth,
  type GridScores,
} from '../../../optimizer/search/threshold-grid.ts';
import { type NaiveAnswer, naiveCascade } from './naive-cascade.ts';

/** A triple of thresholds that keeps the targets. */
export interface BruteForceTriple {
  readonly thresholds: Thresholds;
  readonly level: number;
  /** The larger error rate as a share of its target. */
  readonly ratio: number;
}

/** What brute force works on. */
export interface BruteForceOptions extends CostModel {
  readonly table: ScoreTable;
  readonly structure: PlanStructure;
  readonly targets: ErrorTargets;
  readonly smoothingMs: number;
  /** Whether one standard deviation more must keep the targets too. Default false. */
  readonly isCareful?: boolean;
}

/**
 * Every triple of the grid that keeps the targets, each run through the naive cascade. Of the values of `cLow` that keep
 * them with the same other two, the highest alone where there is a staircase.
 */
export function bruteForceSweep(options: BruteForceOptions): BruteForceTriple[] {
  const { table, structure, targets, smoothingMs, costs, processes, isCareful = false } = options;
  const { rawTruth, truth } = table.part;
  const isEvery = structure.skip.kind === 'every';
  const growth = isEvery ? fineGrowth : coarseGrowth;
  const difference = table.differences.find(({ id }) => id === structure.difference);
  const specialized = table.specialized.find(({ id }) => id === structure.specialized);
  const run = (thresholds: Thresholds): NaiveAnswer[] => naiveCascade(table, structure, thresholds, smoothingMs);
  const everyRow = Array.from(truth.keys());
  const offered = { cLow: specialized ? 0 : null, cHigh: specialized ? 1 : null };

  const lookedAt = run({ deltaDiff: difference ? 0 : null, ...offered });
  const rowsBefore = (difference?.tDiffFrames ?? 0) / table.part.step;
  const before = (row: number): number | null => {
    const stretch = table.part.stretches.find(({ rows }) => row >= rows.from && row < rows.to);
    return row - rowsBefore < (stretch?.rows.from ?? 0) ? null : row - rowsBefore;
  };
  const changed = (row: number): boolean => rawTruth[row] !== (rowsBefore === 0 ? 0 : rawTruth[before(row) ?? 0]);
  const compared = everyRow.filter(row => before(row) !== null && (!isEvery || lookedAt[row]?.decidedBy !== 'skipped'));
  const deltas =
    difference === undefined ? [null] : differenceGrid(ascending(compared, difference.scores, changed), growth);
  const kept: BruteForceTriple[] = [];
  for (const deltaDiff of deltas) {
    const roots = run({ deltaDiff, ...offered });
    const scored = everyRow.filter(
      row => !isEvery || !['skipped', 'unchanged'].includes(roots[row]?.decidedBy ?? 'skipped'),
    );
    const grid =
      specialized === undefined
        ? [null]
        : confidenceGrid(
            ascending(scored, specialized.scores, row => rawTruth[row] === 1),
            growth,
          );
    for (const cHigh of grid.toReversed()) {
      let highest: BruteForceTriple | null = null;
      for (const cLow of grid) {
        if (cLow !== null && cHigh !== null && cLow > cHigh) continue;
        const thresholds = { deltaDiff, cLow, cHigh };
        const answers = run(thresholds);
        const [missed, invented] = [wrongShare(table, answers, 1), wrongShare(table, answers, 0)];
        const most = (positive: 0 | 1): number =>
          wrongShare(table, answers, positive) + (isCareful ? deviation(table, answers, positive) : 0);
        if (most(1) > targets.falseNegativeRate) continue;
        const keepsOther = most(0) <= targets.falsePositiveRate;
        const level = costLevel(planCost({ structure, counts: countsOf(options, answers), costs, processes }).frameUs);
        const ratio = Math.max(missed / targets.falseNegativeRate, invented / targets.falsePositiveRate);
        const triple = { thresholds, level, ratio };
        if (isEvery) highest = keepsOther ? triple : null;
        else if (keepsOther) kept.push(triple);
      }
      if (highest !== null) kept.push(highest);
    }
  }
  return kept;
}

/** Share of the rows with a truth whose answer is another; 0 without such rows. */
export function wrongShare({ part: { truth } }: ScoreTable, answers: readonly NaiveAnswer[], positive: 0 | 1): number {
  const own = answers.filter((_, row) => truth[row] === positive);
  return own.filter(({ label }) => Number(label) !== positive).length / Math.max(1, own.length);
}

/** Standard deviation of that share over blocks of time, as the textbook has it (Cochran §6.4). */
function deviation(table: ScoreTable, answers: readonly NaiveAnswer[], positive: 0 | 1): number {
  const { truth } = table.part;
  const rate = wrongShare(table, answers, positive);
  const { blockOf, count } = cutBlocks(table.part);
  const blocks = Array.from({ length: count }, (_, block) => {
    const own = answers.filter((_, row) => blockOf[row] === block && truth[row] === positive);
    return { frames: own.length, errors: own.filter(({ label }) => Number(label) !== positive).length };
  }).filter(({ frames }) => frames > 0);
  const frames = blocks.reduce((sum, block) => sum + block.frames, 0);
  if (frames === 0) return 0;
  const residuals = blocks.reduce((sum, block) => sum + (block.errors - rate * block.frames) ** 2, 0);
  const variance = residuals / Math.max(1, blocks.length - 1) / blocks.length;
  return Math.sqrt(variance) / (frames / blocks.length);
}

function ascending(
  rows: readonly number[],
  column: Float64Array | Float32Array,
  isCostly: (row: number) => boolean,
): GridScores {
  const sorted = rows.filter(row => !Number.isNaN(column[row])).sort((a, b) => (column[a] ?? 0) - (column[b] ?? 0));
  return {
    scores: Float64Array.from(sorted, row => column[row] ?? 0),
    costly: Uint8Array.from(sorted, row => Number(isCostly(row))),
  };
}

/** How often each stage ran, from who answered. */
export function countsOf(
  { table: { part }, structure }: Pick<BruteForceOptions, 'table' | 'structure'>,
  answers: readonly NaiveAnswer[],
): StageCounts {
  const by = (...deciders: string[]): number => answers.filter(({ decidedBy }) => deciders.includes(decidedBy)).length;
  const looked = answers.length - by('skipped');
  const frames = answers.length * part.step;
  const isEvery = structure.skip.kind === 'every';
  // A group is refined when a frame of it that is no keyframe was looked at.
  let refined = 0;
  for (const { rows } of part.stretches) {
    for (let from = rows.from, to = from + 1; from < rows.to; from = to) {
      to = from + 1;
      while (to < rows.to && part.keyframes[to] === 0) to++;
      const inside = answers.slice(part.keyframes[from] === 1 ? from + 1 : from, to);
      if (inside.some(({ decidedBy }) => decidedBy !== 'skipped')) refined += to - from;
    }
  }
  return {
    frames,
    decoded: isEvery ? frames : refined,
    keyframes: isEvery ? 0 : part.keyframes.filter(one => one === 1).length,
    compared: structure.difference === null ? 0 : looked,
    scored: structure.specialized === null ? 0 : looked - by('unchanged'),
    referenced: by('referenced'),
  };
}
