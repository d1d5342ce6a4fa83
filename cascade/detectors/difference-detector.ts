import { z } from 'zod';
import type { PixelFormat, PixelRequest } from '../../ingest/index.ts';

/** Cheap test of how much a picture differs from a reference: the average empty scene, or an earlier frame (NoScope §5). */
export interface DifferenceDetector {
  /** The picture that is compared; the reference must have the same size and format. */
  readonly request: PixelRequest;
  /**
   * How different the two are, 0 or more, in the units of the metric; the same bytes in any order of the two arguments
   * give the same score.
   * @param picture - What `request` asks for, row-major.
   * @param reference - Likewise.
   * @throws CASCADE_PICTURE_SIZE - when one of them has another number of bytes.
   */
  score(picture: Uint8Array, reference: Uint8Array): number;
}

/** How two pictures are compared. */
export type DifferenceMetric =
  /** Mean squared difference of the bytes, 0–65025. */
  | { readonly kind: 'global' }
  /**
   * Mean squared difference of each block of a grid × grid, weighed by a logistic regression: a probability 0–1. For
   * scenes with an irrelevant moving region.
   */
  | {
      readonly kind: 'blocked';
      /** Blocks in a row and in a column, 1–64; NoScope uses 5 or 10. */
      readonly grid: number;
      /** One weight a block and channel: blocks row-major, channels of a block together; grid² × channels in all. */
      readonly weights: readonly number[];
      /** Added to the weighted sum before the logistic function. */
      readonly bias: number;
    };

/** A difference detector as a plan holds it. */
export interface DifferenceDetectorConfig {
  readonly metric: DifferenceMetric;
  /** Width of the compared picture in px, 1–1024. */
  readonly width: number;
  /** Height of the compared picture in px, 1–1024. */
  readonly height: number;
  readonly format: PixelFormat;
}

const size = z.int().min(1).max(1024);

/** Schema of a difference detector in a plan. */
export const differenceDetectorSchema: z.ZodType<DifferenceDetectorConfig> = z
  .strictObject({
    metric: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('global') }),
      z.strictObject({
        kind: z.literal('blocked'),
        grid: z.int().min(1).max(64),
        weights: z.array(z.number()),
        bias: z.number(),
      }),
    ]),
    width: size,
    height: size,
    format: z.enum(['gray', 'rgb']),
  })
  .superRefine(({ metric, width, height, format }, context) => {
    if (metric.kind !== 'blocked') return;
    const fault = (key: string, message: string): void =>
      context.addIssue({ code: 'custom', path: ['metric', key], message });
    const { grid, weights } = metric;
    const expected = grid * grid * (format === 'rgb' ? 3 : 1);
    if (weights.length !== expected) fault('weights', `expected ${expected} weights, got ${weights.length}`);
    if (grid > Math.min(width, height)) fault('grid', `expected at most ${Math.min(width, height)}, got ${grid}`);
  });
