import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { averageEmptyScene, measureBareDecode, readStills } from '../../cascade/index.ts';
import { recordSyntheticFootage } from '../../fixtures/index.ts';
import { openFootage } from '../../ingest/index.ts';

const frameCount = 40;
let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-task-'));
  path = join(folder, 'camera.mp4');
  await recordSyntheticFootage(path, { width: 160, height: 96, frameRateFps: 10, durationSeconds: frameCount / 10 });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The bytes of an image at its own size. */
async function pixelsOf(image: string, frames: (index: number) => boolean = () => true): Promise<Uint8Array[]> {
  const footage = await openFootage({ path: image });
  const pictures: Uint8Array[] = [];
  for await (const frame of footage.frames({ from: 0, to: footage.table.timestampsUs.length }, frames)) {
    pictures.push(frame.pixels({ width: 160, height: 96, format: 'rgb' }));
    frame[Symbol.dispose]();
  }
  await footage[Symbol.asyncDispose]();
  return pictures;
}

it('measures bare decoding', async () => {
  const { frames, seconds, framesPerSecond } = await measureBareDecode({ path });
  expect(frames).toBe(frameCount);
  expect(framesPerSecond).toBeCloseTo(frames / seconds);
});

it('averages the frames without a positive label', async () => {
  const labels = Array.from({ length: frameCount }, (_, frame) => ({ frame, label: frame % 4 !== 0 }));
  const { image, frames } = await averageEmptyScene({ footage: { path }, labels });
  expect(frames).toBe(10);
  const png = join(folder, 'scene.png');
  await writeFile(png, image);
  const [scene = new Uint8Array()] = await pixelsOf(png);
  const empty = await pixelsOf(path, index => index % 4 === 0);
  const expected = scene.map((_, i) => Math.round(empty.reduce((sum, picture) => sum + (picture[i] ?? 0), 0) / 10));
  const differences = scene.map((value, i) => Math.abs(value - (expected[i] ?? 0)));
  expect(Math.max(...differences)).toBe(0);
});

it('averages at most so many frames, evenly spread', async () => {
  const labels = Array.from({ length: frameCount }, (_, frame) => ({ frame, label: false }));
  expect((await averageEmptyScene({ footage: { path }, labels, maxFrames: 7 })).frames).toBe(7);
});

it('needs an empty frame', async () => {
  const scene = averageEmptyScene({ footage: { path }, labels: [{ frame: 0, label: true }] });
  await expect(scene).rejects.toMatchObject({ code: 'CASCADE_SCENE_NO_FRAMES' });
});

it('reads stills as JPEG files of a width', async () => {
  const stills = await readStills({ footage: { path }, frames: [30, 2], width: 80 });
  expect([...stills.keys()]).toEqual([2, 30]);
  for (const image of stills.values()) expect([...image.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
});

it('passes on what went wrong, and ends when it is told to', async () => {
  await expect(measureBareDecode({ path: join(folder, 'none.mp4') })).rejects.toMatchObject({
    code: 'INGEST_FILE_NOT_FOUND',
  });
  const reason = new Error('enough');
  await expect(measureBareDecode({ path }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const soon = new AbortController();
  const running = measureBareDecode({ path }, { signal: soon.signal });
  soon.abort(reason);
  await expect(running).rejects.toBe(reason);
});
