import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastValueFrom, of, toArray } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Decision } from '../../cascade/index.ts';
import { drawBoxes, openImageDecoder } from '../../ingest/index.ts';
import { type LookedAtPicture, PictureShelf, type Still } from '../../streams-dsl/event-pictures.ts';
import { PeakStill } from '../../streams-dsl/event-stills.ts';
import {
  cascade,
  deploy,
  events,
  type FrameItem,
  file,
  mapFrames,
  type Pipeline,
  pipeline,
  referenceModel,
  type SaccadeEvent,
  tap,
  toMemory,
} from '../../streams-dsl/index.ts';
import { wantsPictures } from '../../streams-dsl/operators/events.ts';
import { person, referenced, specialized } from './sample-stream.ts';
import { makeSmallScene, middleScore, type SmallScene } from './small-scene.ts';

let scene: SmallScene;
beforeAll(async () => {
  scene = await makeSmallScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

const gray = (level: number): LookedAtPicture => ({
  width: 2,
  height: 1,
  bytes: new Uint8Array(2).fill(level),
  frameWidth: 2,
  frameHeight: 1,
});

it('keeps the picture of the peak frame alone', async () => {
  const encoded: Still[] = [];
  const operator = events({ minDuration: 0, mergeGap: 0, cooldown: 0, updateEvery: '200ms', picture: true });
  if (!wantsPictures(operator)) throw new Error('It wants no pictures.');
  const pictured = operator.picturedBy({
    take: (_, frame) => (frame === 3 ? null : gray(frame)),
    encode: still => {
      encoded.push(still);
      return Promise.resolve(Uint8Array.of(still.picture.bytes[0] ?? 0));
    },
  });
  const values: Record<string, Decision> = {
    a: referenced(0, true, [person(0, 0.5)]),
    b: referenced(1, true, [person(0.1, 0.8), person(0.4, 0.6)]),
    c: referenced(2, true, [person(0.2, 0.7)]),
    // Shows it best, and its picture is gone.
    d: referenced(3, true, [person(0.3, 0.9)]),
    e: referenced(4, false),
    f: specialized(5, 0.9),
  };
  const told: SaccadeEvent[] = [];
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, expectObservable }) => {
    const source = cold('abcdef|', values);
    expectObservable(source).toBe('abcdef|', values);
    pictured(source).subscribe(event => told.push(event));
  });
  await new Promise(resolve => setImmediate(resolve));
  const image = (frame: number): string => `data:image/jpeg;base64,${Buffer.from([frame]).toString('base64')}`;
  expect(told.map(({ type, data }) => [type.split('.').at(-1), data.peakFrame, data.image])).toEqual([
    ['started', 0, image(0)],
    ['updated', 1, image(1)],
    ['ended', 3, null],
    // No reference model looked at it.
    ['started', 5, null],
    ['ended', 5, null],
  ]);
  expect(encoded.map(({ boxes }) => boxes.map(({ x }) => x))).toEqual([[0], [0.1, 0.4]]);
});

it('holds one picture an event under way', () => {
  const still = new PeakStill({ take: (_, frame) => gray(frame), encode: () => Promise.resolve(null) }, 'person');
  const held = (): number[] => [0, 1, 2, 3].filter(frame => still.of(frame) !== null);
  const seen = (frame: number, peak: number | null): number[] => {
    still.look(referenced(frame, true, [person(0), { ...person(0.5), label: 'dog' }]));
    still.keep(peak);
    return held();
  };
  expect([seen(0, 0), seen(1, 0), seen(2, 2), seen(3, null)]).toEqual([[0], [0], [2], []]);
  still.look(referenced(0, true, [person(0), { ...person(0.5), label: 'dog' }]));
  expect(still.of(0)?.boxes).toEqual([person(0).box]);
});

it('lets go of what has passed, and where there is no room of what shows least', () => {
  const shelf = new PictureShelf(6);
  shelf.put('door', 1, gray(1), 0.5);
  shelf.put('door', 2, gray(2), 0.4);
  shelf.put('yard', 1, gray(3), 0.9);
  expect(shelf.size).toBe(3);
  shelf.put('door', 3, gray(4), 0.6);
  expect(shelf.take('door', 2)).toBeNull();
  expect(shelf.size).toBe(2);
  expect(shelf.take('door', 3)?.bytes[0]).toBe(4);
  expect(shelf.take('yard', 1)?.bytes[0]).toBe(3);
  expect(shelf.size).toBe(0);
});

