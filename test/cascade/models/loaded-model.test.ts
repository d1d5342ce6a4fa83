import { expect, test } from 'vitest';
import { LoadedModel } from '../../../cascade/models/loaded-model.ts';
import { type Picture, pictureRequest } from '../../../cascade/models/model-input.ts';
import { storeModel } from './model-folder.ts';
import { type TinyOptions, tinyBinary, tinyYolox } from './tiny-onnx.ts';

const size = { width: 8, height: 6 };

function picture(brightness: number, channels = 3): Picture {
  const bytes = new Uint8Array(size.width * size.height * channels).fill(brightness);
  return { ...size, bytes, frameWidth: 64, frameHeight: 48 };
}

async function loadBinary(options: Partial<TinyOptions>, maxBatchSize?: number): Promise<LoadedModel> {
  const bytes = tinyBinary({ batch: 'N', ...size, ...options });
  const stored = await storeModel(bytes, { head: 'binary', labels: ['bright'] });
  return LoadedModel.load(stored, maxBatchSize === undefined ? {} : { maxBatchSize });
}

test.each<[string, Partial<TinyOptions>, number]>([
  ['any number of pictures', { batch: 'N' }, 4],
  ['one at a time', { batch: 1 }, 1],
  ['a fixed number, the last run not full', { batch: 3 }, 3],
  ['bytes, interleaved', { dtype: 'uint8', layout: 'NHWC' }, 4],
  ['gray', { channels: 1 }, 4],
])('every picture has its own confidence: %s', async (_, options, batchSize) => {
  await using model = await loadBinary(options, 4);
  expect(model.batchSize).toBe(batchSize);
  const values = [0, 51, 102, 153, 204, 255, 10];
  const confidences = await model.confidences(values.map(value => picture(value, options.channels)));
  expect(confidences).toEqual(values.map(value => expect.closeTo(value / 255, 5)));
  expect(await model.run([])).toEqual([]);
});

test('calls at the same time do not disturb each other', async () => {
  await using model = await loadBinary({});
  const answers = await Promise.all([10, 20, 30].map(value => model.confidences([picture(value)])));
  expect(answers.flat()).toEqual([10, 20, 30].map(value => expect.closeTo(value / 255, 5)));
});

test('a bad picture fails its call only', async () => {
  await using model = await loadBinary({});
  const bad = model.run([picture(1), { ...picture(1), width: 7 }]);
  const good = model.confidences([picture(51)]);
  await expect(bad).rejects.toEqual(expect.objectContaining({ code: 'CASCADE_PICTURE_SIZE' }));
  expect(await good).toEqual([expect.closeTo(0.2, 5)]);
});

test('a disposed model is refused, disposing twice is not', async () => {
  const model = await loadBinary({});
  const last = model.confidences([picture(255)]);
  await model[Symbol.asyncDispose]();
  await model[Symbol.asyncDispose]();
  await expect(last).resolves.toHaveLength(1);
  await expect(model.run([picture(1)])).rejects.toEqual(expect.objectContaining({ code: 'CASCADE_MODEL_CLOSED' }));
});

test('boxes are mapped back through the letterbox, and a failing run is told apart', async () => {
  // One sure box in the middle of the second cell of the first grid: input px (4–20, 0–8).
  const cells = Array.from({ length: 21 }, (_, i) =>
    i === 1 ? [0.5, 0.5, Math.log(2), 0, 0.5, 1] : [0, 0, 0, 0, -1, 1],
  );
  const bytes = tinyYolox({ batch: 'N', width: 32, height: 32 }, cells);
  const stored = await storeModel(bytes, { head: 'yolox', labels: ['person'] });
  await using model = await LoadedModel.load(stored, { minScore: 0.2 });
  const frame = { width: 640, height: 320 };
  const request = pictureRequest(model.declaration, frame);
  expect(request).toEqual({ width: 32, height: 16, format: 'rgb' });
  const shot = (brightness: number): Picture => ({
    ...request,
    bytes: new Uint8Array(32 * 16 * 3).fill(brightness),
    frameWidth: frame.width,
    frameHeight: frame.height,
  });
  // The lower half is padding of 114, so the mean of all is (brightness + 114) / 2.
  const [result] = await model.run([shot(20)]);
  const score = 0.5 + (20 + 114) / 2 / 255;
  const box = { x: expect.closeTo(4 / 32), y: 0, width: expect.closeTo(16 / 32), height: expect.closeTo(8 / 16) };
  expect(result).toEqual({
    kind: 'detections',
    detections: [{ label: 'person', score: expect.closeTo(score, 5), box }],
  });
  await expect(model.confidences([shot(20)])).rejects.toEqual(
    expect.objectContaining({ code: 'CASCADE_MODEL_NOT_BINARY' }),
  );
  const whole = {
    width: 32,
    height: 32,
    bytes: new Uint8Array(32 * 32 * 3).fill(255),
    frameWidth: 32,
    frameHeight: 32,
  };
  await expect(model.run([whole])).rejects.toEqual(expect.objectContaining({ code: 'CASCADE_MODEL_RUN_FAILED' }));
  expect(await model.run([shot(20)])).toHaveLength(1);
});
