import { type Decider, deciders, type Thresholds } from '../../cascade/index.ts';
import type { ScoreTable } from '../candidate-scores.ts';
import type { PlanStructure } from '../found-plan.ts';
import type { StageCounts } from '../stage-costs.ts';
import type { SearchPart } from './search-part.ts';
import { comparedRows, type StructureColumns, structureColumns } from './structure-columns.ts';

/** What a cascade would have answered; the columns are the simulator's own and change with its next run. */
export interface Simulation {
  /** (n) 1 where the answer for the frame alone is positive. */
  readonly rawLabels: Uint8Array;
  /** (n) 1 where the answer after smoothing is positive. */
  readonly labels: Uint8Array;
  /** (n) who answered: positions in cascade's `deciders`. */
  readonly deciders: Uint8Array;
  readonly counts: StageCounts;
}

const codeOf = (decider: Decider): number => deciders.indexOf(decider);
const skipped = codeOf('skipped');
const unchanged = codeOf('unchanged');
const rejected = codeOf('rejected');
const accepted = codeOf('accepted');
const referenced = codeOf('referenced');

/**
 * Answers for the rows of a table as a cascade run would, from logged scores: the reference's answers are the raw truth.
 * Nothing is allocated a run but the counts.
 *
 * With the skip rule `every`, rows are looked at whose distance from the start of their stretch is a multiple of `tSkip`.
 * With keyframes, each group of pictures whose ends disagree is looked at whole, and so are the last of a stretch and
 * rows before its first keyframe, which lack an end. Where only every n-th frame has a row, the counts are those of all
 * frames; a row looked at is one frame in any case.
 */
export class CascadeSimulator {
  readonly #table: ScoreTable;
  readonly #search: SearchPart;
  readonly #rawLabels: Uint8Array;
  readonly #labels: Uint8Array;
  readonly #deciders: Uint8Array;
  /** Positive raw labels before each row. */
  readonly #positives: Int32Array;
  #compared = 0;
  #scored = 0;
  #referenced = 0;
  #keyframes = 0;
  #refined = 0;

  /** @param search - The table's part, prepared. */
  constructor(table: ScoreTable, search: SearchPart) {
    this.#table = table;
    this.#search = search;
    const rowCount = search.part.truth.length;
    this.#rawLabels = new Uint8Array(rowCount);
    this.#labels = new Uint8Array(rowCount);
    this.#deciders = new Uint8Array(rowCount);
    this.#positives = new Int32Array(rowCount + 1);
  }

  /**
   * Runs one plan.
   * @throws RangeError - when the structure does not fit the table (see {@link structureColumns}).
   */
  run(structure: PlanStructure, thresholds: Thresholds): Simulation {
    const columns = structureColumns(this.#table, structure);
    this.#compared = 0;
    this.#scored = 0;
    this.#referenced = 0;
    this.#keyframes = 0;
    this.#refined = 0;
    if (structure.skip.kind === 'every') this.#lookAtEvery(columns, structure.skip.tSkip, thresholds);
    else this.#lookAtKeyframes(columns, thresholds);
    this.#smooth();
    const { part } = this.#search;
    const frames = part.truth.length * part.step;
    const isEvery = structure.skip.kind === 'every';
    return {
      rawLabels: this.#rawLabels,
      labels: this.#labels,
      deciders: this.#deciders,
      counts: {
        frames,
        decoded: isEvery ? frames : this.#refined,
        keyframes: isEvery ? 0 : this.#keyframes,
        compared: this.#compared,
        scored: this.#scored,
        referenced: this.#referenced,
      },
    };
  }

  #lookAtEvery(columns: StructureColumns, tSkip: number, thresholds: Thresholds): void {
    const { stretches, frames } = this.#search.part;
    const distance = comparedRows(this.#table, columns);
    for (const { range, rows } of stretches) {
      let last = 0;
      for (let row = rows.from; row < rows.to; row++) {
        if (((frames[row] ?? 0) - range.from) % tSkip === 0) {
          const other = distance === null || row - distance < rows.from ? -1 : row - distance;
          last = this.#look(row, other, columns, thresholds);
        } else this.#inherit(row, last);
      }
    }
  }

  #lookAtKeyframes(columns: StructureColumns, thresholds: Thresholds): void {
    const { stretches, keyframes } = this.#search.part;
    for (const { rows } of stretches) {
      let groupFrom = rows.from;
      for (let row = rows.from; row <= rows.to; row++) {
        const isEnd = row === rows.to;
        if (!isEnd && keyframes[row] === 0) continue;
        if (!isEnd) {
          this.#look(row, -1, columns, thresholds);
          this.#keyframes++;
        }
        this.#resolveGroup(groupFrom, row, isEnd, columns, thresholds);
        groupFrom = row;
      }
    }
  }

  /** Settles the rows between two keyframes that have been looked at; `isLast`: there is no second one. */
  #resolveGroup(from: number, to: number, isLast: boolean, columns: StructureColumns, thresholds: Thresholds): void {
    if (to <= from) return;
    const hasKeyframe = this.#search.part.keyframes[from] === 1;
    const inside = hasKeyframe ? from + 1 : from;
    const label = this.#rawLabels[from] ?? 0;
    if (hasKeyframe && !isLast && label === this.#rawLabels[to]) {
      for (let row = inside; row < to; row++) this.#inherit(row, label);
      return;
    }
    if (inside < to) this.#refined += to - from;
    for (let row = inside; row < to; row++) this.#look(row, -1, columns, thresholds);
  }

  #inherit(row: number, label: number): void {
    this.#rawLabels[row] = label;
    this.#deciders[row] = skipped;
  }

  /** The cascade's `decide` for one row, in place; a score that is not a number passes every comparison. */
  #look(row: number, other: number, columns: StructureColumns, { deltaDiff, cLow, cHigh }: Thresholds): number {
    const { difference, specialized } = columns;
    if (difference !== null && deltaDiff !== null) {
      this.#compared++;
      const isComparable = difference.tDiffFrames === null || other >= 0;
      if (isComparable && (difference.scores[row] ?? Number.NaN) < deltaDiff) {
        return this.#answer(row, other < 0 ? 0 : (this.#rawLabels[other] ?? 0), unchanged);
      }
    }
    if (specialized !== null && cLow !== null && cHigh !== null) {
      this.#scored++;
      const confidence = specialized.scores[row] ?? Number.NaN;
      if (confidence < cLow) return this.#answer(row, 0, rejected);
      if (confidence > cHigh) return this.#answer(row, 1, accepted);
    }
    this.#referenced++;
    return this.#answer(row, this.#search.part.rawTruth[row] ?? 0, referenced);
  }

  #answer(row: number, label: number, decider: number): number {
    this.#rawLabels[row] = label;
    this.#deciders[row] = decider;
    return label;
  }

  /** Majority over each row's window; a tie keeps the row's own label (cascade/smoothing.ts). */
  #smooth(): void {
    const { windowFrom, windowTo } = this.#search;
    const positives = this.#positives;
    const rawLabels = this.#rawLabels;
    const rowCount = rawLabels.length;
    for (let row = 0; row < rowCount; row++) positives[row + 1] = (positives[row] ?? 0) + (rawLabels[row] ?? 0);
    for (let row = 0; row < rowCount; row++) {
      const from = windowFrom[row] ?? 0;
      const to = windowTo[row] ?? 0;
      const lead = 2 * ((positives[to] ?? 0) - (positives[from] ?? 0)) - (to - from);
      this.#labels[row] = lead === 0 ? (rawLabels[row] ?? 0) : lead > 0 ? 1 : 0;
    }
  }
}
