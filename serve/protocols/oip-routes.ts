import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { ModelServer } from '../../cascade/index.ts';
import { infer } from './infer.ts';
import { loadModel, readVersion, versionsOf } from './model-version.ts';
import { modelMetadata, repositoryEntry, serverMetadata } from './oip-metadata.ts';
import { parseInferRequest } from './oip-request.ts';
import { formatInferResponse } from './oip-response.ts';
import { oipSchema } from './oip-schemas.ts';
import { modelStatistics } from './oip-statistics.ts';
import { rawBodyRequest } from './raw-picture.ts';
import { parseRelaxedJson } from './relaxed-json.ts';
import { encodeBody, readBody, takeRawBodies } from './request-body.ts';
import { described, invalidField, readBoolean, readObject, readOptionalObject } from './request-field.ts';

type ModelRequest = FastifyRequest<{ Params: { model_name: string; model_version?: string } }>;

/**
 * Routes of the Open Inference Protocol v2 under `/v2`, with Triton's extensions for binary tensors, the model repository
 * and statistics. A version in a path may be a label.
 */
export function oipRoutes(models: ModelServer): FastifyPluginAsync {
  return async app => {
    takeRawBodies(app);
    app.get('/v2', { schema: oipSchema('server') }, () => serverMetadata);
    app.get('/v2/health/live', { schema: oipSchema('live') }, () => ({ live: true }));
    app.get('/v2/health/ready', { schema: oipSchema('ready') }, async () => ({ ready: await isReady(models) }));
    app.get('/v2/models/stats', { schema: oipSchema('statistics') }, () => modelStatistics(models));
    modelRoutes(app, models, ['model_name']);
    modelRoutes(app, models, ['model_name', 'model_version']);
    repositoryRoutes(app, models);
  };
}

function modelRoutes(
  app: FastifyInstance,
  models: ModelServer,
  names: readonly ('model_name' | 'model_version')[],
): void {
  const path = names.length === 1 ? '/v2/models/:model_name' : '/v2/models/:model_name/versions/:model_version';
  app.get(path, { schema: oipSchema('model', names) }, async ({ params }: ModelRequest) => {
    const model = models.model(params.model_name, readVersion(params.model_version));
    return modelMetadata(model, await versionsOf(models, params.model_name, undefined));
  });
  app.get(`${path}/ready`, { schema: oipSchema('modelReady', names) }, async ({ params }: ModelRequest, reply) => {
    const name = params.model_name;
    const version = readVersion(params.model_version);
    const versions = await versionsOf(models, name, version);
    if (versions.some(({ state }) => state === 'AVAILABLE')) return { name, ready: true };
    return reply.code(400).send({ error: `The model ${name} is not ready.`, name, ready: false });
  });
  app.get(`${path}/stats`, { schema: oipSchema('modelStatistics', names) }, async ({ params }: ModelRequest) => {
    const versions = await versionsOf(models, params.model_name, readVersion(params.model_version));
    return modelStatistics(models, versions);
  });
  app.post(`${path}/infer`, { schema: oipSchema('infer', names) }, (request: ModelRequest, reply) =>
    answerInfer(models, request, reply),
  );
}

async function answerInfer(models: ModelServer, request: ModelRequest, reply: FastifyReply): Promise<unknown> {
  const { model_name: name, model_version: version } = request.params;
  const model = models.model(name, readVersion(version));
  const body = await readBody(request);
  const jsonBytes = readHeaderLength(request, body.byteLength);
  const asked = jsonBytes === 0 ? rawBodyRequest(model, body) : parseInferRequest(body, jsonBytes);
  const names = asked.outputs?.map(output => output.name);
  const inferred = await infer(
    model,
    asked.inputs,
    names,
    asked.deadlineMs === undefined ? {} : { deadlineMs: asked.deadlineMs },
  );
  const response = formatInferResponse(name, inferred, asked);
  if (response.jsonBytes === undefined) reply.type('application/json; charset=utf-8');
  else reply.type('application/octet-stream').header('inference-header-content-length', response.jsonBytes);
  const { body: sent, coding } = await encodeBody(response.body, request.headers['accept-encoding']);
  if (coding !== undefined) reply.header('content-encoding', coding);
  return sent;
}

/** Length of the JSON at the beginning of the body; undefined: all of it. */
function readHeaderLength({ headers }: FastifyRequest, bodyBytes: number): number | undefined {
  const text = headers['inference-header-content-length'];
  if (text === undefined) return undefined;
  const length = typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (length <= bodyBytes) return length;
  const expected = `an integer of at most the ${bodyBytes} bytes of the body`;
  throw invalidField('Inference-Header-Content-Length', expected, described(text));
}

function repositoryRoutes(app: FastifyInstance, models: ModelServer): void {
  app.post('/v2/repository/index', { schema: oipSchema('repositoryIndex') }, async request => {
    const body = await readBody(request);
    const isReadyOnly = readBoolean(readJsonObject(body)['ready'], 'ready', false);
    const entries = (await models.index()).map(repositoryEntry);
    return isReadyOnly ? entries.filter(({ state }) => state === 'READY') : entries;
  });
  app.post(
    '/v2/repository/models/:model_name/load',
    { schema: oipSchema('load', ['model_name']) },
    async (request: ModelRequest) => {
      const parameters = readOptionalObject(readJsonObject(await readBody(request))['parameters'], 'parameters');
      refuseForeignModel(parameters);
      await loadModel(models, request.params.model_name);
      return {};
    },
  );
  app.post(
    '/v2/repository/models/:model_name/unload',
    { schema: oipSchema('unload', ['model_name']) },
    async (request: ModelRequest) => {
      readOptionalObject(readJsonObject(await readBody(request))['parameters'], 'parameters');
      await models.unload(request.params.model_name);
      return {};
    },
  );
}

/**
 * Refuses a model or a configuration that comes with a request: models are only served out of the repository.
 * @throws SERVE_REQUEST_INVALID - when there is one.
 */
export function refuseForeignModel(parameters: Readonly<Record<string, unknown>>): void {
  const foreign = Object.keys(parameters).find(name => name === 'config' || name.startsWith('file:'));
  if (foreign === undefined) return;
  throw invalidField('parameters', 'none: models are served out of the repository alone', described(foreign));
}

/** Whether no model is on its way. One that was unloaded is meant to be away. */
export async function isReady(models: ModelServer): Promise<boolean> {
  return (await models.index()).every(({ state }) => state !== 'START' && state !== 'LOADING');
}

/** A JSON object that may be left out altogether, as tritonclient does. */
function readJsonObject(body: Uint8Array): Readonly<Record<string, unknown>> {
  return body.byteLength === 0 ? {} : readObject(parseRelaxedJson(new TextDecoder().decode(body)), 'body');
}
