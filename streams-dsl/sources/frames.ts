import { z } from 'zod';
import type { LiveOptions } from '../../ingest/index.ts';
import { parseOptions } from '../parse-options.ts';
import { liveSchema } from './live-schema.ts';
import type { EncodedFrame, Source } from './source.ts';

/** How to read images that are in memory. */
export interface FramesOptions {
  /** Name of the stream. Default `frames`. */
  readonly stream?: string | undefined;
  /** The images arrive when they like: they are dropped by rule while the consumer is slow. Default: the iterable waits. */
  readonly live?: LiveOptions | undefined;
}

const schema: z.ZodType<FramesOptions> = z.strictObject({
  stream: z.string().min(1).optional(),
  live: liveSchema.optional(),
});

const iterable = z.object({
  images: z.custom<object>(
    value => typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value),
    'an iterable of { image, timestampUs }',
  ),
});

/**
 * Encoded images in memory as the frames of one stream; an image that does not decode is a failed frame.
 * @param images - Taken once, as the pipeline asks for them.
 * @throws STREAMS_OPTION_INVALID - when the images are no iterable, or an option is wrong or unknown.
 */
export function frames(
  images: Iterable<EncodedFrame> | AsyncIterable<EncodedFrame>,
  options: FramesOptions = {},
): Source {
  parseOptions('frames', iterable, { images });
  const { stream = 'frames', live = null } = parseOptions('frames', schema, options);
  return { description: { kind: 'frames', stream, images, live } };
}
