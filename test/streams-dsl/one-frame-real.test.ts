import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addModel, type Decision } from '../../cascade/index.ts';
import { recordSyntheticFootage, syntheticModelsFolder } from '../../fixtures/index.ts';
import { encodeImage, openFootage } from '../../ingest/index.ts';
import { deploy, file, pipeline, referenceModel, request, skip, toMemory } from '../../streams-dsl/index.ts';
import { realData } from '../real-data.ts';

/** Frames between those that are compared: each asks a detector twice. */
const every = 60;
/** Frames of a clip that are compared at most. */
const most = 8;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-one-frame-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The pictures of some frames of a clip, without loss. */
async function images(path: string): Promise<Map<number, Uint8Array>> {
  await using footage = await openFootage({ path });
  const found = new Map<number, Uint8Array>();
  const range = { from: 0, to: Math.min(footage.table.timestampsUs.length, every * most) };
  for await (const frame of footage.frames(range, index => index % every === 0)) {
    using one = frame;
    const { width, height } = one;
    const bytes = one.pixels({ width, height, format: 'rgb' });
    found.set(one.index, await encodeImage({ width, height, bytes }, { format: 'png' }));
  }
  return found;
}

/** Asks the same frames of a clip as a stream and one by one, and compares. */
async function compare(path: string, model: { readonly name: string; readonly folder: string }): Promise<void> {
  const label = 'person';
  const stages = referenceModel({ model: model.name, predicate: { label, minScore: 0.4 }, smoothingMs: 0 });
  const streamed = toMemory<Decision>();
  const asked = pipeline('asked', request(), stages);
  await using deployment = deploy([pipeline('streamed', file(path), skip({ every }), stages, streamed), asked], {
    models: model.folder,
  });
  const pictures = await images(path);
  const ended = deployment.run();
  let compared = 0;
  for (const [frame, image] of pictures) {
    const [answer] = await deployment.execute<Decision>(asked, image);
    while (streamed.rows.every(row => row.frame !== frame)) {
      await Promise.race([ended, new Promise(resolve => setTimeout(resolve, 20))]);
    }
    const expected = streamed.rows.find(row => row.frame === frame);
    if (answer?.decidedBy !== 'referenced' || expected?.decidedBy !== 'referenced') {
      throw new Error(`Frame ${frame} was answered by ${answer?.decidedBy} and by ${expected?.decidedBy}.`);
    }
    compared++;
    // The stream scales what was decoded, the picture went through RGB first: a score moves by some hundredths.
    expect(Math.abs((answer.score ?? 0) - (expected.score ?? 0))).toBeLessThan(0.15);
    if (Math.abs((expected.score ?? 0) - 0.4) > 0.05) expect(answer.label).toBe(expected.label);
    const sure = ({ detections }: typeof answer): string[] =>
      detections
        .filter(({ score }) => score > 0.5)
        .map(one => one.label)
        .sort();
    const found = sure(expected);
    // One that is just as sure on the one side need not be on the other.
    expect(Math.abs(sure(answer).length - found.length)).toBeLessThanOrEqual(1);
  }
  deployment.stop();
  await ended;
  expect(compared).toBeGreaterThan(3);
}

it('answers the frame of a synthetic clip as its stream does', async () => {
  const path = join(folder, 'synthetic.mp4');
  await recordSyntheticFootage(path, { seed: 4, profile: 'busy', durationSeconds: 12 });
  await compare(path, { name: 'synthetic-detector', folder: syntheticModelsFolder() });
});

describe.skipIf(realData === null)('real clips', () => {
  const clips = ['one-by-one', 'person-bicycle-car', 'car-park', 'street-junction', 'a13-jamcam'];
  it.each(clips)('answers a frame of %s as its stream does', async clip => {
    const data = realData ?? '';
    const onnxPath = join(data, 'models', 'yolox_nano.onnx');
    const models = join(folder, `${clip}-models`);
    await addModel({ onnxPath, folder: models, name: 'yolox', head: 'yolox', licence: 'Apache-2.0' });
    await compare(join(data, 'video', `${clip}.mp4`), { name: 'yolox', folder: models });
  });
});
