import { z } from 'zod';
import { predicateSchema } from '../../cascade/index.ts';
import { liveSchema } from '../sources/live-schema.ts';
import { referenceSchema } from '../stages/reference-model.ts';
import { skipSchema } from '../stages/skip.ts';
import { specializedSchema } from '../stages/specialized-model.ts';

/** Options as a document holds them: plain data, which the function of the same name checks. */
type Options = object;

/** Where frames come from: the key says which function of the same name makes it, the other keys are its options. */
export type DocumentSource =
  | { readonly file: string }
  | { readonly images: string }
  | { readonly camera: string }
  | ({ readonly kafka: string; readonly from?: DocumentStart | undefined } & DocumentConnection);

/** Where a group begins; the time is RFC 3339. */
export type DocumentStart = 'earliest' | 'latest' | { readonly time: string };

/** How a document reaches Kafka. */
export interface DocumentConnection {
  readonly brokers: string | readonly string[];
  readonly sasl?: Options | undefined;
  readonly tls?: boolean | Options | undefined;
}

/** An operator: its one key names the function, the value is what it is called with. */
export type DocumentOperator =
  | { readonly skip: Options }
  | { readonly differenceDetector: Options }
  | { readonly specializedModel: Options }
  | { readonly referenceModel: Options }
  | { readonly cascade: Options }
  | { readonly track: Options | null }
  | { readonly zone: readonly (readonly [number, number])[] }
  | { readonly events: Options | null }
  | { readonly aggregate: { readonly over: Options } };

/** Where rows go: the key says which function makes it (`jsonl`: `toJsonl`), the other keys are its options. */
export type DocumentSink =
  | { readonly jsonl: string }
  | { readonly console: 'text' | 'json' }
  | { readonly webhook: string }
  | { readonly mqtt: string }
  | ({ readonly kafka: string } & DocumentConnection);

/** One pipeline of a document. */
export interface DocumentPipeline {
  readonly name: string;
  readonly sources: readonly DocumentSource[];
  readonly operators: readonly DocumentOperator[];
  readonly sinks: readonly DocumentSink[];
}

/** Pipelines as plain data. */
export interface PipelinesDocument {
  readonly $schema?: string | undefined;
  readonly pipelines: readonly DocumentPipeline[];
}

const text = z.string().min(1);
const share = z.number().min(0).max(1);
const count = z.int().min(1);
const ms = z.number().positive();
const time = 'a duration such as "1s" or "200ms", or a number of ms';
const duration = z
  .union([z.number().min(0), z.string().regex(/^\d+(?:\.\d+)?(?:ms|s|m|h)$/, time)], time)
  .describe('time with its unit, such as 200ms, 1s, 5m or 2h, or a number of ms');
const decoder = z.enum(['node-av', 'ffmpeg']).optional();
const stream = text.optional().describe('name of the stream; default: the name of the file or folder');

/** One of several forms, each told by its first key. */
const formsOf = <Forms extends readonly [z.ZodObject, ...z.ZodObject[]]>(...forms: Forms): z.ZodUnion<Forms> =>
  z.union(forms, `an object with one of the keys ${forms.map(({ shape }) => Object.keys(shape)[0]).join(', ')}`);

const secretForms = formsOf(z.strictObject({ env: text }), z.strictObject({ file: text }));
const secret = secretForms.optional().describe('where the secret is: a variable of the environment, or a file');
const live = liveSchema
  .optional()
  .describe('frames for which there is no time: mode, stalenessMs, limit; default: those older than 500 ms');
const connection = {
  brokers: z
    .union([text, z.array(text).min(1)], 'addresses such as "kafka:9092", parted by commas or as a list')
    .describe('addresses such as kafka:9092, parted by commas or as a list'),
  sasl: z
    .strictObject({
      mechanism: z.enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']).optional(),
      username: text,
      password: secretForms,
    })
    .optional(),
  tls: z
    .union(
      [
        z.boolean(),
        z.strictObject({ caFile: text.optional(), certFile: text.optional(), key: secretForms.optional() }),
      ],
      'true, or { caFile, certFile, key }',
    )
    .optional(),
};
const topicName = z.string().regex(/^[\w.-]{1,240}$/, 'letters, digits, ".", "_" and "-"');
const source = formsOf(
  z.strictObject({
    file: text.describe('video file, relative to the working directory'),
    stream,
    decoder,
    workers: count.optional().describe('stream workers that share the file; default 1'),
    pace: z
      .literal('realtime', '"realtime"')
      .optional()
      .describe('realtime: as if a camera sent it; default: no waiting'),
    live,
  }),
  z.strictObject({
    images: text.describe('folder or glob pattern of images'),
    stream,
    decoder,
    frameRateFps: ms.optional().describe('frames per second that the images are given; default 1'),
  }),
  z.strictObject({
    camera: text.describe('URL of a camera: rtsp://, or http:// for MJPEG and HLS'),
    stream,
    transport: z.enum(['tcp', 'udp']).optional().describe('how RTSP carries the pictures; default tcp'),
    credentials: secret.describe('where user:password is: a variable of the environment, or a file'),
    live,
    substream: z
      .boolean()
      .optional()
      .describe('takes the small stream where the URL names the large one; default false'),
    maxFps: ms.optional().describe('most frames a second that are used; default: all'),
    connectTimeoutMs: ms.optional(),
    stallTimeoutMs: ms.optional().describe('connects anew after so long without a frame; default 5000'),
    frozenAfterMs: ms.nullable().optional().describe('connects anew after so long without any change; default 10000'),
    blackAfterMs: ms.nullable().optional().describe('connects anew after a black picture for so long; default 10000'),
  }),
  z.strictObject({
    kafka: topicName.describe('topic whose records hold frames'),
    ...connection,
    group: topicName.describe('consumer group: processes of one group share the partitions'),
    from: z
      .union(
        [z.enum(['earliest', 'latest']), z.strictObject({ time: z.iso.datetime({ offset: true }) })],
        '"earliest", "latest" or { time: "2026-06-01T12:00:00Z" }',
      )
      .optional()
      .describe('where a group begins that has read nothing; default latest'),
    instance: topicName.optional().describe('name of this process that its successor has too'),
    sessionTimeoutMs: z
      .int()
      .min(100)
      .optional()
      .describe('silence after which a process counts as dead; default 10000'),
    claimCheckFolder: text.optional().describe('folder of files that records may name'),
    maxLagMs: ms.optional().describe('age of a record from which on its frame is passed over; default: none is'),
    stopAtEnd: z.boolean().optional().describe('ends when all is answered that was there at the start'),
  }),
);

