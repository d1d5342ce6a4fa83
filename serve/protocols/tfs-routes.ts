import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { ModelResult, ModelServer, ServedModel } from '../../cascade/index.ts';
import { imageOutputs } from './image-outputs.ts';
import { askImages, infer } from './infer.ts';
import { versionsOf } from './model-version.ts';
import { parseRelaxedJson } from './relaxed-json.ts';
import { encodeBody, readBody, takeRawBodies } from './request-body.ts';
import { described, invalidField } from './request-field.ts';
import { classify, regress } from './tfs-examples.ts';
import { modelSignatures, versionStatus } from './tfs-metadata.ts';
import { parsePredictRequest } from './tfs-request.ts';
import { formatPredictions, relaxedJson } from './tfs-response.ts';
import { tfsSchema } from './tfs-schemas.ts';

interface Params {
  readonly model_name: string;
  readonly model_version?: string;
  readonly version_label?: string;
}
type ModelRequest = FastifyRequest<{ Params: Params }>;

const verbs = { predict, classify, regress } as const;

/** Routes of TensorFlow Serving's REST API v1 under `/v1/models`. */
export function tfsRoutes(models: ModelServer): FastifyPluginAsync {
  return async app => {
    takeRawBodies(app);
    // A colon parts a name from the verb, and stands in no name.
    const model = '/v1/models/:model_name([^/:]+)';
    pathRoutes(app, models, { path: model, by: 'default' });
    pathRoutes(app, models, { path: `${model}/versions/:model_version([^/:]+)`, by: 'version' });
    pathRoutes(app, models, { path: `${model}/labels/:version_label([^/:]+)`, by: 'label' });
  };
}

function pathRoutes(
  app: FastifyInstance,
  models: ModelServer,
  { path, by }: { path: string; by: 'default' | 'version' | 'label' },
): void {
  app.get(path, { schema: tfsSchema('status', by) }, async ({ params }: ModelRequest) =>
    versionStatus(await versionsOf(models, params.model_name, versionIn(params))),
  );
  app.get(`${path}/metadata`, { schema: tfsSchema('metadata', by) }, ({ params }: ModelRequest) =>
    modelSignatures(models.model(params.model_name, versionIn(params))),
  );
  for (const verb of ['predict', 'classify', 'regress'] as const) {
    app.post(`${path}::${verb}`, { schema: tfsSchema(verb, by) }, async (request: ModelRequest, reply) => {
      const model = models.model(request.params.model_name, versionIn(request.params));
      const body = parseRelaxedJson(new TextDecoder().decode(await readBody(request)));
      return sendJson(request, reply, await verbs[verb](body, model));
    });
  }
}

async function sendJson(request: FastifyRequest, reply: FastifyReply, json: string): Promise<Buffer | string> {
  const { body, coding } = await encodeBody(json, request.headers['accept-encoding']);
  if (coding !== undefined) reply.header('content-encoding', coding);
  reply.type('application/json; charset=utf-8');
  return body;
}

/** The version or label of a path; undefined: the default version. */
function versionIn({ model_version: version, version_label: label }: Params): number | string | undefined {
  if (label !== undefined) {
    if (/^\w{1,100}$/.test(label)) return label;
    throw invalidField('label', 'letters, digits and "_"', described(label));
  }
  if (version === undefined) return undefined;
  if (/^\d{1,15}$/.test(version)) return Number(version);
  throw invalidField('version', 'an integer from 1', described(version));
}

async function predict(body: unknown, model: ServedModel): Promise<string> {
  const { inputs, isRows } = parsePredictRequest(body, model);
  const [input] = inputs;
  if (input?.datatype !== 'BYTES') return formatPredictions(await infer(model, inputs, undefined), isRows);
  const { answers } = await askImages(model, input.elements, {});
  if (answers[0]?.kind === 'confidence') return formatPredictions({ outputs: imageOutputs(model, answers) }, isRows);
  const found = answers.map(foundIn);
  if (isRows) return relaxedJson({ predictions: found });
  const columns = (['boxes', 'scores', 'labels'] as const).map(name => [name, found.map(entry => entry[name])]);
  return relaxedJson({ outputs: Object.fromEntries(columns) });
}

/** What a detector found in one picture; boxes are x, y, width, height as shares of it, from its top left corner. */
function foundIn(answer: ModelResult): Readonly<Record<'boxes' | 'scores' | 'labels', readonly unknown[]>> {
  const detections = answer.kind === 'detections' ? answer.detections : [];
  return {
    boxes: detections.map(({ box: { x, y, width, height } }) => [x, y, width, height]),
    scores: detections.map(({ score }) => score),
    labels: detections.map(({ label }) => label),
  };
}
