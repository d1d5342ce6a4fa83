import { basename, extname } from 'node:path';
import { z } from 'zod';
import type { DecoderName } from '../../ingest/index.ts';
import { parseOptions } from '../parse-options.ts';
import type { Source } from './source.ts';

/** How to read a video file. */
export interface FileOptions {
  /** Name of the stream. Default: the file's name without its ending. */
  readonly stream?: string | undefined;
  /** Default `node-av`. */
  readonly decoder?: DecoderName | undefined;
  /** Stream workers that share the file, cut at keyframes; 1 or more. Default 1. */
  readonly workers?: number | undefined;
}

const schema: z.ZodType<FileOptions> = z.strictObject({
  stream: z.string().min(1).optional(),
  decoder: z.enum(['node-av', 'ffmpeg']).optional(),
  workers: z.int().min(1).optional(),
});

/**
 * Every frame of a video file, in order; the reader waits for slow consumers. Nothing is opened before the pipeline runs.
 * @throws STREAMS_OPTION_INVALID - when the path is no text, or an option is wrong or unknown.
 */
export function file(path: string, options: FileOptions = {}): Source {
  parseOptions('file', z.object({ path: z.string().min(1) }), { path });
  const {
    stream = basename(path, extname(path)),
    decoder = 'node-av',
    workers = 1,
  } = parseOptions('file', schema, options);
  return { description: { kind: 'file', stream, path, decoder, workers } };
}
