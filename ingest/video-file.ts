import type { PixelRequest } from './frame.ts';

/** A video file that exists, with the options to open it checked and filled in. */
export interface VideoFile {
  /** Path of the file. */
  readonly path: string;
  /** Name of the frames' stream. */
  readonly streamId: string;
  /** Size in bytes, above 0. */
  readonly sizeBytes: number;
  /** Decoder threads, 1–16. */
  readonly decoderThreads: number;
  /** Picture sizes declared; empty when none were. */
  readonly pixelRequests: readonly PixelRequest[];
}
