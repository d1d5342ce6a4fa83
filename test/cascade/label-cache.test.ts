import { appendFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { type Detection, findModel, LabelCache, type ModelDeclaration } from '../../cascade/index.ts';
import { syntheticModelsFolder } from '../../fixtures/index.ts';
import { temporaryFolder } from './models/model-folder.ts';

const footageSha256 = 'ab'.repeat(32);
const person: Detection = {
  label: 'person',
  score: Math.fround(0.1),
  box: { x: 0.1, y: 0.2, width: 0.3, height: 0.4 },
};
let folder: string;
let model: ModelDeclaration;

beforeEach(async () => {
  folder = await temporaryFolder();
  model = (await findModel('synthetic-detector', syntheticModelsFolder())).declaration;
});

async function fill(frames: readonly number[], options: { minScore?: number } = {}): Promise<string> {
  await using cache = await LabelCache.open({ folder, footageSha256, model, ...options });
  for (const frame of frames) cache.add(frame, [person]);
  return cache.path;
}

async function knownFrames(options: { minScore?: number; model?: ModelDeclaration } = {}): Promise<number[]> {
  await using cache = await LabelCache.open({ folder, footageSha256, model, ...options });
  return [...cache.known().keys()];
}

it('knows what was added, to the last bit', async () => {
  await fill([3, 1]);
  await using cache = await LabelCache.open({ folder, footageSha256, model });
  expect(cache.known()).toEqual(
    new Map([
      [3, [person]],
      [1, [person]],
    ]),
  );
  expect(cache.path).toBe(join(folder, `${footageSha256}-${model.sha256}.jsonl`));
});

it('gives only the frames that a label run asks about', async () => {
  await fill([0, 1, 2, 3, 4, 6]);
  await using cache = await LabelCache.open({ folder, footageSha256, model });
  expect([...cache.known({ every: 3 }).keys()]).toEqual([0, 3, 6]);
});

it('writes an answer once', async () => {
  const path = await fill([1, 2]);
  await fill([2, 3]);
  expect((await readFile(path, 'utf8')).trim().split('\n').length).toBe(4);
});

it('passes over torn lines, and loses no line behind them', async () => {
  const path = await fill([1, 2, 3]);
  await truncate(path, (await readFile(path)).length - 9);
  expect(await knownFrames()).toEqual([1, 2]);
  await fill([4]);
  expect(await knownFrames()).toEqual([1, 2, 4]);
  await appendFile(path, 'junk\n{"frame":-1,"detections":[]}\n{"frame":7,"detections":[]}\n');
  expect(await knownFrames()).toEqual([1, 2, 4, 7]);
});

it.each([
  ['score floor', { minScore: 0.2 }],
  ['input', { model: { input: { resize: { mode: 'letterbox', pad: 114 } } } }],
])('starts anew with another %s', async (_, { model: changes, ...options }: { model?: object; minScore?: number }) => {
  await fill([1, 2]);
  expect(
    await knownFrames({ ...options, ...(changes && { model: { ...model, ...changes } as ModelDeclaration }) }),
  ).toEqual([]);
});

it('keeps its answers when the model is only renamed', async () => {
  await fill([1]);
  expect(await knownFrames({ model: { ...model, name: 'other', version: 9 } })).toEqual([1]);
});

it('starts anew where something else lies', async () => {
  const path = await fill([1]);
  await writeFile(path, 'something else\n');
  expect(await knownFrames()).toEqual([]);
  expect(await knownFrames()).toEqual([]);
});

it('says so when it cannot be used', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  const open = LabelCache.open({ folder: file, footageSha256, model });
  await expect(open).rejects.toMatchObject({ code: 'CASCADE_LABEL_CACHE_UNUSABLE' });
  await mkdir(join(folder, 'x', `${footageSha256}-${model.sha256}.jsonl`), { recursive: true });
  const folderInItsPlace = LabelCache.open({ folder: join(folder, 'x'), footageSha256, model });
  await expect(folderInItsPlace).rejects.toMatchObject({ code: 'CASCADE_LABEL_CACHE_UNUSABLE' });
});
