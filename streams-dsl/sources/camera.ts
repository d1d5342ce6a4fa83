import { z } from 'zod';
import {
  type CameraCredentials,
  cameraStreamName,
  isCameraUrl,
  type LiveOptions,
  redactUrl,
} from '../../ingest/index.ts';
import { parseOptions } from '../parse-options.ts';
import { liveSchema } from './live-schema.ts';
import type { Source } from './source.ts';

/** How to reach a camera, and which of its frames there is time for. */
export interface CameraSourceOptions {
  /** Name of the stream. Default: the host. */
  readonly stream?: string | undefined;
  /** How RTSP carries the pictures. Default `tcp`. */
  readonly transport?: 'tcp' | 'udp' | undefined;
  /** Where `user:password` is kept. Default: in the URL, or nowhere. */
  readonly credentials?: CameraCredentials | undefined;
  /** Which frames there is no time for. Default: those older than 0.5 s. */
  readonly live?: LiveOptions | undefined;
  /**
   * Whether to take the small stream of a camera whose URL names the large one, where its maker's way of naming is known.
   * Default false.
   */
  readonly substream?: boolean | undefined;
  /** Most frames a second that are used, above 0; the others are decoded and let go. Default: all. */
  readonly maxFps?: number | undefined;
  /** Longest time from an attempt to connect to its first frame in ms, above 0. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Longest time without a frame in ms, above 0. Default 5,000. */
  readonly stallTimeoutMs?: number | undefined;
  /** Time after which a picture that does not change at all is a fault in ms, above 0; null: never. Default 10,000. */
  readonly frozenAfterMs?: number | null | undefined;
  /** Time after which a black picture is a fault in ms, above 0; null: never. Default 10,000. */
  readonly blackAfterMs?: number | null | undefined;
}

const ms = z.number().positive();

const schema: z.ZodType<CameraSourceOptions> = z.strictObject({
  stream: z.string().min(1).optional(),
  transport: z.enum(['tcp', 'udp']).optional(),
  credentials: z
    .union(
      [z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })],
      '{ env } or { file }',
    )
    .optional(),
  live: liveSchema.optional(),
  substream: z.boolean().optional(),
  maxFps: ms.optional(),
  connectTimeoutMs: ms.optional(),
  stallTimeoutMs: ms.optional(),
  frozenAfterMs: ms.nullable().optional(),
  blackAfterMs: ms.nullable().optional(),
});

const urlSchema = z.object({
  url: z.custom<string>(
    value => typeof value === 'string' && isCameraUrl(value),
    'a URL that begins with rtsp://, rtsps://, http:// or https://',
  ),
});

/**
 * Every frame that a camera sends, as it arrives: by RTSP, MJPEG or HLS. It is kept connected until the pipeline is stopped;
 * a frame for which there is no time becomes a `defaulted` decision, and is counted with its reason. Nothing is connected
 * before the pipeline runs.
 * @param url - `${NAME}` in it stands for an environment variable, which is read where the camera is decoded.
 * @throws STREAMS_OPTION_INVALID - when it is no such URL, or an option is wrong or unknown.
 * @example
 * camera('rtsp://${DOOR_USER}:${DOOR_PASSWORD}@10.0.0.7/stream2', { stream: 'door' });
 */
export function camera(url: string, options: CameraSourceOptions = {}): Source {
  // What is no URL of a camera is shown, and may be one with a password in it but for a slip in its scheme.
  parseOptions('camera', urlSchema, { url: typeof url === 'string' ? redactUrl(url) : url });
  const { stream = cameraStreamName(url), live = {}, ...how } = parseOptions('camera', schema, options);
  const given = Object.fromEntries(Object.entries(how).filter(([, value]) => value !== undefined));
  return { description: { kind: 'camera', stream, live, camera: { url, ...given } } };
}
