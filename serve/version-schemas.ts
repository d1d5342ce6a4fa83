import type { JsonSchema } from '../cascade/index.ts';
import { countSchema, json, listOf, nullable, objectSchema, responses, shareSchema } from './json-schema.ts';

const text: JsonSchema = { type: 'string' };
const versionSchema: JsonSchema = { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER };
const meanMs: JsonSchema = { type: 'number', minimum: 0 };

const bodySchema: JsonSchema = objectSchema({
  versions: listOf(
    objectSchema({
      name: text,
      version: versionSchema,
      sha256: nullable(text),
      state: { type: 'string', enum: ['UNKNOWN', 'START', 'LOADING', 'AVAILABLE', 'UNLOADING', 'END'] },
      reason: text,
      labels: listOf(text),
      isDefault: { type: 'boolean' },
    }),
  ),
  comparisons: listOf(
    objectSchema({
      name: text,
      version: versionSchema,
      shadow: versionSchema,
      share: shareSchema,
      compared: countSchema,
      agreed: countSchema,
      failures: countSchema,
      meanModelMs: objectSchema({ version: meanMs, shadow: meanMs }),
    }),
  ),
});

const answer: object = json('Every version, and how shadows compare', bodySchema);

/** Schema of `GET /v1/versions`. */
export const versionsSchema: object = {
  operationId: 'listVersions',
  tags: ['versions'],
  summary: 'List the versions of all models, and how shadows compare with what answers',
  response: responses({ 200: answer }),
};

const actions: Readonly<
  Record<'promote' | 'rollback' | 'shadow', { readonly summary: string; readonly body: JsonSchema | null }>
> = {
  promote: {
    summary: 'Make a version the one that answers; the one before stays loaded for a rollback',
    body: objectSchema({ version: versionSchema }),
  },
  rollback: { summary: 'Make the version before the one that answers', body: null },
  shadow: {
    summary: 'Ask a version a share of what the one that answers is asked, and compare; 0 ends it',
    body: objectSchema({ version: versionSchema, share: shareSchema }),
  },
};

/** Schema of `POST /v1/versions/{model}:promote` and the like. */
export function versionActionSchema(action: keyof typeof actions): object {
  const { summary, body } = actions[action];
  return {
    operationId: `${action}Version`,
    tags: ['versions'],
    summary,
    params: objectSchema({ model_name: { type: 'string', pattern: '^[^/:]+$' } }),
    ...(body !== null && { body: { content: { 'application/json': { schema: body } } } }),
    response: responses({ 200: answer }, [400, 404, 413, 422]),
  };
}
