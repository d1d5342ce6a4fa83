import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPlan, parsePlan } from '../../cascade/plan.ts';
import { preparePlan } from '../../cascade/prepare-plan.ts';
import { storeModel, temporaryFolder } from './models/model-folder.ts';
import { tinyBinary, tinyYolox } from './models/tiny-onnx.ts';

const sha256 = 'a'.repeat(64);
const smallest = {
  schema: 'saccade/plan/1',
  name: 'p',
  predicate: { label: 'person' },
  skip: { kind: 'every', tSkip: 1 },
  referenceModel: { model: 'm', sha256 },
};

describe('parsePlan', () => {
  it('fills in what is left out', () => {
    expect(parsePlan(smallest, 'x')).toMatchObject({
      smoothingMs: 1000,
      differenceDetector: null,
      specializedModel: null,
    });
  });

  it.each([
    // Another kind of file altogether.
    [[], /object/],
    [{ ...smallest, schema: 'saccade/plan/9' }, /schema/],
    [{ ...smallest, skip: { kind: 'every', tSkip: 0 } }, /tSkip/],
    [{ ...smallest, skip: { kind: 'sometimes' } }, /skip/],
    [{ ...smallest, tskip: 3 }, /tskip/],
    [{ ...smallest, referenceModel: { model: 'm', sha256: 'ABC' } }, /sha256/],
    [{ ...smallest, specializedModel: { model: 's', sha256, cLow: 0.9, cHigh: 0.1 } }, /cLow/],
    [{ ...smallest, specializedModel: { model: 's', sha256, cLow: -1, cHigh: 0.1 } }, /cLow/],
    [{ ...smallest, predicate: { label: '' } }, /label/],
    [{ ...smallest, smoothingMs: -1 }, /smoothingMs/],
  ])('refuses %j', (plan, place) => {
    expect(() => parsePlan(plan, 'x.plan.json')).toThrowError(
      expect.objectContaining({ code: 'CASCADE_PLAN_INVALID', message: expect.stringMatching(place) }),
    );
  });
});

describe('loadPlan', () => {
  it.each([['{"schema": '], ['not JSON at all'], ['']])('refuses a file with %j', async text => {
    const path = join(await temporaryFolder(), 'p.plan.json');
    await writeFile(path, text);
    await expect(loadPlan(path)).rejects.toMatchObject({ code: 'CASCADE_PLAN_UNREADABLE' });
  });

  it('refuses a file that is not there', async () => {
    await expect(loadPlan('/nowhere/p.plan.json')).rejects.toMatchObject({ code: 'CASCADE_PLAN_UNREADABLE' });
  });
});

describe('preparePlan', () => {
  const prepare = (stages: object, folder: string): ReturnType<typeof preparePlan> =>
    preparePlan({ plan: parsePlan({ ...smallest, ...stages }, 'x'), hash: '', folder }, { models: folder });
  const detector = async (): Promise<Awaited<ReturnType<typeof storeModel>>> =>
    storeModel(tinyYolox({ batch: 1, width: 32, height: 32 }, [[0, 0, 0, 0, 0, 1]]), {
      head: { kind: 'yolox', strides: [32] },
      labels: ['person'],
    });
  const pin = ({ folder, declaration }: Awaited<ReturnType<typeof storeModel>>): { model: string; sha256: string } => ({
    model: folder,
    sha256: declaration.sha256,
  });

  it('refuses a model other than the one it was made for', async () => {
    const model = await detector();
    await expect(prepare({ referenceModel: { ...pin(model), sha256 } }, model.folder)).rejects.toMatchObject({
      code: 'CASCADE_PLAN_MODEL_MISMATCH',
      message: expect.stringContaining(model.declaration.sha256),
    });
  });

  it('refuses a label that the reference does not know', async () => {
    const model = await detector();
    const stages = { referenceModel: pin(model), predicate: { any: [{ label: 'person' }, { label: 'zebra' }] } };
    await expect(prepare(stages, model.folder)).rejects.toMatchObject({
      code: 'CASCADE_PLAN_LABEL_UNKNOWN',
      message: expect.stringContaining('zebra'),
    });
  });

  it('refuses a detector as specialized model and a classifier as reference', async () => {
    const model = await detector();
    const classifier = await storeModel(tinyBinary({ batch: 'N', width: 8, height: 8 }), {
      head: 'binary',
      labels: ['person'],
    });
    const swapped = { referenceModel: pin(model), specializedModel: { ...pin(model), cLow: 0, cHigh: 1 } };
    await expect(prepare(swapped, model.folder)).rejects.toMatchObject({ code: 'CASCADE_PLAN_STAGE_UNFIT' });
    await expect(prepare({ referenceModel: pin(classifier) }, model.folder)).rejects.toMatchObject({
      code: 'CASCADE_PLAN_STAGE_UNFIT',
    });
  });

  it('refuses another picture of the empty scene than the one it was made for', async () => {
    const model = await detector();
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'scene.png'), 'picture');
    const hash = createHash('sha256').update('picture').digest('hex');
    const stages = (reference: object): object => ({
      referenceModel: pin(model),
      differenceDetector: {
        detector: { metric: { kind: 'global' }, width: 8, height: 8, format: 'gray' },
        reference: { kind: 'empty-scene', ...reference },
        deltaDiff: 1,
      },
    });
    const prepared = await prepare(stages({ image: 'scene.png', sha256: hash }), folder);
    expect(prepared.program.differenceDetector?.reference).toMatchObject({ image: join(folder, 'scene.png') });
    for (const reference of [
      { image: 'scene.png', sha256 },
      { image: 'missing.png', sha256: hash },
    ]) {
      await expect(prepare(stages(reference), folder)).rejects.toMatchObject({ code: 'CASCADE_SCENE_INVALID' });
    }
  });
});
