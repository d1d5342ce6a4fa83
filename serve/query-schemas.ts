import { deciders, type JsonSchema } from '../cascade/index.ts';
import { countSchema, json, listOf, nullable, objectSchema, responses, shareSchema } from './json-schema.ts';
import { rawImageTypes } from './read-image.ts';

const text: JsonSchema = { type: 'string' };
const sha256: JsonSchema = { type: 'string', pattern: '^[0-9a-f]{64}$' };
const milliseconds: JsonSchema = { type: 'number', minimum: 0 };

const sources = {
  plan: nullable(objectSchema({ name: text, hash: sha256 })),
  models: listOf(
    objectSchema({
      stage: { type: 'string', enum: ['specialized', 'reference'] },
      model: text,
      version: countSchema,
      sha256,
    }),
  ),
};

const boxSchema = objectSchema({
  label: text,
  score: shareSchema,
  x: shareSchema,
  y: shareSchema,
  width: shareSchema,
  height: shareSchema,
});

const answerSchema = objectSchema({
  label: { type: 'boolean' },
  score: nullable(shareSchema),
  boxes: listOf(boxSchema),
  decidedBy: { type: 'string', enum: deciders },
  why: text,
  defaulted: { type: 'boolean' },
});

const predicted = objectSchema({
  query: text,
  requestId: text,
  answer: nullable(answerSchema),
  rows: listOf({}),
  ...sources,
  timing: objectSchema({ receiveMs: milliseconds, queryMs: milliseconds, totalMs: milliseconds }),
});

const binary: JsonSchema = { type: 'string', format: 'binary' };

/** Schema of `POST /v1/queries/{name}:predict`. */
export const predictSchema: object = {
  operationId: 'predict',
  tags: ['queries'],
  summary: 'Answer one picture',
  description:
    'The picture passes the operators of the pipeline as the frame of a stream does, and gets the same answer.',
  params: objectSchema({ name: text }),
  querystring: objectSchema(
    {
      timestampUs: { ...countSchema, description: 'Media time of the picture in µs; default 0' },
      deadlineMs: {
        type: 'integer',
        minimum: 1,
        description:
          'Time in which a decision is wanted in ms: else it is a defaulted one; default: as the pipeline says',
      },
    },
    ['timestampUs', 'deadlineMs'],
  ),
  body: {
    content: {
      ...Object.fromEntries(rawImageTypes.map(type => [type, { schema: binary }])),
      'multipart/form-data': { schema: objectSchema({ image: binary }) },
      'application/json': {
        schema: objectSchema({ image: objectSchema({ b64: { type: 'string', contentEncoding: 'base64' } }) }),
      },
    },
  },
  response: responses(
    { 200: json('What the pipeline makes of the picture', predicted) },
    [400, 404, 408, 413, 415, 422, 504],
  ),
};

/** Schema of `GET /v1/queries`. */
export const queriesSchema: object = {
  operationId: 'listQueries',
  tags: ['queries'],
  summary: 'List what pictures can be asked',
  response: responses({
    200: json('Every query', objectSchema({ queries: listOf(objectSchema({ name: text, ...sources })) })),
  }),
};
