import type { JsonSchema } from '../../cascade/index.ts';
import { json, listOf, objectSchema, responses } from '../json-schema.ts';
import { modelNameSchema, modelVersionSchema } from './oip-schemas.ts';
import { signatureNames } from './tfs-request.ts';

const text: JsonSchema = { type: 'string' };
const object: JsonSchema = { type: 'object', additionalProperties: true };
const signature: JsonSchema = { type: 'string', enum: [...signatureNames] };
const versionStates: JsonSchema = {
  type: 'string',
  enum: ['UNKNOWN', 'START', 'LOADING', 'AVAILABLE', 'UNLOADING', 'END'],
};
const examplesBody = objectSchema(
  { signature_name: signature, context: object, examples: { type: 'array', minItems: 1, items: object } },
  ['signature_name', 'context'],
);
const predictBody: JsonSchema = {
  ...objectSchema({ signature_name: signature, instances: { type: 'array', minItems: 1 }, inputs: {} }, [
    'signature_name',
    'instances',
    'inputs',
  ]),
  oneOf: [{ required: ['instances'] }, { required: ['inputs'] }],
};

/** A kind of route under `/v1/models`. */
export type TfsRoute = 'status' | 'metadata' | 'predict' | 'classify' | 'regress';

const routes: Readonly<
  Record<TfsRoute, { readonly summary: string; readonly ok: JsonSchema; readonly body: JsonSchema | undefined }>
> = {
  status: {
    summary: 'States of the versions of a model',
    ok: objectSchema({
      model_version_status: listOf(
        objectSchema({
          version: text,
          state: versionStates,
          status: objectSchema({ error_code: text, error_message: text }),
        }),
      ),
    }),
    body: undefined,
  },
  metadata: {
    summary: 'Signatures of a model',
    ok: objectSchema({ model_spec: object, metadata: object }),
    body: undefined,
  },
  predict: {
    summary: 'Ask a model by rows ("instances") or by whole tensors ("inputs"); a picture is {"b64": …}',
    ok: objectSchema({ predictions: { type: 'array' }, outputs: {} }, ['predictions', 'outputs']),
    body: predictBody,
  },
  classify: {
    summary: 'Labels and scores of examples',
    ok: objectSchema({ results: listOf({ type: 'array' }) }),
    body: examplesBody,
  },
  regress: {
    summary: 'One number for each example',
    ok: objectSchema({ results: listOf({ type: 'number' }) }),
    body: examplesBody,
  },
};

/**
 * Schema of a route for the document.
 * @param by - How its path names the version.
 */
export function tfsSchema(route: TfsRoute, by: 'default' | 'version' | 'label'): object {
  const { summary, ok, body } = routes[route];
  const named = {
    default: {},
    version: { model_version: modelVersionSchema },
    label: { version_label: { type: 'string', pattern: '^[A-Za-z0-9_]{1,100}$' } },
  }[by];
  const suffix = by === 'default' ? '' : `By${by[0]?.toUpperCase()}${by.slice(1)}`;
  return {
    operationId: `tfs${route[0]?.toUpperCase()}${route.slice(1)}${suffix}`,
    tags: ['TensorFlow Serving v1'],
    summary,
    params: objectSchema({ model_name: modelNameSchema, ...named }),
    ...(body !== undefined && { body }),
    response: responses({ 200: json('It is answered', ok) }, [400, 404, ...(body === undefined ? [] : [413, 504])]),
  };
}
