import type { FrameIndex, LiveDropReason, PixelRequest } from '../ingest/index.ts';

/** Why a frame needs no further look. */
export type FrameVerdict =
  /** Not looked at. */
  | { readonly decidedBy: 'skipped' }
  /** The difference detector did not fire; `inheritedFrom` null: compared with the empty scene. */
  | { readonly decidedBy: 'unchanged'; readonly inheritedFrom: FrameIndex | null }
  /** The specialized model was sure. */
  | { readonly decidedBy: 'rejected' | 'accepted' }
  /** A camera had sent it, and there was no time to look at it. */
  | { readonly decidedBy: 'defaulted'; readonly reason: LiveDropReason }
  /** A request had no more time; `label` answers it. */
  | { readonly decidedBy: 'defaulted'; readonly reason: 'deadline'; readonly label: boolean }
  /** It could not be decoded or looked at. */
  | { readonly decidedBy: 'failed'; readonly code: string; readonly message: string };

/** What is known of the request that a frame is. */
export interface FrameRequest {
  /** Bytes of the whole JPEG or PNG where only models look at it: they decode it. Null: its pictures have crossed. */
  readonly image: Uint8Array | null;
  /** Until when an answer is wanted, on the clock of `performance.now()`, in ms; infinite: it may take any time. */
  readonly dueMs: number;
  /** The label when there is no time for another; null: the estimate. */
  readonly defaultLabel: boolean | null;
  /** What the cheap stage, which is not sure, holds likely; null: it was not asked. */
  readonly estimate: boolean | null;
}

/**
 * One frame of one stream on its way through the frame operators of a pipeline. Operators settle frames, they never
 * drop them: each frame is to get a decision.
 */
export interface FrameItem {
  /** Name of the stream. */
  readonly stream: string;
  /** Index of the frame in its stream, from 0, skipped frames counted. */
  readonly frame: FrameIndex;
  /** Media time in µs, an integer. */
  readonly timestampUs: number;
  /** Width in px as shown; 0 for a frame that was not decoded. */
  readonly width: number;
  /** Height in px as shown; 0 for a frame that was not decoded. */
  readonly height: number;
  /** What settled the frame; null: the next operator has to look. */
  readonly verdict: FrameVerdict | null;
  /** Difference score, 0 or more, in the units of the detector; null: not compared. */
  readonly difference: number | null;
  /** Confidence of the specialized model, 0–1; null: not asked. */
  readonly confidence: number | null;
  /** The request that the frame is; null: it is of a stream. */
  readonly request: FrameRequest | null;
  /**
   * The picture at a size that an operator of the pipeline declared; the bytes must not be changed.
   * @returns `(height, width)` uint8 gray or `(height, width, 3)` uint8 RGB, row-major.
   * @throws STREAMS_PIXELS_UNDECLARED - for any other size, and for frames that were skipped or lost.
   */
  pixels(request: PixelRequest): Uint8Array;
}
