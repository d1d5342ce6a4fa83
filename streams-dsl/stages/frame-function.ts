import type { FrameIndex } from '../../ingest/index.ts';

/** A frame as a function of the user's own sees it. */
export interface FrameView {
  readonly stream: string;
  readonly frame: FrameIndex;
  /** Media time in µs, an integer. */
  readonly timestampUs: number;
  /** Width of the whole frame in px, as shown. */
  readonly frameWidth: number;
  /** Height of the whole frame in px, as shown. */
  readonly frameHeight: number;
  /** The declared picture: `(height, width)` uint8 gray or `(height, width, 3)` uint8 RGB; not to be changed. */
  readonly pixels: Uint8Array;
  /** Aborted when the answer is no longer wanted: the deadline passed, another copy was first, or the pipeline ended. */
  readonly signal: AbortSignal;
}

/** A function of the user's own over a frame, in the main process. */
export type FrameFunction<Value> = (frame: FrameView) => Value | Promise<Value>;
