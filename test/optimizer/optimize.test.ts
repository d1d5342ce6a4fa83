import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findModel } from '../../cascade/index.ts';
import { recordSyntheticFootage, syntheticModelsFolder } from '../../fixtures/index.ts';
import { type Optimization, optimize } from '../../optimizer/index.ts';

let folder: string;
let footage: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-optimize-'));
  footage = join(folder, 'street.mp4');
  await recordSyntheticFootage(footage, { seed: 1, profile: 'quiet', frameRateFps: 2, durationSeconds: 90 });
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A plan found with caches of its own. */
async function find(name: string): Promise<{ readonly result: Optimization; readonly notices: string[] }> {
  const notices: string[] = [];
  const result = await optimize(
    {
      inputs: [footage],
      name: 'person',
      predicate: { label: 'person', minHeight: 0.12 },
      reference: (await findModel('synthetic-detector', syntheticModelsFolder())).folder,
      models: join(folder, 'models'),
      targets: { falseNegativeRate: 0.2, falsePositiveRate: 0.2, confidence: 0.95 },
      planPath: join(folder, `${name}.plan.json`),
      cacheFolder: join(folder, name),
      processes: { workers: 1, replicas: 2, cores: 2 },
    },
    { onNotice: text => notices.push(text) },
  );
  return { result, notices };
}

it('asks the reference alone where few events are seen, at an interval chosen on all but the test part', async () => {
  const { result, notices } = await find('first');
  const { plan, report } = result;
  expect(notices.some(text => text.includes('to trust a cheap stage'))).toBe(true);
  expect(plan).toMatchObject({ differenceDetector: null, specializedModel: null, skip: { kind: 'every' } });
  const { train, threshold, test } = report.footage.parts;
  expect(threshold.frames).toBeGreaterThan(train.frames);
  const last = (part: typeof test): number => part.stretches.at(-1)?.toSeconds ?? Number.NaN;
  expect(last(threshold)).toBeLessThan(test.stretches[0]?.fromSeconds ?? Number.NaN);
  expect(report.chosen.errors.test?.falseNegative.frames).toBe(test.positives);

  // The same without any cache.
  const { result: again } = await find('second');
  const { expected: _first, ...same } = plan;
  const { expected: _second, ...other } = again.plan;
  expect(other).toEqual(same);
}, 180_000);
