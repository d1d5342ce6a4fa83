import type { ScoreTable } from '../candidate-scores.ts';
import type { StageCounts } from '../stage-costs.ts';
import { LabelState } from './label-state.ts';
import { type LookedRows, lookedRows } from './looked-rows.ts';
import type { SearchPart } from './search-part.ts';
import { type SettledRows, settleByDifference, settleNone } from './settled-rows.ts';
import { type StructureColumns, structureColumns } from './structure-columns.ts';
import { isBetter, type SweepLimits, type SweepOptions, type SweptThresholds } from './swept-thresholds.ts';
import { confidenceGrid, fineGrowth } from './threshold-grid.ts';

/**
 * Finds the cheapest thresholds that keep targets for structures with the skip rule `every`, on a grid from the scores.
 *
 * Raising `cLow` only turns raw labels off, and so smoothed ones: false negatives only increase, false positives and
 * calls of the reference only decrease. Lowering `cHigh` does the reverse. So for each `cHigh`, from 1 down, the cheapest
 * `cLow` is the highest that keeps the false negatives, and it only rises on the way: one walk along a staircase finds
 * the cheapest pair exactly.
 */
export class ThresholdSweeper {
  readonly #table: ScoreTable;
  readonly #search: SearchPart;
  readonly #state: LabelState;
  readonly #looked = new Map<number, LookedRows>();
  readonly #byConfidence = new Map<string, Int32Array>();
  /** What the difference detector of the last structure leaves: its neighbors share it. */
  #settled: { readonly key: string; readonly byDelta: readonly SettledRows[] } = { key: '', byDelta: [] };

  /** @param search - The table's part, prepared. */
  constructor(table: ScoreTable, search: SearchPart) {
    this.#table = table;
    this.#search = search;
    this.#state = new LabelState(search);
  }

