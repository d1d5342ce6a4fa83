import { basename } from 'node:path';
import { z } from 'zod';
import type { DecoderName } from '../../ingest/index.ts';
import { parseOptions } from '../parse-options.ts';
import type { Source } from './source.ts';

/** How to read images. */
export interface ImagesOptions {
  /** Name of the stream. Default: the last part of the path. */
  readonly stream?: string | undefined;
  /** Default `node-av`. */
  readonly decoder?: DecoderName | undefined;
  /** Frames per second that the images are given, above 0. Default 1. */
  readonly frameRateFps?: number | undefined;
}

const schema: z.ZodType<ImagesOptions> = z.strictObject({
  stream: z.string().min(1).optional(),
  decoder: z.enum(['node-av', 'ffmpeg']).optional(),
  frameRateFps: z.number().positive().optional(),
});

/**
 * Every image of a folder or of a glob pattern in natural order, as the frames of one stream.
 * @throws STREAMS_OPTION_INVALID - when the path is no text, or an option is wrong or unknown.
 */
export function images(path: string, options: ImagesOptions = {}): Source {
  parseOptions('images', z.object({ path: z.string().min(1) }), { path });
  const { stream = basename(path), decoder = 'node-av', frameRateFps = 1 } = parseOptions('images', schema, options);
  return { description: { kind: 'images', stream, path, decoder, frameRateFps } };
}