it('draws outlines, cut off at the edges', () => {
  const image = { width: 12, height: 10, bytes: new Uint8Array(12 * 10 * 3) };
  drawBoxes(image, [{ x: 0.5, y: -0.2, width: 0.8, height: 0.9 }]);
  const rows = Array.from({ length: 10 }, (_, y) =>
    Array.from({ length: 12 }, (_, x) => (image.bytes[3 * (12 * y + x)] === 255 ? '#' : '.')).join(''),
  );
  expect(rows).toEqual([
    ...Array<string>(5).fill('......##....'),
    ...Array<string>(2).fill('......######'),
    ...Array<string>(3).fill('............'),
  ]);
});

// A function of the user's own before the stages: frames cross to it.
const untouched = tap<FrameItem>(() => undefined);
const stages = {
  program: cascade({ predicate: { label: 'person', minScore: middleScore }, reference: 'spots', smoothingMs: 200 }),
  crossing: referenceModel({ model: 'spots', predicate: { label: 'person', minScore: middleScore }, smoothingMs: 200 }),
};

it.each(['program', 'crossing'] as const)('gives the peak frame of footage with its box drawn, in a %s', async kind => {
  const rows = toMemory<SaccadeEvent>();
  const views: number[][] = [];
  const folder = join(scene.folder, kind);
  const source = file(scene.footage, { stream: 'door' });
  const told = events({ minDuration: 0, mergeGap: 0, cooldown: 0, picture: { folder } });
  const one: Pipeline =
    kind === 'program'
      ? pipeline('p', source, stages.program, told, rows)
      : pipeline('p', source, untouched, stages.crossing, told, rows);
  const looking = mapFrames(({ frame, pixels }) => void views.splice(frame, 1, [...pixels]), {
    pixels: { width: 32, height: 32, format: 'rgb' },
  });
  await using deployment = deploy([one, pipeline('views', file(scene.footage), looking, toMemory())], {
    models: scene.models,
  });
  await deployment.run();
  expect(rows.rows.length).toBeGreaterThan(1);
  await using decoder = await openImageDecoder('stills');
  for (const { id, data } of rows.rows) {
    const path = fileURLToPath(data.image ?? '');
    expect(path).toBe(join(folder, `${id}.jpg`));
    using still = await decoder.decode(await readFile(path), { index: 0, timestampUs: 0 });
    // The model squeezes 160x90 into 32x32.
    expect([still?.width, still?.height]).toEqual([32, 18]);
    const pixels = still?.pixels({ width: 32, height: 18, format: 'rgb' }) ?? [];
    const view = views[data.peakFrame] ?? [];
    const { x = 0, y = 0, w = 0, h = 0 } = data.box ?? {};
    const [left, top, right, bottom] = [32 * x, 18 * y, 32 * (x + w), 18 * (y + h)];
    let [red, inside, apart, outside] = [0, 0, 0, 0];
    for (let row = 0; row < 18; row++) {
      for (let column = 0; column < 32; column++) {
        const from = 3 * (32 * row + column);
        const like = 3 * (32 * Math.floor(((row + 0.5) * 32) / 18) + column);
        const near = (value: number, edge: number): boolean => Math.abs(value - edge) < 6;
        const isNear = near(column, left) || near(column, right) || near(row, top) || near(row, bottom);
        const [r = 0, g = 0] = pixels.slice(from, from + 2);
        if (isNear) {
          inside++;
          if (r > g + 60) red++;
        } else {
          outside++;
          apart += Math.abs((pixels[from + 1] ?? 0) - (view[like + 1] ?? 0));
        }
      }
    }
    expect(red).toBeGreaterThan(8);
    expect(inside).toBeGreaterThan(red);
    // JPEG at this size blurs; another frame of the scene would differ in a person only, so the mean says it is the scene.
    if (outside > 0) expect(apart / outside).toBeLessThan(20);
  }
  expect((await readdir(folder)).length).toBe(rows.rows.length);
});

it('has no picture outside of a pipeline', async () => {
  const told = await lastValueFrom(
    of(referenced(0, true, [person(0)])).pipe(events({ minDuration: 0, picture: true }), toArray()),
  );
  expect(told.map(({ data }) => data.image)).toEqual([null, null]);
});
