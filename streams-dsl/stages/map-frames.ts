import { z } from 'zod';
import type { FrameIndex, PixelRequest } from '../../ingest/index.ts';
import type { FrameItem } from '../frame-item.ts';
import { parseOptions } from '../parse-options.ts';
import type { FrameFunction } from './frame-function.ts';
import { type StageOperator, stageOperator } from './stage.ts';

export type { FrameFunction, FrameView } from './frame-function.ts';

/** What a function said of a frame: its value, or why there is none. */
export type FrameValue<Value> = {
  readonly stream: string;
  readonly frame: FrameIndex;
  /** Media time in µs, an integer. */
  readonly timestampUs: number;
} & (
  | { readonly decidedBy: 'mapped'; readonly value: Value }
  | { readonly decidedBy: 'failed'; readonly code: string; readonly message: string }
);

/** How a function is called. */
export interface MapFramesOptions {
  /** The picture that crosses to the function. */
  readonly pixels: PixelRequest;
  /** Longest time for one frame in ms, above 0. Default 5000. A function that never yields cannot be interrupted. */
  readonly deadlineMs?: number | undefined;
  /** Frames that it works on at the same time, 1 or more. Default 1. */
  readonly concurrency?: number | undefined;
  /** Calls of the function for the same frame, of which the first answer counts, 1 or more. Default 1. */
  readonly compete?: number | undefined;
}

const count = z.int('a whole number, 1 or more').min(1, 'a whole number, 1 or more');

const schema: z.ZodType<MapFramesOptions> = z.strictObject({
  pixels: z.strictObject({ width: count, height: count, format: z.enum(['gray', 'rgb']) }),
  deadlineMs: z.number('a number above 0').positive('a number above 0').optional(),
  concurrency: count.optional(),
  compete: count.optional(),
});

const functionSchema = z.object({
  map: z.custom<FrameFunction<unknown>>(value => typeof value === 'function', 'a function of a frame'),
});

/**
 * Calls a function of the user's own with every frame that is not settled yet; settled frames give nothing.
 *
 * Values come in frame order. A function that throws, rejects or misses the deadline gives a `failed` value, and the stream
 * goes on. Holds the frames whose answer is awaited.
 * @throws STREAMS_OPTION_INVALID - when an option is out of range, missing or unknown.
 */
export function mapFrames<Value>(
  map: FrameFunction<Value>,
  options: MapFramesOptions,
): StageOperator<FrameItem, FrameValue<Value>> {
  parseOptions('mapFrames', functionSchema, { map });
  const { pixels, deadlineMs = 5000, concurrency = 1, compete = 1 } = parseOptions('mapFrames', schema, options);
  return stageOperator(
    { kind: 'mapFrames', options: { map, pixels, deadlineMs, concurrency, compete } },
    { kind: 'mapFrames', options: { map: map.name || '(function)', ...options } },
  );
}
