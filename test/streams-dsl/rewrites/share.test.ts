import { map } from 'rxjs';
import { expect, it } from 'vitest';
import {
  cascade,
  differenceDetector,
  type FrameItem,
  file,
  filter,
  frames,
  mapFrames,
  map as mapItems,
  type Pipeline,
  pipeline,
  request,
  type Source,
  skip,
  tap,
} from '../../../streams-dsl/index.ts';
import { stepsOf } from '../../../streams-dsl/planner/streams-plan.ts';
import { pushDown } from '../../../streams-dsl/rewrites/push-down.ts';
import { share } from '../../../streams-dsl/rewrites/share.ts';
import { askPerson, outline, planOf, worksOf } from './sample-plan.ts';

const door = (): Source => file('door.mp4');
const compare = (deltaDiff: number) => differenceDetector({ deltaDiff, tDiffFrames: 5 });
const counts = async (...pipelines: readonly Pipeline[]): Promise<Record<string, number>> => {
  const found: Record<string, number> = {};
  for (const { work } of stepsOf(share.apply(await planOf(...pipelines)))) {
    found[work.kind] = (found[work.kind] ?? 0) + 1;
  }
  return found;
};

it('makes one of all steps that do the same, and leaves the questions apart', async () => {
  const one = (name: string, minScore: number) => pipeline(name, door(), compare(9), askPerson({ minScore }));
  expect(await counts(one('a', 0.5), one('b', 0.6))).toEqual({ source: 1, difference: 1, ask: 1, label: 2 });
  expect(await counts(one('a', 0.5), one('b', 0.5))).toEqual({ source: 1, difference: 1, ask: 1, label: 1 });
});

it('shares up to the first step that differs', async () => {
  const one = (name: string, deltaDiff: number) =>
    pipeline(name, door(), skip({ every: 2 }), compare(deltaDiff), askPerson());
  expect(await counts(one('a', 9), one('b', 8))).toEqual({ source: 1, skip: 1, difference: 2, ask: 2, label: 2 });
});

it('shares a program whose stages are the same', async () => {
  const one = (name: string, minScore: number) => pipeline(name, door(), compare(9), askPerson({ minScore }));
  const shared = share.apply(pushDown.apply(await planOf(one('a', 0.5), one('b', 0.6))));
  expect(worksOf(shared, 'program')).toMatchObject([{ decodeGroup: null, answers: null }]);
  expect(worksOf(shared, 'label')).toHaveLength(2);
});

const images: never[] = [];
// Two sources of streams, and whether they are one.
it.each<[string, Source, Source, number]>([
  ['files of one path', file('a.mp4'), file('a.mp4'), 1],
  ['files of one path as different streams', file('a.mp4'), file('a.mp4', { stream: 'b' }), 2],
  ['files of one path with different decoders', file('a.mp4'), file('a.mp4', { decoder: 'ffmpeg' }), 2],
  ['the same images in memory', frames(images), frames(images), 1],
  ['equal images in memory', frames([]), frames([]), 2],
  // Each request is a frame of its own.
  ['requests', request(), request(), 2],
])('takes %s for %#', async (_, first, second, sources) => {
  const found = await counts(pipeline('a', first, askPerson()), pipeline('b', second, askPerson()));
  expect(found).toMatchObject({ source: sources, ask: sources });
});

it('never makes one of functions and black boxes: they may do something each time', async () => {
  const brightness = mapFrames(() => 1, { pixels: { width: 8, height: 8, format: 'gray' } });
  const box = map((item: unknown) => item);
  expect(await counts(pipeline('a', door(), brightness, box), pipeline('b', door(), brightness, box))).toEqual({
    source: 1,
    map: 2,
    operator: 2,
  });
});

it('has programs on one stream decode together and ask once a frame', async () => {
  const plan = await planOf(
    pipeline('a', door(), compare(9), askPerson()),
    pipeline('b', door(), skip({ every: 2 }), askPerson()),
    pipeline('c', file('yard.mp4'), askPerson()),
  );
  const shared = share.apply(pushDown.apply(plan));
  expect(worksOf(shared, 'program').map(({ decodeGroup, answers }) => [decodeGroup, answers])).toEqual([
    ['door', 'synthetic-detector of door'],
    ['door', 'synthetic-detector of door'],
    [null, null],
  ]);
});

it('has keyframes and ffmpeg decode by themselves, and ask once a frame all the same', async () => {
  const keyframes = cascade({ label: 'person', reference: 'synthetic-detector', skip: 'keyframes' });
  const byFfmpeg = (): Source => file('yard.mp4', { decoder: 'ffmpeg' });
  const plan = await planOf(
    pipeline('a', door(), keyframes),
    pipeline('b', door(), compare(9), askPerson()),
    pipeline('c', byFfmpeg(), compare(9), askPerson()),
    pipeline('d', byFfmpeg(), askPerson()),
  );
  const programs = worksOf(share.apply(pushDown.apply(plan)), 'program');
  expect(programs.map(({ decodeGroup }) => decodeGroup)).toEqual([null, null, null, null]);
  expect(new Set(programs.map(({ answers }) => answers))).toEqual(
    new Set(['synthetic-detector of door', 'synthetic-detector of yard']),
  );
});

// What stands before the second question, and whether it may have the answers of the first.
it.each([
  ['a skip', skip({ every: 2 }), true],
  ['a filter', filter((item: FrameItem) => item.frame > 3), true],
  ['a tap', tap<FrameItem>(() => undefined), true],
  // They may have put other pictures, or other numbers, into the place of a frame.
  ['a function', mapItems((item: FrameItem) => ({ ...item, pixels: () => new Uint8Array(3) })), false],
  ['a black box', map((item: FrameItem) => item), false],
])('asks once about a frame only where it is the same frame: behind %s', async (_, before, isShared) => {
  const plan = share.apply(
    await planOf(pipeline('a', door(), askPerson()), pipeline('b', door(), before, askPerson())),
  );
  const answers = isShared ? 'synthetic-detector of door' : null;
  expect(worksOf(plan, 'ask').map(work => work.answers)).toEqual([answers, answers]);
});

it('changes nothing in the plan that it is given, and does its work at once', async () => {
  const plan = await planOf(pipeline('a', door(), askPerson()), pipeline('b', door(), compare(3), askPerson()));
  const before = outline(plan);
  const shared = share.apply(plan);
  expect(outline(plan)).toEqual(before);
  expect(share.apply(shared)).toEqual(shared);
});
