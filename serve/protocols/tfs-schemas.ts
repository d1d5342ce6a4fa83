import { errorSchema, type RouteSchema } from './oip-schemas.ts';

const refusal = { description: 'What was wrong, what was expected and what came', ...errorSchema };
const signature = { type: 'string', enum: ['serving_default', 'images'] };
const anything = {};
const results = { type: 'object', properties: { results: { type: 'array', items: anything } }, required: ['results'] };
const examples = {
  type: 'object',
  properties: {
    signature_name: signature,
    context: { type: 'object', additionalProperties: true },
    examples: { type: 'array', minItems: 1, items: { type: 'object', additionalProperties: true } },
  },
  required: ['examples'],
};

/** Schemas of the routes under /v1/models. */
export const tfsSchemas: Readonly<Record<'status' | 'metadata' | 'predict' | 'classify' | 'regress', RouteSchema>> = {
  status: route('State of the versions of a model', {
    type: 'object',
    properties: { model_version_status: { type: 'array', items: { type: 'object', additionalProperties: true } } },
    required: ['model_version_status'],
  }),
  metadata: route('Signatures of a model', {
    type: 'object',
    properties: {
      model_spec: { type: 'object', additionalProperties: true },
      metadata: { type: 'object', additionalProperties: true },
    },
    required: ['model_spec', 'metadata'],
  }),
  predict: {
    ...route('Asks a model by rows ("instances") or whole tensors ("inputs"); pictures as {"b64"}', {
      type: 'object',
      properties: { predictions: { type: 'array', items: anything }, outputs: anything },
    }),
    body: {
      type: 'object',
      properties: {
        signature_name: signature,
        instances: { type: 'array', minItems: 1, items: anything },
        inputs: anything,
      },
      oneOf: [{ required: ['instances'] }, { required: ['inputs'] }],
    },
  },
  classify: { ...route('Labels and scores of examples', results), body: examples },
  regress: { ...route('One number for each example', results), body: examples },
};

function route(summary: string, ok: RouteSchema): RouteSchema {
  return {
    tags: ['TensorFlow Serving v1'],
    summary,
    response: { 200: { description: 'OK', ...ok }, '4xx': refusal, '5xx': refusal },
  };
}
