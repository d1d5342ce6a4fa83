import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addModel, ModelServer } from '../../cascade/index.ts';
import { encodeImage } from '../../ingest/index.ts';
import { type RunningServer, startServer } from '../../serve/index.ts';
import { type Deployment, deploy, pipeline, referenceModel, request } from '../../streams-dsl/index.ts';
import { tinyYolox } from '../cascade/models/tiny-onnx.ts';
import { call, post } from './call-server.ts';

let folder: string;
let models: ModelServer;
let deployment: Deployment;
let server: RunningServer;
let image: Uint8Array;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-versions-'));
  // Version 2 finds what version 1 does not.
  for (const [version, score] of [0, 1].entries()) {
    const onnxPath = join(folder, `${version}.onnx`);
    const cells = Array.from({ length: 21 }, () => [0.5, 0.5, 0, 0, score, score]);
    await writeFile(onnxPath, tinyYolox({ batch: 'N', width: 32, height: 32 }, cells));
    await addModel({ onnxPath, folder, name: 'spots', version: version + 1, head: 'yolox', labels: ['person'] });
  }
  models = await ModelServer.open({ folder, models: ['spots@1'], replicas: { min: 1, max: 1 }, cacheBytes: 0 });
  const stages = referenceModel({ model: 'spots@1', label: 'person', smoothingMs: 0 });
  deployment = deploy(pipeline('asked', request(), stages), { models: folder, served: models });
  server = await startServer({ deployment, models, port: 0 });
  image = await encodeImage({ width: 32, height: 32, bytes: new Uint8Array(3072).fill(200) }, { format: 'png' });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await deployment[Symbol.asyncDispose]();
  await models[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const act = (action: string, body?: object) =>
  call(server, `/v1/versions/spots:${action}`, post(JSON.stringify(body ?? ''), 'application/json'));
const found = async (): Promise<number> => {
  const headers = { 'content-type': 'application/octet-stream', 'inference-header-content-length': '0' };
  const { status, body } = await call(server, '/v2/models/spots/infer', {
    method: 'POST',
    body: image as unknown as string,
    headers,
  });
  expect(status).toBe(200);
  return Number(body['model_version']);
};

it('swaps versions in one call each, and fails no request by it', async () => {
  expect(await found()).toBe(1);
  let isDone = false;
  const versions = new Set<number>();
  const callers = Array.from({ length: 4 }, async () => {
    while (!isDone) versions.add(await found());
  });
  expect((await act('promote', { version: 2 })).status).toBe(200);
  expect(await found()).toBe(2);
  expect((await call(server, '/v1/versions/spots:rollback', { method: 'POST' })).status).toBe(200);
  expect(await found()).toBe(1);
  isDone = true;
  await Promise.all(callers);
  expect([...versions].sort()).toEqual([1, 2]);
});

it('asks a query by the version of its plan, whichever answers others', async () => {
  const before = models.stats().find(({ version }) => version === 1)?.calls ?? 0;
  await act('promote', { version: 2 });
  const { body } = await call(server, '/v1/queries/asked:predict', post(image, 'image/png'));
  expect(body).toMatchObject({ answer: { label: false, decidedBy: 'referenced' } });
  expect(models.stats().find(({ version }) => version === 1)?.calls).toBe(before + 1);
  await models.unload('spots', 1);
  // It has processes of its own now.
  const alone = await call(server, '/v1/queries/asked:predict', post(image, 'image/png'));
  expect(alone.body).toMatchObject({ answer: { label: false, decidedBy: 'referenced' } });
});

it('shows how a shadow compares', async () => {
  const { body } = await act('shadow', { version: 1, share: 1 });
  expect(body).toMatchObject({ comparisons: [{ name: 'spots', version: 2, shadow: 1, share: 1 }] });
  await found();
  await models.model('spots', 1).ask({ kind: 'image', bytes: image });
  const shown = (await call(server, '/v1/versions')).body as { comparisons: { compared: number; agreed: number }[] };
  expect(shown.comparisons[0]).toMatchObject({ compared: 1, agreed: 0 });
  expect((await act('shadow', { version: 1, share: 0 })).body).toMatchObject({ comparisons: [] });
});

it.each([
  ['promote', {}, 400, 'version: expected an integer from 1, got nothing'],
  ['promote', { version: 9 }, 404, 'spots@9'],
  ['shadow', { version: 1, share: 2 }, 400, 'share: expected a number, 0–1; 0 ends it, got 2'],
  ['shadow', [], 400, 'body: expected an object'],
])('refuses to %s with %j', async (action, fields, status, message) => {
  const answered = await act(action, fields);
  expect(answered.status).toBe(status);
  expect(answered.text).toContain(message);
});