  /**
   * The cheapest thresholds within the limits, the first of them in the order of the grid; null when there are none.
   * Faster when structures that differ in the specialized model alone follow one another.
   * @throws RangeError - when the structure does not fit the table, or has keyframes, whose costs have no staircase.
   */
  sweep({ structure, limits, levelOf, ratioOf }: SweepOptions): SweptThresholds | null {
    const columns = structureColumns(this.#table, structure);
    if (structure.skip.kind !== 'every') throw new RangeError('Keyframes have no staircase of thresholds.');
    const looked = this.#lookedRows(structure.skip.tSkip);
    let best: SweptThresholds | null = null;
    for (const settled of this.#settledRows(columns, looked)) {
      const { rootCount } = settled;
      const least =
        columns.specialized === null ? { scored: 0, referenced: rootCount } : { scored: rootCount, referenced: 0 };
      const atLeast = levelOf(this.#counts(columns, looked, least));
      if (!isBetter({ level: atLeast, ratio: 0 }, best)) continue;
      this.#state.reset(settled.rawLabels);
      const walk = { columns, looked, settled, limits, levelOf, ratioOf };
      const found = columns.specialized === null ? this.#askAll(walk) : this.#walk(walk, columns.specialized.scores);
      if (found !== null && isBetter(found, best)) best = found;
    }
    return best;
  }

  /** Without a specialized model the reference answers for all roots. */
  #askAll({ columns, looked, settled, limits, levelOf, ratioOf }: WalkOptions): SweptThresholds | null {
    if (!this.#keepsFalseNegatives(limits) || !this.#keepsFalsePositives(limits)) return null;
    const counts = this.#counts(columns, looked, { scored: 0, referenced: settled.rootCount });
    const thresholds = { deltaDiff: settled.deltaDiff, cLow: null, cHigh: null };
    return { thresholds, counts, level: levelOf(counts), ratio: ratioOf(this.#state) };
  }

  #walk(options: WalkOptions, confidences: Float32Array): SweptThresholds | null {
    const { columns, looked, settled, limits, levelOf, ratioOf } = options;
    const { rows } = looked;
    const { rawTruth } = this.#search.part;
    const roots = this.#rootsByConfidence(columns, looked).filter(position => settled.rootOf[position] === position);
    const scores = Float64Array.from(roots, position => confidences[rows[position] ?? 0] ?? 0);
    const costly = Uint8Array.from(roots, position => rawTruth[rows[position] ?? 0] ?? 0);
    const grid = confidenceGrid({ scores, costly }, fineGrowth);
    const withoutConfidence = settled.rootCount - roots.length;
    let best: SweptThresholds | null = null;
    // Roots before `below` are rejected, those from `above` on accepted; a root is flipped if the reference disagrees.
    let below = 0;
    let above = roots.length;
    let low = 0;
    for (let high = grid.length - 1; high >= 0; high--) {
      const cHigh = grid[high] ?? 1;
      for (; above > 0 && (scores[above - 1] ?? 0) > cHigh; above--) {
        if (costly[above - 1] === 0) this.#flip(looked, settled, roots[above - 1] ?? 0, 1);
      }
      // Both meet: from here on there are no calls of the reference to save, and `cLow` goes down with `cHigh`.
      for (low = Math.min(low, high); below > 0 && (scores[below - 1] ?? 0) >= (grid[low] ?? 0); below--) {
        if (costly[below - 1] === 1) this.#flip(looked, settled, roots[below - 1] ?? 0, 1);
      }
      while (low < high) {
        const next = grid[low + 1] ?? 1;
        const mark = below;
        for (; below < roots.length && (scores[below] ?? 0) < next; below++) {
          if (costly[below] === 1) this.#flip(looked, settled, roots[below] ?? 0, 0);
          if (this.#state.falseNegativeRows > limits.falseNegativeRows) break;
        }
        if (this.#keepsFalseNegatives(limits)) {
          low++;
          continue;
        }
        // The root at which it broke off has been flipped too.
        if (below < roots.length && (scores[below] ?? 0) < next) below++;
        for (; below > mark; below--) {
          if (costly[below - 1] === 1) this.#flip(looked, settled, roots[below - 1] ?? 0, 1);
        }
        break;
      }
      const referenced = withoutConfidence + above - below;
      const counts = this.#counts(columns, looked, { scored: settled.rootCount, referenced });
      const isKept = this.#keepsFalsePositives(limits);
      // Where they have met, a lower `cHigh` only accepts more.
      if (low === high && !isKept) break;
      const found = { counts, level: levelOf(counts), ratio: ratioOf(this.#state) };
      if (!isKept || !isBetter(found, best) || !this.#keepsFalseNegatives(limits)) continue;
      best = { ...found, thresholds: { deltaDiff: settled.deltaDiff, cLow: grid[low] ?? 0, cHigh } };
    }
    return best;
  }

  /** Gives all rows that carry the label of a root another raw label. */
  #flip({ rows, runTo }: LookedRows, { nextOf }: SettledRows, root: number, rawLabel: 0 | 1): void {
    for (let position = root; position >= 0; position = nextOf[position] ?? -1) {
      this.#state.set(rows[position] ?? 0, runTo[position] ?? 0, rawLabel);
    }
  }

  #keepsFalseNegatives({ falseNegativeRows, keepsFalseNegatives }: SweepLimits): boolean {
    return this.#state.falseNegativeRows <= falseNegativeRows && (keepsFalseNegatives?.(this.#state) ?? true);
  }

  #keepsFalsePositives({ falsePositiveRows, keepsFalsePositives }: SweepLimits): boolean {
    return this.#state.falsePositiveRows <= falsePositiveRows && (keepsFalsePositives?.(this.#state) ?? true);
  }

  #counts(
    { difference }: StructureColumns,
    { rows }: LookedRows,
    asked: Pick<StageCounts, 'scored' | 'referenced'>,
  ): StageCounts {
    const { part } = this.#search;
    const frames = part.truth.length * part.step;
    return { frames, decoded: frames, keyframes: 0, compared: difference === null ? 0 : rows.length, ...asked };
  }

  #lookedRows(tSkip: number): LookedRows {
    const looked = this.#looked.get(tSkip) ?? lookedRows(this.#search.part, tSkip);
    this.#looked.set(tSkip, looked);
    return looked;
  }

  #settledRows({ difference }: StructureColumns, looked: LookedRows): readonly SettledRows[] {
    const key = `${looked.tSkip} ${difference?.id}`;
    if (this.#settled.key !== key) {
      const byDelta =
        difference === null ? [settleNone(this.#table, looked)] : settleByDifference(this.#table, looked, difference);
      this.#settled = { key, byDelta };
    }
    return this.#settled.byDelta;
  }

  /** Positions of the rows looked at that have a confidence, by ascending confidence. */
  #rootsByConfidence({ specialized }: StructureColumns, { tSkip, rows }: LookedRows): Int32Array {
    const key = `${tSkip} ${specialized?.id}`;
    let sorted = this.#byConfidence.get(key);
    if (sorted === undefined) {
      const scores = Float64Array.from(rows, row => specialized?.scores[row] ?? Number.NaN);
      sorted = Int32Array.from(rows.keys())
        .filter(position => !Number.isNaN(scores[position]))
        .sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0) || a - b);
      this.#byConfidence.set(key, sorted);
    }
    return sorted;
  }
}

interface WalkOptions extends Omit<SweepOptions, 'structure'> {
  readonly columns: StructureColumns;
  readonly looked: LookedRows;
  readonly settled: SettledRows;
}
