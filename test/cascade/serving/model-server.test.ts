import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ModelResult, ModelWork } from '../../../cascade/models/model-work.ts';
import { ModelServer } from '../../../cascade/serving/model-server.ts';
import { temporaryFolder } from '../models/model-folder.ts';
import { addBright, addDark, grayImage, inputSize } from './small-models.ts';

const coded = (code: string, message = ''): unknown =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });
const valuesOf = (answer: ModelResult): number[] =>
  answer.kind === 'tensors'
    ? answer.outputs.flatMap(({ data }) => [...new Float32Array(new Uint8Array(data).buffer)])
    : [];

/** Rows of the brightnesses, as floats. */
function tensors(...brightnesses: number[]): Extract<ModelWork, { kind: 'tensors' }> {
  const { width, height } = inputSize;
  const length = 3 * width * height;
  const values = Float32Array.from(
    { length: length * brightnesses.length },
    (_, i) => brightnesses[Math.floor(i / length)] ?? 0,
  );
  // Not aligned, as it comes out of a request's body.
  const data = new Uint8Array(values.byteLength + 1).subarray(1);
  data.set(new Uint8Array(values.buffer));
  return {
    kind: 'tensors',
    inputs: [{ name: 'image', datatype: 'FP32', shape: [brightnesses.length, 3, height, width], data }],
  };
}

test('answers images, pictures and tensors, together in batches', async () => {
  const folder = await temporaryFolder();
  const { declaration } = await addBright(folder);
  await using server = await ModelServer.open({ folder: join(folder, 'models'), isAdaptive: false, cacheBytes: 0 });
  const model = server.model('bright');
  expect(model).toMatchObject({ name: 'bright', version: 1, sha256: declaration.sha256, declaration });
  expect(model.inputs).toEqual([{ name: 'image', datatype: 'FP32', shape: [-1, 3, 6, 8] }]);
  expect(model.outputs).toEqual([{ name: 'confidence', datatype: 'FP32', shape: [-1] }]);
  const png = await grayImage(51);
  const picture = { ...inputSize, bytes: new Uint8Array(8 * 6 * 3).fill(204), frameWidth: 80, frameHeight: 60 };
  const works: ModelWork[] = [
    { kind: 'image', bytes: png },
    tensors(102),
    { kind: 'picture', picture },
    { kind: 'image', bytes: await grayImage(153, 'jpeg') },
    { ...tensors(0, 255), outputs: ['confidence'] },
    tensors(51),
  ];
  const asked = await Promise.all(works.map(work => model.ask(work)));
  const answers = asked.map(({ answer }) => answer);
  expect(answers[0]).toEqual({
    kind: 'confidence',
    confidence: expect.closeTo(0.2, 3),
    frameWidth: 16,
    frameHeight: 12,
  });
  expect(answers[2]).toEqual({
    kind: 'confidence',
    confidence: expect.closeTo(0.8, 5),
    frameWidth: 80,
    frameHeight: 60,
  });
  expect(answers[3]).toMatchObject({ confidence: expect.closeTo(0.6, 1) });
  expect([answers[1], answers[4], answers[5]].flatMap(answer => valuesOf(answer as ModelResult))).toEqual(
    [0.4, 0, 1, 0.2].map(value => expect.closeTo(value, 5)),
  );
  expect(answers[4]).toMatchObject({ outputs: [{ name: 'confidence', datatype: 'FP32', shape: [2] }] });
  expect(asked.map(({ batchSize }) => batchSize)).toEqual(works.map(() => works.length));
  for (const { version, sha256, isCached, queueMs, modelMs } of asked) {
    expect({ version, sha256, isCached }).toEqual({ version: 1, sha256: declaration.sha256, isCached: false });
    expect(queueMs).toBeGreaterThanOrEqual(0);
    expect(modelMs).toBeGreaterThan(0);
  }
});

test('a model with a fixed batch runs tensors one by one', async () => {
  const folder = await temporaryFolder();
  await addBright(folder, { batch: 1, dtype: 'uint8' });
  await using server = await ModelServer.open({ folder: join(folder, 'models') });
  const model = server.model('bright');
  const bytes = (value: number): ModelWork => ({
    kind: 'tensors',
    inputs: [{ name: 'image', datatype: 'UINT8', shape: [1, 3, 6, 8], data: new Uint8Array(144).fill(value) }],
  });
  const answers = await Promise.all(
    [51, 102, 255].map(async value => valuesOf((await model.ask(bytes(value))).answer)),
  );
  expect(answers).toEqual([[expect.closeTo(0.2)], [expect.closeTo(0.4)], [1]]);
});

