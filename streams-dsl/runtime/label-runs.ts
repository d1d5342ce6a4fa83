import type { FrameIndex } from '../../ingest/index.ts';

/** A frame, and its label, which those after it have too up to the next run. */
export type LabelRun = readonly [from: FrameIndex, label: boolean];

/** Labels of the frames that were looked at, as runs of equal ones. */
export class LabelRuns {
  readonly #runs: LabelRun[];

  /** Begins with runs that were kept, in order. */
  constructor(kept: readonly LabelRun[] = []) {
    this.#runs = [...kept];
  }

  /** Adds the label of the next frame that was looked at. */
  push(frame: FrameIndex, label: boolean): void {
    if (this.#runs.at(-1)?.[1] === label) return;
    this.#runs.push([frame, label]);
    if (this.#runs.length > mostRuns) this.#runs.shift();
  }

  /** The label of a frame that was looked at; false where nothing is known of it any more. */
  at(frame: FrameIndex): boolean {
    return this.#runs.findLast(([from]) => from <= frame)?.[1] ?? false;
  }

  /** The runs, oldest first. */
  get runs(): readonly LabelRun[] {
    return this.#runs;
  }
}

/** Runs kept: as many frames, if the label changes with each, are far more than any frame is compared over. */
const mostRuns = 4096;
