import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CascadePlan, CascadeRun, type Decision, hashPlan, parsePlan, preparePlan } from '../../cascade/index.ts';
import {
  cascade,
  deploy,
  differenceDetector,
  file,
  pipeline,
  referenceModel,
  skip,
  specializedModel,
} from '../../streams-dsl/index.ts';
import { keepRows, makeSmallScene, type SmallScene } from './small-scene.ts';

let scene: SmallScene;
beforeAll(async () => {
  scene = await makeSmallScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

function planOf(): CascadePlan {
  const pin = ({ declaration: { name, sha256 } }: SmallScene['detector']): object => ({ model: name, sha256 });
  return parsePlan(
    {
      schema: 'saccade/plan/1',
      name: 'door',
      predicate: { label: 'person', minScore: 0.2 },
      smoothingMs: 200,
      skip: { kind: 'every', tSkip: 2 },
      differenceDetector: {
        detector: { metric: { kind: 'global' }, width: 64, height: 64, format: 'gray' },
        deltaDiff: 20,
        reference: { kind: 'previous', tDiffFrames: 3 },
      },
      specializedModel: { ...pin(scene.classifier), cLow: 0.3, cHigh: 0.9 },
      referenceModel: pin(scene.detector),
    },
    'test',
  );
}

describe('deploy', () => {
  it('x', async () => {
    const plan = planOf();
    const expected: Decision[] = [];
    {
      const prepared = await preparePlan(
        { plan, hash: hashPlan(plan), folder: scene.folder },
        { models: scene.models },
      );
      await using run = await CascadeRun.start({ plan: prepared, footage: { path: scene.footage } });
      for await (const batch of run.decisions()) expected.push(...batch);
    }
    for (const rewrites of [undefined, []] as const) {
      const t = performance.now();
      const rows: Decision[] = [];
      await using deployment = deploy(pipeline('door', file(scene.footage), cascade({ plan }), keepRows(rows)), {
        models: scene.models,
        ...(rewrites && { rewrites }),
      });
      const status = await deployment.run();
      console.log(performance.now() - t, JSON.stringify(status, null, 1).slice(0, 3000));
      console.log(rows.slice(0, 12), [...new Set(rows.map(r => r.decidedBy))]);
      expect(rows).toEqual(expected);
    }
  });
});
