import type { JsonSchema } from '../../cascade/index.ts';
import { countSchema, json, listOf, objectSchema, openResponses, responses } from '../json-schema.ts';
import { tensorDatatypes } from './tensor-data.ts';

const text: JsonSchema = { type: 'string' };
const flag: JsonSchema = { type: 'boolean' };
const parameters: JsonSchema = { type: 'object', additionalProperties: true };
const datatype: JsonSchema = { type: 'string', enum: [...tensorDatatypes, 'BYTES'] };
const shape: JsonSchema = { type: 'array', maxItems: 16, items: countSchema };
const binary = { schema: { type: 'string', format: 'binary' } };

/** Name of a model in a path. */
export const modelNameSchema: JsonSchema = { type: 'string', minLength: 1, pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$' };
/** Version of a model in a path. */
export const modelVersionSchema: JsonSchema = { type: 'string', pattern: '^[0-9]{1,15}$' };

const tensor = objectSchema(
  { name: { type: 'string', minLength: 1, maxLength: 1000 }, datatype, shape, parameters, data: { type: 'array' } },
  ['parameters', 'data'],
);
const request = objectSchema(
  {
    id: { type: 'string', maxLength: 1000 },
    parameters,
    inputs: { type: 'array', minItems: 1, items: tensor },
    outputs: listOf(
      objectSchema({ name: { type: 'string', minLength: 1, maxLength: 1000 }, parameters }, ['parameters']),
    ),
  },
  ['id', 'parameters', 'outputs'],
);
const response = objectSchema({ model_name: text, model_version: text, id: text, outputs: listOf(tensor) }, ['id']);
const tensorInfo = objectSchema({ name: text, datatype, shape: listOf({ type: 'integer', minimum: -1 }) });
const metadata = objectSchema({
  name: text,
  versions: listOf(text),
  platform: text,
  inputs: listOf(tensorInfo),
  outputs: listOf(tensorInfo),
});
const duration = objectSchema({ count: countSchema, ns: countSchema });
const statistics = objectSchema({
  model_stats: listOf(
    objectSchema({
      name: text,
      version: text,
      inference_count: countSchema,
      execution_count: countSchema,
      inference_stats: { type: 'object', additionalProperties: duration },
      batch_stats: listOf(objectSchema({ batch_size: countSchema, compute_infer: duration })),
    }),
  ),
});
const index = listOf(
  objectSchema({
    name: text,
    version: text,
    state: { type: 'string', enum: ['READY', 'LOADING', 'UNLOADING', 'UNAVAILABLE'] },
    reason: text,
  }),
);
const inferBody = { content: { 'application/json': { schema: request }, 'application/octet-stream': binary } };
const inferred = {
  description:
    'The outputs; binary ones follow the JSON, whose length is in the header Inference-Header-Content-Length',
  content: { 'application/json': { schema: response }, 'application/octet-stream': binary },
};

/** A kind of route under `/v2`. */
export type OipRoute =
  | 'server'
  | 'live'
  | 'ready'
  | 'model'
  | 'modelReady'
  | 'modelStatistics'
  | 'statistics'
  | 'infer'
  | 'repositoryIndex'
  | 'load'
  | 'unload';

const routes: Readonly<Record<OipRoute, { readonly summary: string; readonly ok: JsonSchema }>> = {
  server: {
    summary: 'Name, version and extensions of the server',
    ok: objectSchema({ name: text, version: text, extensions: listOf(text) }),
  },
  live: { summary: 'Say that the server lives', ok: objectSchema({ live: flag }) },
  ready: { summary: 'Say whether no model is being loaded', ok: objectSchema({ ready: flag }) },
  model: { summary: 'Versions and tensors of a model', ok: metadata },
  modelReady: {
    summary: 'Say that a model is ready; if it is not, the status is 400',
    ok: objectSchema({ name: text, ready: flag }),
  },
  modelStatistics: { summary: 'Counts and times of a model since it was loaded', ok: statistics },
  statistics: { summary: 'Counts and times of all models', ok: statistics },
  infer: { summary: 'Ask a model by tensors, or by JPEG and PNG pictures in a BYTES input', ok: response },
  repositoryIndex: { summary: 'List the versions in the repository', ok: index },
  load: { summary: 'Load the highest version of a model', ok: parameters },
  unload: { summary: 'Unload a model', ok: parameters },
};

/**
 * Schema of a route for the document.
 * @param names - Names in its path.
 */
export function oipSchema(route: OipRoute, names: readonly ('model_name' | 'model_version')[] = []): object {
  const { summary, ok } = routes[route];
  const isHealth = route === 'live' || route === 'ready';
  const versioned = names.includes('model_version') ? 'Version' : '';
  const all = { model_name: modelNameSchema, model_version: modelVersionSchema };
  const params = Object.fromEntries(names.map(name => [name, all[name]]));
  const good = { 200: route === 'infer' ? inferred : json('It is answered', ok) };
  const failures = names.length === 0 ? [400] : [400, 404, 413, 504];
  return {
    operationId: `oip${route[0]?.toUpperCase()}${route.slice(1)}${versioned}`,
    tags: ['Open Inference Protocol v2'],
    summary,
    ...(names.length > 0 && { params: objectSchema(params) }),
    ...(route === 'infer' && { body: inferBody }),
    ...(route === 'repositoryIndex' && { body: objectSchema({ ready: flag }, ['ready']) }),
    ...((route === 'load' || route === 'unload') && { body: objectSchema({ parameters }, ['parameters']) }),
    ...(isHealth && { security: [] }),
    response: isHealth ? openResponses(good) : responses(good, failures),
  };
}
