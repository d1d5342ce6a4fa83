import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addModel, type Decision } from '../../cascade/index.ts';
import { encodeImage } from '../../ingest/index.ts';
import {
  cascade,
  deploy,
  type EncodedFrame,
  file,
  frames,
  map,
  mapFrames,
  pipeline,
  planPipelines,
  referenceModel,
  request,
  toMemory,
} from '../../streams-dsl/index.ts';
import { crossedItem } from '../../streams-dsl/runtime/crossed-item.ts';
import { tinyYolox } from '../cascade/models/tiny-onnx.ts';
import { makeSmallScene, middleBrightness, type SmallScene } from './small-scene.ts';

let scene: SmallScene;
beforeAll(async () => {
  scene = await makeSmallScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

/** An image of one gray. */
async function image(gray: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(64 * 36 * 3).fill(gray);
  return encodeImage({ width: 64, height: 36, bytes }, { format: 'png' });
}

it('answers a request as the frame of a stream, by the same operators', async () => {
  const grays = [10, 60, 97, 120, 200, 250];
  const images: EncodedFrame[] = [];
  for (const [i, gray] of grays.entries()) images.push({ image: await image(gray), timestampUs: i * 40_000 });
  const stages = cascade({
    predicate: { label: 'person', minScore: 0.41 },
    reference: 'spots',
    specializedModel: { model: 'bright', cLow: middleBrightness - 0.02, cHigh: middleBrightness + 0.02 },
    smoothingMs: 0,
  });
  const told = map(({ frame: _, timestampUs: __, ...decision }: Decision) => decision);
  const streamed = toMemory<object>();
  const asked = toMemory<object>();
  const one = pipeline('asked', request({ stream: 'door' }), stages, told, asked);
  await using deployment = deploy(
    [pipeline('streamed', frames(images, { stream: 'door' }), stages, told, streamed), one],
    {
      models: scene.models,
    },
  );
  await deployment.run();
  const answers: object[] = [];
  for (const { image: bytes } of images) answers.push(...(await deployment.execute(one, bytes)));
  expect(answers).toEqual(streamed.rows);
  // To the sinks as well, and each of the ways to answer was taken.
  expect(asked.rows).toEqual(answers);
  const ways = new Set(answers.map(answer => (answer as Decision).decidedBy));
  expect(ways.size).toBeGreaterThan(1);
});

it('gives the default, or the estimate of the cheap stage, when the deadline comes', async () => {
  const onnxPath = join(scene.folder, 'slow.onnx');
  const cells = Array.from({ length: 21 }, () => [0.5, 0.5, 0, 0, 0.5, 1]);
  await writeFile(onnxPath, tinyYolox({ batch: 'N', width: 32, height: 32, work: 1500 }, cells));
  await addModel({ onnxPath, folder: scene.models, name: 'slow', head: 'yolox', labels: ['person'] });
  const cheap = { model: 'bright', cLow: 0.3, cHigh: 0.5 };
  const stages = cascade({ label: 'person', reference: 'slow', specializedModel: cheap, smoothingMs: 0 });
  const estimated = pipeline('estimated', request(), stages);
  const declared = pipeline('declared', request({ sloMs: 50, default: true }), stages);
  const alone = pipeline('alone', request({ sloMs: 50 }), referenceModel({ model: 'slow', label: 'person' }));
  await using deployment = deploy([estimated, declared, alone], { models: scene.models });
  const late = { decidedBy: 'defaulted', reason: 'deadline', inheritedFrom: null };
  const [dim, bright, sure] = [await image(0.35 * 255), await image(0.45 * 255), await image(250)];
  // Where there is time for it, the slow model answers, and it is loaded then.
  expect(await deployment.execute(estimated, dim)).toMatchObject([{ decidedBy: 'referenced', label: true }]);
  const within = { deadlineMs: 100 };
  expect(await deployment.execute(estimated, sure, within)).toMatchObject([{ decidedBy: 'accepted', label: true }]);
  expect(await deployment.execute(estimated, dim, within)).toMatchObject([{ ...late, label: false, rawLabel: false }]);
  expect(await deployment.execute(estimated, bright, within)).toMatchObject([{ ...late, label: true, rawLabel: true }]);
  // The one before still keeps the model busy, which changes nothing.
  expect(await deployment.execute(estimated, dim, within)).toMatchObject([{ ...late, label: false }]);
  expect(await deployment.execute(declared, dim)).toMatchObject([{ ...late, label: true }]);
  expect(await deployment.execute(alone, dim)).toMatchObject([{ ...late, label: false }]);
  const given = new AbortController();
  const answer = deployment.execute(estimated, dim, { signal: given.signal });
  setImmediate(() => given.abort(new Error('the caller has gone')));
  await expect(answer).rejects.toThrow('the caller has gone');
  await expect(deployment.execute(estimated, dim, { signal: given.signal })).rejects.toThrow('the caller has gone');
});

it('refuses what is no whole image, whoever decodes it', async () => {
  const stages = referenceModel({ model: 'spots', label: 'person' });
  const brightness = mapFrames(({ pixels: [first = 0] }) => first, { pixels: { width: 4, height: 4, format: 'gray' } });
  const [direct, crossed] = [pipeline('direct', request(), stages), pipeline('crossed', request(), brightness)];
  await using deployment = deploy([direct, crossed], { models: scene.models });
  const whole = await image(10);
  const huge = Uint8Array.from(whole);
  new DataView(huge.buffer).setUint32(16, 50_000);
  new DataView(huge.buffer).setUint32(20, 50_000);
  const bad: [Uint8Array, string][] = [
    [new Uint8Array([1, 2, 3]), 'got 3 bytes that begin as neither a JPEG nor a PNG does'],
    [whole.subarray(0, whole.length - 8), 'that lack the end of the image'],
    [huge, 'at most 100 megapixels, got a header of 50000x50000 px'],
    [Uint8Array.from(whole).fill(7, 30, 60), `got ${whole.length} bytes that do not decode`],
  ];
  await deployment.prepareRequests();
  for (const one of [direct, crossed]) {
    for (const [bytes, message] of bad) {
      const refused = { code: 'STREAMS_IMAGE_INVALID', message: expect.stringContaining(message) };
      await expect(deployment.execute<object>(one, bytes)).rejects.toMatchObject(refused);
    }
    expect(await deployment.execute<object>(one, whole)).toHaveLength(1);
  }
});

it('says what it cannot answer', async () => {
  const brightness = mapFrames(({ pixels: [first = 0] }) => first, { pixels: { width: 4, height: 4, format: 'gray' } });
  const asked = pipeline('asked', request(), brightness);
  const read = pipeline('read', file('door.mp4'), brightness);
  await using deployment = deploy([asked, read]);
  await expect(deployment.execute(asked, new Uint8Array([1, 2, 3]))).rejects.toMatchObject({
    code: 'STREAMS_IMAGE_INVALID',
  });
  await expect(deployment.execute('read', await image(1))).rejects.toMatchObject({
    code: 'STREAMS_NOT_A_REQUEST',
    message: expect.stringContaining('Pipeline read takes no requests: its source is file().'),
  });
  const unknown = {
    code: 'STREAMS_PIPELINE_UNKNOWN',
    message: expect.stringContaining('There is no pipeline x: expected one of asked, read.'),
  };
  await expect(deployment.execute('x', await image(1))).rejects.toMatchObject(unknown);
  expect(() => deployment.remove('x')).toThrow(expect.objectContaining(unknown));
  expect(() => deployment.pause('x')).toThrow('There is no stream x: expected one of request, door.');
  await expect(deployment.add(pipeline('read', file('x.mp4'), brightness))).rejects.toMatchObject({
    code: 'STREAMS_PIPELINE_EXISTS',
  });
  expect(() => deploy([read, read])).toThrow(expect.objectContaining({ code: 'STREAMS_PIPELINE_EXISTS' }));
  // It goes on after what it could not answer.
  expect(await deployment.execute(asked, await image(200))).toMatchObject([{ decidedBy: 'mapped', value: 200 }]);
});

it('refuses keyframes where no program can be made', async () => {
  const keyframes = cascade({ label: 'person', reference: 'spots', skip: 'keyframes' });
  const planning = planPipelines([pipeline('memory', frames([]), keyframes)], { models: scene.models });
  await expect(planning).rejects.toMatchObject({ code: 'STREAMS_KEYFRAMES_UNFIT' });
});

it('has only the pictures that were declared', () => {
  const picture = { request: { width: 4, height: 4, format: 'gray' } as const, bytes: new Uint8Array(16) };
  const item = crossedItem('door', {
    frame: 3,
    timestampUs: 0,
    state: 'decoded',
    width: 8,
    height: 8,
    pictures: [picture],
  });
  expect(item.pixels(picture.request)).toBe(picture.bytes);
  expect(() => item.pixels({ width: 8, height: 8, format: 'rgb' })).toThrow(
    expect.objectContaining({
      code: 'STREAMS_PIXELS_UNDECLARED',
      message: expect.stringContaining('Frame 3 of door has no picture of 8x8 rgb: expected one of 4x4 gray.'),
    }),
  );
});

it('names the reference model that is missing', async () => {
  const missing = pipeline('a', request(), referenceModel({ model: 'no-such', label: 'person' }));
  await using deployment = deploy(missing, { models: scene.models });
  await expect(deployment.execute(missing, await image(1))).rejects.toMatchObject({ code: 'CASCADE_MODEL_NOT_FOUND' });
});
