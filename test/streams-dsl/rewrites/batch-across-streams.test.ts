import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { syntheticModelsFolder } from '../../../fixtures/index.ts';
import { file, mapFrames, pipeline } from '../../../streams-dsl/index.ts';
import { logicalPlan } from '../../../streams-dsl/planner/logical-plan.ts';
import { batchAcrossStreams } from '../../../streams-dsl/rewrites/batch-across-streams.ts';
import { pushDown } from '../../../streams-dsl/rewrites/push-down.ts';
import { askPerson, outline, planOf, scorePerson, worksOf } from './sample-plan.ts';

it('gives steps that ask the same model the same workers, whatever the stream and the question', async () => {
  const plan = await planOf(
    pipeline('a', [file('x.mp4'), file('y.mp4')], scorePerson, askPerson()),
    pipeline('b', file('z.mp4'), askPerson({ minScore: 0.7 })),
  );
  expect(worksOf(plan, 'ask').map(({ pool }) => pool)).toEqual([null, null, null]);
  const batched = batchAcrossStreams.apply(plan);
  const pools = worksOf(batched, 'ask').map(({ pool }) => pool);
  expect(pools).toEqual(Array(3).fill('synthetic-detector@1 0b504853'));
  expect(worksOf(batched, 'specialized').map(({ pool }) => pool)).toEqual(Array(2).fill('synthetic-person@1 4bdb0127'));
  expect(outline(batched)).toEqual(outline(plan));
  expect(batchAcrossStreams.apply(batched)).toEqual(batched);
});

it('batches programs and steps together', async () => {
  const program = pushDown.apply(await planOf(pipeline('a', file('x.mp4'), askPerson())));
  const step = await planOf(pipeline('b', file('y.mp4'), askPerson()));
  const both = batchAcrossStreams.apply({ pipelines: [...program.pipelines, ...step.pipelines] });
  expect(worksOf(both, 'program')[0]?.pool).toBe(worksOf(both, 'ask')[0]?.pool);
});

it('takes a copy of a model in another folder for the same model', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'saccade-models-'));
  await cp(syntheticModelsFolder(), folder, { recursive: true });
  const plan = await planOf(pipeline('a', file('x.mp4'), askPerson()));
  const other = await logicalPlan([pipeline('b', file('x.mp4'), askPerson())], { models: folder });
  await rm(folder, { recursive: true });
  const both = batchAcrossStreams.apply({ pipelines: [...plan.pipelines, ...other.pipelines] });
  expect(new Set(worksOf(both, 'ask').map(({ pool }) => pool)).size).toBe(1);
});

it('leaves steps without a model alone', async () => {
  const plan = await planOf(
    pipeline(
      'a',
      file('x.mp4'),
      mapFrames(() => 1, { pixels: { width: 8, height: 8, format: 'gray' } }),
    ),
  );
  expect(batchAcrossStreams.apply(plan)).toEqual(plan);
});
