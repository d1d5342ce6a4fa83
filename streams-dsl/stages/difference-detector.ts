import { z } from 'zod';
import type { DifferenceMetric } from '../../cascade/index.ts';
import { differenceDetectorSchema } from '../../cascade/index.ts';
import type { FrameItem } from '../frame-item.ts';
import { parseOptions } from '../parse-options.ts';
import { type DifferenceDetectorOptions, type Stage, type StageOperator, stageOperator } from './stage.ts';

const oneOf = 'exactly one of tDiffFrames (a whole number, 1 or more) and emptyScene (an image file)';

/** Schema of {@link DifferenceDetectorOptions}. */
export const differenceDetectorOptionsSchema: z.ZodType<DifferenceDetectorOptions> = z
  .strictObject({
    deltaDiff: z.number('a number, 0 or more').min(0, 'a number, 0 or more'),
    tDiffFrames: z.int(oneOf).min(1, oneOf).optional(),
    emptyScene: z.string(oneOf).min(1, oneOf).optional(),
    metric: z
      .custom<DifferenceMetric>(value => typeof value === 'object', 'a metric, such as { kind: "global" }')
      .optional(),
    width: z.int().optional(),
    height: z.int().optional(),
    format: z.enum(['gray', 'rgb']).optional(),
  })
  .refine(({ tDiffFrames, emptyScene }) => (tDiffFrames === undefined) !== (emptyScene === undefined), {
    error: oneOf,
    path: ['tDiffFrames'],
  });

/**
 * Settles frames that look like an earlier one, or like the empty scene, as `unchanged`.
 *
 * Passes settled frames, completion and errors. Holds no frame, only small pictures of the last `tDiffFrames` frames.
 * @throws STREAMS_OPTION_INVALID - when an option is out of range, missing or unknown.
 */
export function differenceDetector(options: DifferenceDetectorOptions): StageOperator<FrameItem, FrameItem> {
  return stageOperator(differenceStage(options), { kind: 'differenceDetector', options: { ...options } });
}

/** Checks the options and fills in the defaults. */
export function differenceStage(given: DifferenceDetectorOptions): Extract<Stage, { kind: 'differenceDetector' }> {
  const options = parseOptions('differenceDetector', differenceDetectorOptionsSchema, given);
  const { deltaDiff, metric = { kind: 'global' }, width = 64, height = 64, format = 'gray' } = options;
  const { tDiffFrames, emptyScene } = options;
  const detector = parseOptions('differenceDetector', differenceDetectorSchema, { metric, width, height, format });
  const comparedWith = emptyScene === undefined ? { tDiffFrames: tDiffFrames ?? 1 } : { emptyScene };
  return { kind: 'differenceDetector', options: { detector, deltaDiff, comparedWith } };
}