const differenceDetector = z.strictObject({
  deltaDiff: z.number().min(0).describe('mean squared differences below it are unchanged'),
  tDiffFrames: count.optional().describe('compares with a frame so many earlier'),
  emptyScene: text.optional().describe('compares with this image of the empty scene'),
  width: z.int().min(1).max(1024).optional(),
  height: z.int().min(1).max(1024).optional(),
  format: z.enum(['gray', 'rgb']).optional(),
});

const cascade = formsOf(
  z.strictObject({ plan: text.describe('plan file, relative to the working directory') }),
  z.strictObject({
    reference: text.describe('name of the reference model'),
    label: text.optional(),
    predicate: predicateSchema.optional(),
    skip: z.union([skipSchema, z.literal('keyframes')], '{ every: n } or "keyframes"').optional(),
    differenceDetector: differenceDetector.optional(),
    specializedModel: specializedSchema.optional(),
    smoothingMs: z.number().min(0).optional(),
    replicas: count.optional(),
  }),
);

const track = z.strictObject({ minOverlap: share.optional(), maxGap: duration.optional() });

const events = z.strictObject({
  query: text.optional().describe('default: the name of the pipeline'),
  label: text.optional(),
  startThreshold: share.optional(),
  stopThreshold: share.optional(),
  minDuration: duration.optional().describe('what lasts less is no event; default 1s'),
  mergeGap: duration.optional().describe('what is interrupted for no longer is one event; default 2s'),
  cooldown: duration.optional().describe('time after an event in which none can start; default 5s'),
  updateEvery: duration.optional().describe('time between updates; default 10s'),
  picture: z
    .union([z.boolean(), z.strictObject({ folder: text })], 'true, false or { folder }')
    .optional()
    .describe('a JPEG of the peak frame with boxes: true puts it into the event, a folder takes files'),
});

const field = text.describe('field of a row, such as score; data.score is one within another');
const aggregate = z.strictObject({
  over: formsOf(
    z.strictObject({ every: duration, length: duration.optional(), lateness: duration.optional() }),
    z.strictObject({ frames: count, every: count.optional() }),
  ).describe('windows of stream time, or of rows'),
  count: z
    .union([z.literal(true), text], 'true or the name of a field')
    .optional()
    .describe('true: all rows; a field: rows in which it is true'),
  sum: field.optional(),
  min: field.optional(),
  max: field.optional(),
  mean: field.optional(),
  any: text.optional().describe('whether this field is true in at least one row'),
});

const operator = formsOf(
  z.strictObject({ skip: skipSchema }),
  z.strictObject({ differenceDetector }),
  z.strictObject({ specializedModel: specializedSchema }),
  z.strictObject({ referenceModel: referenceSchema }),
  z.strictObject({ cascade }),
  z.strictObject({ track: track.nullable() }),
  z.strictObject({ zone: z.array(z.tuple([share, share])).min(3, 'a polygon of at least 3 points') }),
  z.strictObject({ events: events.nullable() }),
  z.strictObject({ aggregate }),
);

const delivery = {
  maxQueued: count.optional(),
  deadLetterPath: text.optional().describe('file for rows that could not be delivered'),
  drainTimeoutMs: ms.optional(),
};

const sink = formsOf(
  z.strictObject({ jsonl: text.describe('JSON Lines file, which is replaced; - for standard output') }),
  z.strictObject({ console: z.enum(['text', 'json']) }),
  z.strictObject({
    webhook: text.describe('URL that each row is posted to'),
    secret,
    headers: z.record(z.string(), z.string()).optional(),
    timeoutMs: ms.optional(),
    attempts: count.optional(),
    ...delivery,
  }),
  z.strictObject({
    mqtt: text.describe('URL of the broker'),
    topic: text.optional(),
    retain: z.boolean().optional(),
    statusTopic: text.optional(),
    username: text.optional(),
    password: secret,
    clientId: text.optional(),
    reconnectMs: ms.optional(),
    ...delivery,
  }),
  z.strictObject({ kafka: text.describe('topic for the rows'), ...connection, ...delivery }),
);

/** Schema of a JSON or YAML file of pipelines. */
export const pipelinesSchema: z.ZodType<PipelinesDocument> = z.strictObject({
  $schema: z.string().optional().describe('this schema, for editors'),
  pipelines: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(/^[\w.-]+$/, 'letters, digits, ".", "_" and "-"')
          .describe('letters, digits, ".", "_" and "-"'),
        sources: z.array(source).min(1, 'at least one source').describe('their frames are answered side by side'),
        operators: z.array(operator).min(1, 'at least one operator').describe('in the order in which frames pass them'),
        sinks: z.array(sink).min(1, 'at least one sink').describe('each gets every row'),
      }),
    )
    .min(1, 'at least one pipeline'),
});
