import { z } from 'zod';

/** A longest run of frames with the same label. */
export interface Interval {
  /** Name of the stream. */
  readonly stream: string;
  /** Name of the query. */
  readonly query: string;
  readonly label: boolean;
  /** First frame. */
  readonly startFrame: number;
  /** Last frame, inclusive. */
  readonly endFrame: number;
  /** Media time of the first frame in µs. */
  readonly startUs: number;
  /** Media time of the last frame in µs. */
  readonly endUs: number;
  /** Frames from the first to the last, 1 or more. */
  readonly frames: number;
  /**
   * Best score within, 0–1: of the reference model where it answered, of the specialized model elsewhere; null when
   * neither looked.
   */
  readonly peakScore: number | null;
}

const frame = z.int().min(0);

/** Schema of a row of `--intervals`. */
export const intervalSchema: z.ZodType<Interval> = z.object({
  stream: z.string().describe('name of the stream'),
  query: z.string().describe('name of the query'),
  label: z.boolean(),
  startFrame: frame.describe('first frame'),
  endFrame: frame.describe('last frame, inclusive'),
  startUs: z.int().describe('media time of the first frame in microseconds'),
  endUs: z.int().describe('media time of the last frame in microseconds'),
  frames: z.int().min(1).describe('frames from the first to the last'),
  peakScore: z.number().min(0).max(1).nullable().describe('best score within; null when no model looked'),
});