test('says what is wrong with work, before it is queued', async () => {
  const folder = await temporaryFolder();
  await addBright(folder);
  await using server = await ModelServer.open({ folder: join(folder, 'models') });
  const model = server.model('bright');
  const work = tensors(1);
  const [input] = work.inputs;
  if (input === undefined) throw new Error('no input');
  const refused = async (changed: ModelWork, message: string, code = 'CASCADE_TENSOR_INVALID'): Promise<void> =>
    expect(model.ask(changed)).rejects.toEqual(coded(code, message));
  const changed = (change: Partial<typeof input>): ModelWork => ({ ...work, inputs: [{ ...input, ...change }] });
  await refused(changed({ name: 'x' }), 'inputs[0].name: expected image, got x');
  await refused({ ...work, inputs: [input, input] }, 'inputs[1].name: expected each input once, got image twice');
  await refused({ ...work, inputs: [] }, 'inputs: expected image, got none');
  await refused({ ...work, outputs: ['y'] }, 'outputs[0].name: expected confidence, got y');
  await refused(changed({ datatype: 'UINT8' }), 'inputs[0].datatype (image): expected FP32, got UINT8');
  await refused(changed({ shape: [1, 3, 8, 6] }), 'expected [-1, 3, 6, 8], whole numbers from 1, got [1, 3, 8, 6]');
  await refused(changed({ shape: [0, 3, 6, 8] }), 'got [0, 3, 6, 8]');
  await refused(changed({ shape: [1.5, 3, 6, 8] }), 'got [1.5, 3, 6, 8]');
  await refused(changed({ shape: [2000, 3, 6, 8] }), 'at most 1024 rows, got 2000');
  await refused(changed({ shape: [2, 3, 6, 8] }), 'expected 1152 bytes for FP32 [2, 3, 6, 8], got 576 bytes');
  const image = async (bytes: Uint8Array, message: string): Promise<void> =>
    refused({ kind: 'image', bytes }, message, 'CASCADE_IMAGE_INVALID');
  const jpeg = await grayImage(9, 'jpeg');
  await image(new Uint8Array(0), 'got 0 bytes that begin as neither a JPEG nor a PNG does');
  await image(jpeg.subarray(0, jpeg.length - 20), 'that lack the end of the image');
  const png = Uint8Array.from(await grayImage(9));
  await image(png.subarray(0, 60), 'that lack the end of the image');
  new DataView(png.buffer).setUint32(16, 50_000);
  new DataView(png.buffer).setUint32(20, 50_000);
  await image(png, 'a header of 50000x50000 px');
  // What only decoding tells is told, too.
  const broken = Uint8Array.from(await grayImage(9)).fill(7, 30, 60);
  await image(broken, 'that do not decode');
  expect(server.model('bright').version).toBe(1);
});

test('loads and unloads versions, and tells what there is', async () => {
  const folder = await temporaryFolder();
  const models = join(folder, 'models');
  await addBright(folder);
  await addDark(folder);
  await addBright(folder, {}, 'other');
  const broken = await addBright(folder, { channels: 1 }, 'other');
  await writeFile(broken.networkPath, 'not a model');
  await using server = await ModelServer.open({ folder: models, models: ['bright@1', 'other@1'] });
  const states = async (): Promise<string[]> =>
    (await server.index()).map(
      ({ name, version, state, labels, isDefault }) => `${name}@${version} ${state} ${labels.join()} ${isDefault}`,
    );
  expect(await states()).toEqual([
    'bright@1 AVAILABLE stable true',
    'bright@2 UNKNOWN  false',
    'other@1 AVAILABLE stable true',
    'other@2 UNKNOWN  false',
  ]);
  expect(() => server.model('bright', 2)).toThrow(
    coded('CASCADE_MODEL_NOT_SERVED', 'Model bright@2 is not served: expected one of bright@1, other@1.') as Error,
  );
  await expect(server.load('none')).rejects.toEqual(coded('CASCADE_MODEL_NOT_FOUND'));
  await expect(server.load('other')).rejects.toEqual(coded('CASCADE_MODEL_HASH_MISMATCH'));
  const [, , , failed] = await server.index();
  expect(failed).toMatchObject({ state: 'END', reason: expect.stringContaining('are not those that were added') });
  const [, loading] = await Promise.all([server.load('bright'), server.load('bright', 2)]);
  expect(loading).toBeUndefined();
  // The default stays what it was; either can be asked.
  const bytes = await grayImage(51);
  const ask = async (version?: number | string): Promise<unknown> => {
    const { answer, version: by } = await server.model('bright', version).ask({ kind: 'image', bytes });
    return [by, answer.kind === 'confidence' ? Math.round(answer.confidence * 10) / 10 : null];
  };
  expect([await ask(), await ask('stable'), await ask(1), await ask(2)]).toEqual([
    [1, 0.2],
    [1, 0.2],
    [1, 0.2],
    [2, 0.8],
  ]);
  const pinned = server.model('bright', 1);
  const last = pinned.ask({ kind: 'image', bytes });
  await server.unload('bright', 1);
  expect(await last).toMatchObject({ version: 1 });
  await expect(pinned.ask({ kind: 'image', bytes })).rejects.toEqual(coded('CASCADE_MODEL_NOT_SERVED'));
  expect(await ask()).toEqual([2, 0.8]);
  expect((await states()).slice(0, 2)).toEqual(['bright@1 END  false', 'bright@2 AVAILABLE stable true']);
  await server.unload('bright');
  expect(() => server.model('bright')).toThrow(coded('CASCADE_MODEL_NOT_SERVED') as Error);
  await expect(server.unload('bright')).rejects.toEqual(coded('CASCADE_MODEL_NOT_SERVED'));
});
