import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Decision } from '../../cascade/index.ts';
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
