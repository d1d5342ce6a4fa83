import { expect, it } from 'vitest';
import { file, mapFrames, pipeline, skip } from '../../../streams-dsl/index.ts';
import { compete } from '../../../streams-dsl/rewrites/compete.ts';
import { pushDown } from '../../../streams-dsl/rewrites/push-down.ts';
import { askPerson, outline, planOf, worksOf } from './sample-plan.ts';

const pixels = { width: 8, height: 8, format: 'gray' } as const;

it('does a step as often as it is marked, and leaves others alone', async () => {
  const plan = await planOf(
    pipeline('a', file('x.mp4'), skip({ every: 2 }), askPerson({ compete: 3 })),
    pipeline('b', file('x.mp4'), askPerson()),
    pipeline(
      'c',
      file('x.mp4'),
      mapFrames(() => 1, { pixels, compete: 2 }),
    ),
    pipeline(
      'd',
      file('x.mp4'),
      mapFrames(() => 1, { pixels }),
    ),
  );
  const competing = compete.apply(plan);
  expect(worksOf(competing, 'ask').map(({ copies }) => copies)).toEqual([3, 1]);
  expect(worksOf(competing, 'map').map(({ copies }) => copies)).toEqual([2, 1]);
  // Only the copies differ, and the plan that was given has none.
  expect(outline(competing)).toEqual(outline(plan));
  expect(worksOf(plan, 'ask').map(({ copies }) => copies)).toEqual([1, 1]);
  expect(compete.apply(competing)).toEqual(competing);
});

it('competes within a program, too', async () => {
  const plan = await planOf(pipeline('a', file('x.mp4'), askPerson({ compete: 3 })));
  expect(worksOf(pushDown.apply(compete.apply(plan)), 'program')).toMatchObject([{ copies: 3 }]);
  expect(worksOf(pushDown.apply(plan), 'program')).toMatchObject([{ copies: 1 }]);
});
