import type { JsonSchema } from '../cascade/index.ts';
import { countSchema, json, listOf, nullable, objectSchema, responses } from './json-schema.ts';

const text: JsonSchema = { type: 'string' };

const bodySchema = objectSchema({
  id: text,
  state: { type: 'string', enum: ['waiting', 'running', 'paused', 'ended', 'failed'] },
  camera: nullable({ type: 'string', enum: ['connecting', 'playing', 'reconnecting', 'stopped'] }),
  frames: countSchema,
  inFlight: countSchema,
  dropped: objectSchema({ stale: countSchema, superseded: countSchema, full: countSchema }),
  lagMs: nullable({ type: 'number' }),
  readings: countSchema,
  errorCode: nullable(text),
});

const params = objectSchema({ id: { type: 'string', pattern: '^[^/:]+$' } });

/** Schema of `GET /v1/streams`. */
export const streamsSchema: object = {
  operationId: 'listStreams',
  tags: ['streams'],
  summary: 'List the streams that pipelines read',
  response: responses({ 200: json('Every stream', objectSchema({ streams: listOf(bodySchema) })) }),
};

/** Schema of `GET /v1/streams/{id}`. */
export const streamSchema: object = {
  operationId: 'getStream',
  tags: ['streams'],
  summary: 'Say what one stream does',
  params,
  response: responses({ 200: json('The stream', bodySchema) }, [404]),
};

const summaries = {
  pause: 'Let no more frames of a stream in; those under way are finished',
  resume: 'Let the frames of a stream in again',
  stop: 'End a stream; its frames under way are finished',
};

/** Schema of `POST /v1/streams/{id}:pause` and the like. */
export function streamActionSchema(action: keyof typeof summaries): object {
  return {
    operationId: `${action}Stream`,
    tags: ['streams'],
    summary: summaries[action],
    params,
    response: responses({ 200: json('The stream as it is now', bodySchema) }, [404]),
  };
}
