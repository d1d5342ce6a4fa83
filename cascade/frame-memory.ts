import type { FrameIndex, FrameTable } from '../ingest/index.ts';

// Raw labels by frame; a byte each, so that a day of video takes 2 MB.
const unknown = 0;
const negative = 1;
const positive = 2;

/** Frames are forgotten in strides of so many, since moving the others costs. */
const stride = 1024;

/** Times and raw labels of frames by their index: of footage all, of a live source those that still matter. */
export class FrameMemory {
  /** Index of the first frame kept. */
  #base: FrameIndex = 0;
  readonly #timestampsUs: ArrayLike<number>;
  readonly #labels: { [at: number]: number };
  /** The same, where frames are added and forgotten. */
  readonly #growing: { readonly timestampsUs: number[]; readonly labels: number[] } | null;

  /** @param table - Of the footage; null: a live source, which begins with frame 0. */
  constructor(table: FrameTable | null) {
    this.#growing = table === null ? { timestampsUs: [], labels: [] } : null;
    this.#timestampsUs = table?.timestampsUs ?? this.#growing?.timestampsUs ?? [];
    this.#labels = this.#growing?.labels ?? new Uint8Array(this.#timestampsUs.length);
  }

  /** Frames kept. */
  get size(): number {
    return this.#timestampsUs.length;
  }

  /** Adds the next frames of a live source. @param timestampsUs - Capture times in µs, ascending. */
  add(timestampsUs: ArrayLike<number>): void {
    for (let i = 0; i < timestampsUs.length; i++) {
      this.#growing?.timestampsUs.push(timestampsUs[i] ?? 0);
      this.#growing?.labels.push(unknown);
    }
  }

  /** Media or capture time of a frame in µs. */
  timestampUs(frame: FrameIndex): number {
    return this.#timestampsUs[frame - this.#base] ?? 0;
  }

  /** Raw label of a frame; undefined: not decided, or forgotten. */
  label(frame: FrameIndex): boolean | undefined {
    const known = this.#labels[frame - this.#base] ?? unknown;
    return known === unknown ? undefined : known === positive;
  }

  /** Keeps the raw label of a frame. */
  setLabel(frame: FrameIndex, label: boolean): void {
    this.#labels[frame - this.#base] = label ? positive : negative;
  }

  /** Forgets what lies before a frame of a live source. */
  forgetBefore(frame: FrameIndex): void {
    const count = frame - this.#base;
    if (this.#growing === null || count < stride) return;
    this.#growing.timestampsUs.splice(0, count);
    this.#growing.labels.splice(0, count);
    this.#base = frame;
  }
}
