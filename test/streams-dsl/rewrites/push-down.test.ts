import { map } from 'rxjs';
import { expect, it } from 'vitest';
import {
  cascade,
  differenceDetector,
  type FrameItem,
  file,
  frames,
  images,
  mapFrames,
  pipeline,
  request,
  type Source,
  skip,
} from '../../../streams-dsl/index.ts';
import { pushDown } from '../../../streams-dsl/rewrites/push-down.ts';
import { askPerson, outline, planOf, scorePerson, worksOf } from './sample-plan.ts';

const compare = differenceDetector({ deltaDiff: 10, tDiffFrames: 5 });
const box = map((item: FrameItem) => item);
const brightness = mapFrames(() => 1, { pixels: { width: 8, height: 8, format: 'gray' } });

it('makes one program of all stages between a file and the reference model', async () => {
  const plan = await planOf(pipeline('a', file('door.mp4'), skip({ every: 5 }), compare, scorePerson, askPerson()));
  const pushed = pushDown.apply(plan);
  expect(outline(plan)).toEqual(['label(ask(specialized(difference(skip(source)))))']);
  expect(outline(pushed)).toEqual(['label(program(source))']);
  expect(worksOf(pushed, 'source')).toMatchObject([{ every: 1 }]);
  expect(worksOf(pushed, 'program')).toMatchObject([
    {
      source: { kind: 'file', path: 'door.mp4' },
      skip: { kind: 'every', tSkip: 5 },
      differenceDetector: { deltaDiff: 10, reference: { kind: 'previous', tDiffFrames: 5 } },
      specializedModel: { cLow: 0.1, cHigh: 0.9, model: { declaration: { name: 'synthetic-person' } } },
      referenceModel: { declaration: { name: 'synthetic-detector' } },
      refineBy: null,
    },
  ]);
});

it.each<[string, Source, string]>([
  ['a folder of images', images('door/'), 'label(program(source))'],
  // Their pictures are decoded elsewhere, one by one.
  ['images in memory', frames([]), 'label(ask(skip(source)))'],
  ['requests', request(), 'label(ask(skip(source)))'],
])('pushes down into what a worker reads by itself: %s', async (_, source, expected) => {
  const plan = await planOf(pipeline('a', source, skip({ every: 2 }), askPerson()));
  expect(outline(pushDown.apply(plan))).toEqual([expected]);
});

it('takes stages that are left out for none', async () => {
  const [program] = worksOf(pushDown.apply(await planOf(pipeline('a', file('door.mp4'), askPerson()))), 'program');
  expect(program).toMatchObject({
    skip: { kind: 'every', tSkip: 1 },
    differenceDetector: null,
    specializedModel: null,
  });
});

it('pushes down the stages of each stream before they come together', async () => {
  const plan = await planOf(pipeline('a', [file('door.mp4'), file('yard.mp4')], compare, askPerson()));
  expect(outline(pushDown.apply(plan))).toEqual(['merge(label(program(source)), label(program(source)))']);
});

// What stands in the way, and what the plan is then.
it.each([
  ['a black box', pipeline('a', file('x.mp4'), box, compare, askPerson()), 'label(ask(difference(operator(source))))'],
  [
    'stages in an order that a program does not know',
    pipeline('a', file('x.mp4'), scorePerson, compare, askPerson()),
    'label(ask(difference(specialized(source))))',
  ],
  [
    'a stage that stands there twice',
    pipeline('a', file('x.mp4'), compare, compare, askPerson()),
    'label(ask(difference(difference(source))))',
  ],
  [
    'streams that have come together',
    pipeline('a', [file('x.mp4'), file('y.mp4')], box, compare, askPerson()),
    'label(ask(difference(operator(merge(source, source)))))',
  ],
  ['no reference model', pipeline('a', file('x.mp4'), compare, brightness), 'map(difference(source))'],
])('leaves stages where they are behind %s', async (_, one, expected) => {
  const plan = await planOf(one);
  expect(outline(pushDown.apply(plan))).toEqual([expected]);
  expect(outline(plan)).toEqual([expected]);
});

it('has the reader pass over frames where no program fits', async () => {
  const skipped = await planOf(pipeline('a', file('x.mp4'), skip({ every: 4 }), brightness));
  expect(outline(pushDown.apply(skipped))).toEqual(['map(source)']);
  expect(worksOf(pushDown.apply(skipped), 'source')).toMatchObject([{ every: 4 }]);
  // Both look at every twelfth alone.
  const twice = await planOf(pipeline('a', file('x.mp4'), skip({ every: 4 }), skip({ every: 6 }), brightness));
  expect(worksOf(pushDown.apply(twice), 'source')).toMatchObject([{ every: 12 }]);
  const behind = await planOf(pipeline('a', file('x.mp4'), compare, skip({ every: 4 }), brightness));
  expect(outline(pushDown.apply(behind))).toEqual(['map(skip(difference(source)))']);
});

it('leaves keyframes with refinement alone: they are a program as written', async () => {
  const keyframes = cascade({ label: 'person', reference: 'synthetic-detector', skip: 'keyframes' });
  const plan = await planOf(pipeline('a', file('x.mp4'), keyframes));
  expect(outline(plan)).toEqual(['label(program(source))']);
  expect(worksOf(plan, 'program')).toMatchObject([{ skip: { kind: 'keyframes' }, refineBy: { label: 'person' } }]);
  expect(pushDown.apply(plan)).toEqual(plan);
});

it('changes nothing in the plan that it is given, and does its work at once', async () => {
  const plan = await planOf(pipeline('a', file('x.mp4'), skip({ every: 4 }), compare, askPerson()));
  const before = outline(plan);
  const pushed = pushDown.apply(plan);
  expect(outline(plan)).toEqual(before);
  expect(pushDown.apply(pushed)).toEqual(pushed);
});
