import { z } from 'zod';
import type { FrameItem } from '../frame-item.ts';
import { parseOptions } from '../parse-options.ts';
import { type StageOperator, stageOperator } from './stage.ts';

/** Which frames are looked at. */
export interface SkipOptions {
  /** Every n-th frame from the first on, 1 or more; the others carry the label before them. */
  readonly every: number;
}

/** Schema of {@link SkipOptions}. */
export const skipSchema: z.ZodType<SkipOptions> = z.strictObject({
  every: z.int('a whole number, 1 or more').min(1, 'a whole number, 1 or more'),
});

/**
 * Looks at every n-th frame only; the others are settled as `skipped`.
 *
 * ```
 * in:   0 1 2 3 4 5
 * out:  0 s s 3 s s      skip({ every: 3 })
 * ```
 * Passes on completion and errors. Holds no frame.
 * @throws STREAMS_OPTION_INVALID - when `every` is missing or no whole number from 1.
 */
export function skip(options: SkipOptions): StageOperator<FrameItem, FrameItem> {
  const { every } = parseOptions('skip', skipSchema, options);
  return stageOperator({ kind: 'skip', rule: { kind: 'every', tSkip: every } }, { kind: 'skip', options: { every } });
}
