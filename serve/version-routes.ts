import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { ModelServer, ServedVersion, ShadowComparison } from '../cascade/index.ts';
import { parseRelaxedJson } from './protocols/relaxed-json.ts';
import { readBody, takeRawBodies } from './protocols/request-body.ts';
import { described, invalidField, readOptionalObject } from './protocols/request-field.ts';
import { versionActionSchema, versionsSchema } from './version-schemas.ts';

/** What `GET /v1/versions` and the actions on versions answer. */
export interface VersionsBody {
  readonly versions: readonly ServedVersion[];
  /** How shadows compare with what answers. */
  readonly comparisons: readonly ShadowComparison[];
}

type ModelRequest = FastifyRequest<{ Params: { readonly model_name: string } }>;

/**
 * `GET /v1/versions`, and `POST /v1/versions/{model}:promote`, `:rollback` and `:shadow`: each swap is one call, and no request
 * fails by it.
 */
export function versionRoutes(models: ModelServer): FastifyPluginAsync {
  const body = async (): Promise<VersionsBody> => ({
    versions: await models.index(),
    comparisons: models.comparisons,
  });
  return async app => {
    takeRawBodies(app);
    app.get('/v1/versions', { schema: versionsSchema }, body);
    const path = '/v1/versions/:model_name([^/:]+)';
    app.post(`${path}::promote`, { schema: versionActionSchema('promote') }, async (request: ModelRequest) => {
      await models.promote(request.params.model_name, versionIn(await fieldsOf(request)));
      return body();
    });
    app.post(`${path}::rollback`, { schema: versionActionSchema('rollback') }, async (request: ModelRequest) => {
      await models.rollback(request.params.model_name);
      return body();
    });
    app.post(`${path}::shadow`, { schema: versionActionSchema('shadow') }, async (request: ModelRequest) => {
      const fields = await fieldsOf(request);
      await models.shadow(request.params.model_name, versionIn(fields), shareIn(fields));
      return body();
    });
  };
}

async function fieldsOf(request: FastifyRequest): Promise<Readonly<Record<string, unknown>>> {
  const text = new TextDecoder().decode(await readBody(request));
  return readOptionalObject(text.trim() === '' ? undefined : parseRelaxedJson(text), 'body');
}

function versionIn({ version }: Readonly<Record<string, unknown>>): number {
  if (typeof version === 'number' && Number.isSafeInteger(version) && version >= 1) return version;
  throw invalidField('version', 'an integer from 1', described(version));
}

function shareIn({ share }: Readonly<Record<string, unknown>>): number {
  if (typeof share === 'number' && share >= 0 && share <= 1) return share;
  throw invalidField('share', 'a number, 0–1; 0 ends it', described(share));
}
