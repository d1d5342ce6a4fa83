import type { ErrorTally } from './error-bounds.ts';
import type { SearchPart } from './search-part.ts';

/**
 * The labels of a part while thresholds move: when some raw labels change, only the smoothed labels within reach of their
 * windows are computed anew, and the errors are kept up to date. A sweep over all thresholds so costs little more than one
 * simulation.
 */
export class LabelState implements ErrorTally {
  /** (blocks) rows whose truth is positive and whose label is not. */
  readonly falseNegatives: Int32Array;
  /** (blocks) rows whose truth is negative and whose label is not. */
  readonly falsePositives: Int32Array;
  /** Their sum. */
  falseNegativeRows = 0;
  /** Their sum. */
  falsePositiveRows = 0;
  readonly #search: SearchPart;
  readonly #rawLabels: Uint8Array;
  readonly #labels: Uint8Array;
  /** Positive raw labels within the window of each row. */
  readonly #positives: Int32Array;
  readonly #before: Int32Array;

  /** Starts with all labels unset: {@link reset} sets them. */
  constructor(search: SearchPart) {
    this.#search = search;
    const rowCount = search.part.truth.length;
    this.#rawLabels = new Uint8Array(rowCount);
    this.#labels = new Uint8Array(rowCount);
    this.#positives = new Int32Array(rowCount);
    this.#before = new Int32Array(rowCount + 1);
    this.falseNegatives = new Int32Array(search.blocks.count);
    this.falsePositives = new Int32Array(search.blocks.count);
  }

  /** Takes all raw labels anew. */
  reset(rawLabels: Uint8Array): void {
    const { windowFrom, windowTo, part } = this.#search;
    const before = this.#before;
    this.#rawLabels.set(rawLabels);
    // As if every answer were right; the wrong ones are then set.
    this.#labels.set(part.truth);
    this.falseNegatives.fill(0);
    this.falsePositives.fill(0);
    this.falseNegativeRows = 0;
    this.falsePositiveRows = 0;
    for (let row = 0; row < rawLabels.length; row++) before[row + 1] = (before[row] ?? 0) + (rawLabels[row] ?? 0);
    for (let row = 0; row < rawLabels.length; row++) {
      this.#positives[row] = (before[windowTo[row] ?? 0] ?? 0) - (before[windowFrom[row] ?? 0] ?? 0);
      this.#settle(row);
    }
  }

  /** Gives rows `from` (inclusive) to `to` (exclusive), which have the other raw label, this one. */
  set(from: number, to: number, rawLabel: 0 | 1): void {
    const { windowFrom, windowTo } = this.#search;
    this.#rawLabels.fill(rawLabel, from, to);
    const sign = rawLabel === 1 ? 1 : -1;
    let row = from;
    while (row > 0 && (windowTo[row - 1] ?? 0) > from) row--;
    for (; row < windowFrom.length; row++) {
      const reachFrom = windowFrom[row] ?? 0;
      if (reachFrom >= to) break;
      const reachTo = windowTo[row] ?? 0;
      const overlap = Math.min(reachTo, to) - Math.max(reachFrom, from);
      this.#positives[row] = (this.#positives[row] ?? 0) + sign * overlap;
      this.#settle(row);
    }
  }

  /** Computes the smoothed label of a row, and counts it if it turned wrong or right. */
  #settle(row: number): void {
    const { windowFrom, windowTo, part, blocks } = this.#search;
    const lead = 2 * (this.#positives[row] ?? 0) - ((windowTo[row] ?? 0) - (windowFrom[row] ?? 0));
    const label = lead === 0 ? (this.#rawLabels[row] ?? 0) : lead > 0 ? 1 : 0;
    if (label === this.#labels[row]) return;
    this.#labels[row] = label;
    const isPositive = part.truth[row] === 1;
    const change = label === part.truth[row] ? -1 : 1;
    const errors = isPositive ? this.falseNegatives : this.falsePositives;
    const block = blocks.blockOf[row] ?? 0;
    errors[block] = (errors[block] ?? 0) + change;
    if (isPositive) this.falseNegativeRows += change;
    else this.falsePositiveRows += change;
  }
}
