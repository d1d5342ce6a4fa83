import { z } from 'zod';
import type { FrameItem } from '../frame-item.ts';
import { parseOptions } from '../parse-options.ts';
import { type SpecializedStageOptions, type StageOperator, stageOperator } from './stage.ts';

const share = z.number('a number, 0–1').min(0, 'a number, 0–1').max(1, 'a number, 0–1');

/** Schema of {@link SpecializedStageOptions}. */
export const specializedSchema: z.ZodType<SpecializedStageOptions> = z
  .strictObject({ model: z.string('the name of a model').min(1, 'the name of a model'), cLow: share, cHigh: share })
  .refine(({ cLow, cHigh }) => cLow <= cHigh, { error: 'at most cHigh', path: ['cLow'] });

/**
 * Asks a small model for one label: frames below `cLow` are settled as `rejected`, above `cHigh` as `accepted`.
 *
 * Passes settled frames in their order, completion and errors. Holds the frames that it has asked about.
 * @throws STREAMS_OPTION_INVALID - when an option is out of range, missing or unknown.
 */
export function specializedModel(options: SpecializedStageOptions): StageOperator<FrameItem, FrameItem> {
  const checked = parseOptions('specializedModel', specializedSchema, options);
  return stageOperator(
    { kind: 'specializedModel', options: checked },
    { kind: 'specializedModel', options: { ...checked } },
  );
}
