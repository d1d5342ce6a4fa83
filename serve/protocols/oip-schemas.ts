/** A schema of a route for the OpenAPI document. */
export type RouteSchema = Readonly<Record<string, unknown>>;

const text = { type: 'string' } as const;
const integers = { type: 'array', items: { type: 'integer' } } as const;
const parameters = { type: 'object', additionalProperties: true } as const;
const datatype = {
  type: 'string',
  enum: [
    'BOOL',
    'UINT8',
    'UINT16',
    'UINT32',
    'UINT64',
    'INT8',
    'INT16',
    'INT32',
    'INT64',
    'FP16',
    'FP32',
    'FP64',
    'BYTES',
  ],
} as const;

/** Body of a refusal. */
export const errorSchema: RouteSchema = object({ error: text, code: text }, ['error']);

const tensorInfo = object({ name: text, datatype, shape: integers });
const metadata = object({
  name: text,
  versions: { type: 'array', items: text },
  platform: text,
  inputs: { type: 'array', items: tensorInfo },
  outputs: { type: 'array', items: tensorInfo },
});
const modelReady = object({ name: text, ready: { type: 'boolean' } });
const duration = object({ count: { type: 'integer' }, ns: { type: 'integer' } });
const statistics = object({
  model_stats: {
    type: 'array',
    items: object({
      name: text,
      version: text,
      inference_count: { type: 'integer' },
      execution_count: { type: 'integer' },
      inference_stats: { type: 'object', additionalProperties: duration },
      batch_stats: { type: 'array', items: object({ batch_size: { type: 'integer' }, compute_infer: duration }) },
    }),
  },
});
const shape = { type: 'array', maxItems: 16, items: { type: 'integer', minimum: 0 } } as const;
const request = object(
  {
    id: { type: 'string', maxLength: 1000 },
    parameters,
    inputs: {
      type: 'array',
      minItems: 1,
      items: object({ name: text, datatype, shape, parameters, data: { type: 'array', items: {} } }, [
        'name',
        'datatype',
        'shape',
      ]),
    },
    outputs: { type: 'array', items: object({ name: text, parameters }, ['name']) },
  },
  ['inputs'],
);
const response = object(
  {
    model_name: text,
    model_version: text,
    id: text,
    outputs: {
      type: 'array',
      items: object({ name: text, datatype, shape, parameters, data: { type: 'array', items: {} } }, [
        'name',
        'datatype',
        'shape',
      ]),
    },
  },
  ['model_name', 'model_version', 'outputs'],
);
const binary = { schema: { type: 'string', format: 'binary' } } as const;
const repositoryEntry = object({
  name: text,
  version: text,
  state: { type: 'string', enum: ['READY', 'LOADING', 'UNLOADING', 'UNAVAILABLE'] },
  reason: text,
});

const server = object({ name: text, version: text, extensions: { type: 'array', items: text } });

/** A kind of route under /v2. */
export type OipRoute =
  | 'server'
  | 'live'
  | 'ready'
  | 'model'
  | 'modelReady'
  | 'statistics'
  | 'allStatistics'
  | 'infer'
  | 'index'
  | 'load'
  | 'unload';

/** Schemas of the routes under /v2. */
export const oipSchemas: Readonly<Record<OipRoute, RouteSchema>> = {
  server: route('Name, version and extensions of the server', server),
  live: route('Whether the server runs', object({ live: { type: 'boolean' } })),
  ready: route('Whether no model is on its way', object({ ready: { type: 'boolean' } })),
  model: route('Tensors and versions of a model', metadata),
  modelReady: route('Whether a model is ready; if not, the status is 400', modelReady),
  statistics: route('Counts and times of a model', statistics),
  allStatistics: route('Counts and times of all models', statistics),
  infer: {
    ...route('Asks a model by tensors, or by JPEG and PNG pictures in a BYTES input', response),
    body: {
      content: { 'application/json': { schema: request }, 'application/octet-stream': binary },
    },
    response: {
      200: {
        description:
          'Outputs; binary ones follow the JSON, whose length the header Inference-Header-Content-Length says',
        content: { 'application/json': { schema: response }, 'application/octet-stream': binary },
      },
      '4xx': errorResponse(),
      '5xx': errorResponse(),
    },
  },
  index: {
    ...route('Versions in the repository', { type: 'array', items: repositoryEntry }),
    body: jsonBody(object({ ready: { type: 'boolean' } }, [])),
  },
  load: { ...route('Loads the default version of a model', parameters), body: jsonBody(object({ parameters }, [])) },
  unload: { ...route('Unloads a model', parameters), body: jsonBody(object({ parameters }, [])) },
};

function object(properties: Readonly<Record<string, unknown>>, required = Object.keys(properties)): RouteSchema {
  return { type: 'object', properties, ...(required.length > 0 && { required }) };
}

function jsonBody(schema: RouteSchema): RouteSchema {
  return { content: { 'application/json': { schema } } };
}

function route(summary: string, ok: RouteSchema): RouteSchema {
  return {
    tags: ['Open Inference Protocol v2'],
    summary,
    response: { 200: { description: 'OK', ...ok }, '4xx': errorResponse(), '5xx': errorResponse() },
  };
}

function errorResponse(): RouteSchema {
  return { description: 'What was wrong, what was expected and what came', ...errorSchema };
}
