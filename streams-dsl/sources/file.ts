import { basename, extname } from 'node:path';
import { z } from 'zod';
import type { DecoderName, LiveOptions } from '../../ingest/index.ts';
import { parseOptions } from '../parse-options.ts';
import { liveSchema } from './live-schema.ts';
import type { Source } from './source.ts';

/** How to read a video file. */
export interface FileOptions {
  /** Name of the stream. Default: the file's name without its ending. */
  readonly stream?: string | undefined;
  /** Default `node-av`. */
  readonly decoder?: DecoderName | undefined;
  /** Stream workers that share the file, cut at keyframes; 1 or more. Default 1. */
  readonly workers?: number | undefined;
  /**
   * `realtime`: the file is played at its own times, as if a camera sent it, from when it has been opened. A frame for which
   * there is no time becomes a `defaulted` decision, and is counted with its reason. Default: as fast as frames are taken.
   */
  readonly pace?: 'realtime' | undefined;
  /** Which frames there is no time for, when the pace is `realtime`. Default: those older than 0.5 s. */
  readonly live?: LiveOptions | undefined;
}

const schema: z.ZodType<FileOptions> = z.strictObject({
  stream: z.string().min(1).optional(),
  decoder: z.enum(['node-av', 'ffmpeg']).optional(),
  workers: z.int().min(1).optional(),
  pace: z.literal('realtime', '"realtime"').optional(),
  live: liveSchema.optional(),
});

/** What a camera cannot have, and what only a camera can. */
const cameraSchema = z.object({ workers: z.literal(1, '1, where the pace is "realtime"') });
const fileSchema = z.object({ live: z.undefined('nothing, unless the pace is "realtime"').optional() });

/**
 * Every frame of a video file, in order; the reader waits for slow consumers, unless the pace is `realtime`. Nothing is
 * opened before the pipeline runs.
 * @throws STREAMS_OPTION_INVALID - when the path is no text, or an option is wrong or unknown.
 */
export function file(path: string, options: FileOptions = {}): Source {
  parseOptions('file', z.object({ path: z.string().min(1) }), { path });
  const {
    stream = basename(path, extname(path)),
    decoder = 'node-av',
    workers = 1,
    pace,
    live,
  } = parseOptions('file', schema, options);
  if (pace === undefined) parseOptions('file', fileSchema, { live });
  else parseOptions('file', cameraSchema, { workers });
  const served = pace === undefined ? null : (live ?? {});
  return { description: { kind: 'file', stream, path, decoder, workers, live: served } };
}
