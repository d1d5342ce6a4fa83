import type { FrameIndex, FrameRange } from '../ingest/index.ts';

/** A range that a worker was given, and how far its frames are settled without a gap. */
export class RangeWork {
  readonly range: FrameRange;
  /** Whether the worker has been told. */
  isGiven = false;
  /** Deaths of the worker since the last progress. */
  deaths = 0;
  #settledTo: FrameIndex;
  /** Ends of the settled pieces beyond `settledTo`, by their starts. */
  readonly #pieces = new Map<FrameIndex, FrameIndex>();

  /** Nothing of the range is settled yet. */
  constructor(range: FrameRange) {
    this.range = range;
    this.#settledTo = range.from;
  }

  /** End of what is settled without a gap, from the start of the range. */
  get settledTo(): FrameIndex {
    return this.#settledTo;
  }

  /** Whether every frame is settled. */
  get isSettled(): boolean {
    return this.#settledTo >= this.range.to;
  }

  /** Settles a piece of the range; one outside it, or settled before, has no effect. */
  settle({ from, to }: FrameRange): void {
    if (from < this.#settledTo || to > this.range.to || to <= from) return;
    this.#pieces.set(from, to);
    for (let end = this.#pieces.get(this.#settledTo); end !== undefined; end = this.#pieces.get(this.#settledTo)) {
      this.#pieces.delete(this.#settledTo);
      this.#settledTo = end;
      this.deaths = 0;
    }
  }
}
