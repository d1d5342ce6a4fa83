import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { recordSyntheticFootage } from '../../../fixtures/index.ts';
import { footageHash, openFootage, type PixelRequest } from '../../../ingest/index.ts';
import { type ExtractPicturesOptions, extractPictures, PictureReader, pictureBytes } from '../../../optimizer/index.ts';
import { framesOf, layoutOf } from './part-of.ts';

const requests: readonly PixelRequest[] = [
  { width: 32, height: 32, format: 'gray' },
  { width: 64, height: 64, format: 'gray' },
  { width: 24, height: 10, format: 'rgb' },
];
let base: string;
let folder: string;
let sources: ExtractPicturesOptions['sources'];
/** Of each source, by frame and request. */
let naive: Uint8Array[][][];

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'saccade-pictures-'));
  sources = await Promise.all(
    [520, 200].map(async (frames, seed) => {
      const path = join(base, `${seed}.mp4`);
      const camera = { seed, profile: 'busy', width: 96, height: 64, durationSeconds: frames / 25 } as const;
      await recordSyntheticFootage(path, { ...camera, keyframeIntervalSeconds: 1, bFrames: 2 });
      return sourceOf(path);
    }),
  );
  naive = await Promise.all(sources.map(({ footage }) => naivePictures(footage.path)));
});

afterAll(() => rm(base, { recursive: true, force: true }));

beforeEach(async () => {
  folder = await mkdtemp(join(base, 'cache-'));
});

async function sourceOf(path: string): Promise<ExtractPicturesOptions['sources'][number]> {
  await using footage = await openFootage({ path });
  return { footage: { path, streamId: 'camera' }, sha256: await footageHash(path), table: footage.table };
}

/** By definition: every file decoded from its start, every frame scaled. */
async function naivePictures(path: string): Promise<Uint8Array[][]> {
  await using footage = await openFootage({ path });
  const pictures: Uint8Array[][] = [];
  for await (const frame of footage.frames({ from: 0, to: footage.table.timestampsUs.length }, () => true)) {
    pictures.push(requests.map(request => frame.pixels(request)));
    frame[Symbol.dispose]();
  }
  return pictures;
}

const part = layoutOf(
  [
    { source: 0, range: { from: 13, to: 480 } },
    { source: 1, range: { from: 0, to: 90 } },
    { source: 1, range: { from: 101, to: 200 } },
  ],
  1,
);
const sparse = layoutOf(
  [
    { source: 0, range: { from: 7, to: 520 } },
    { source: 1, range: { from: 50, to: 99 } },
  ],
  4,
);

it.each([
  { name: 'every frame, three processes', layout: part, workers: 3 },
  { name: 'every 4th frame, one process', layout: sparse, workers: 1 },
])('gives the pixels of a stream worker: $name', async ({ layout, workers }) => {
  const shares: number[] = [];
  const files = await extractPictures({
    sources,
    part: layout,
    requests,
    folder,
    workers,
    onProgress: share => shares.push(share),
  });
  const rows = framesOf(layout);
  for (const [i, request] of requests.entries()) {
    expect(files[i]).toMatchObject({ request, rows: rows.length });
    const expected = rows.map(({ source, frame }) => naive[source]?.[frame]?.[i] ?? new Uint8Array());
    expect((await readFile(files[i]?.path ?? '')).equals(Buffer.concat(expected))).toBe(true);
  }
  expect(shares.at(-1)).toBe(1);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  if (files[0] === undefined) return expect.unreachable();
  await using reader = await PictureReader.open(files[0]);
  const picture = (row: number): Uint8Array =>
    naive[rows[row]?.source ?? 0]?.[rows[row]?.frame ?? 0]?.[0] ?? new Uint8Array();
  expect(Buffer.concat([await reader.range(3, 5)]).equals(Buffer.concat([picture(3), picture(4)]))).toBe(true);
  expect(Buffer.concat([await reader.rows([9, 2])]).equals(Buffer.concat([picture(9), picture(2)]))).toBe(true);
  expect((await readdir(folder)).sort()).toEqual(files.map(({ path }) => path.slice(folder.length + 1)).sort());
});

it('decodes only what the cache lacks', async () => {
  const options = { sources, part: sparse, folder };
  const [file] = await extractPictures({ ...options, requests: requests.slice(0, 1) });
  const { mtimeMs, ino } = await stat(file?.path ?? '');
  await extractPictures({ ...options, requests });
  expect(await stat(file?.path ?? '')).toMatchObject({ mtimeMs, ino });
  // With nothing left to decode, the footage need not even be there.
  const gone = sources.map(source => ({ ...source, footage: { ...source.footage, path: join(base, 'gone.mp4') } }));
  expect((await extractPictures({ ...options, sources: gone, requests }))[0]).toEqual(file);
  const other = { ...options, sources: gone, part: { ...sparse, step: 5 }, requests };
  await expect(extractPictures(other)).rejects.toMatchObject({ code: 'INGEST_FILE_NOT_FOUND' });
});

it('makes anew what is not complete, and removes what killed runs left', async () => {
  const options = { sources, part: sparse, requests: requests.slice(0, 1), folder };
  const [file] = await extractPictures(options);
  const path = file?.path ?? '';
  const whole = await readFile(path);
  await truncate(path, whole.length - 1);
  // No process has this id: Linux goes up to 4,194,304.
  await writeFile(`${path}.9999999.partial`, 'half');
  await extractPictures(options);
  expect((await readFile(path)).equals(whole)).toBe(true);
  expect(await readdir(folder)).toHaveLength(1);
});

it('leaves nothing behind when it is stopped', async () => {
  const options = { sources, part, requests, folder };
  const reason = new Error('enough');
  await expect(extractPictures({ ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const soon = new AbortController();
  const running = extractPictures({
    ...options,
    workers: 2,
    signal: soon.signal,
    onProgress: () => soon.abort(reason),
  });
  await expect(running).rejects.toBe(reason);
  expect(await readdir(folder)).toEqual([]);
});

it('says that the cache cannot be written', async () => {
  await writeFile(join(folder, 'file'), '');
  const options = { sources, part, requests, folder: join(folder, 'file', 'pictures') };
  await expect(extractPictures(options)).rejects.toMatchObject({ code: 'OPTIMIZER_CACHE_UNUSABLE' });
});

it('keeps what is complete on a disk that is full', async context => {
  const disk = join(folder, 'disk');
  await mkdir(disk);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status !== 0) {
    context.skip('a small disk can be made by root only');
  }
  try {
    const options = { sources, part, folder: disk };
    const [file] = await extractPictures({ ...options, requests: requests.slice(0, 1) });
    const whole = await readFile(file?.path ?? '');
    const failing = extractPictures({ ...options, requests });
    await expect(failing).rejects.toMatchObject({ code: 'OPTIMIZER_CACHE_UNUSABLE', retryable: true });
    expect(await readdir(disk)).toHaveLength(1);
    expect((await readFile(file?.path ?? '')).equals(whole)).toBe(true);
    spawnSync('mount', ['-o', 'remount,size=20m', disk]);
    expect(await extractPictures({ ...options, requests })).toHaveLength(3);
  } finally {
    spawnSync('umount', [disk]);
  }
});

it('gives a frame that did not decode the picture before it', async () => {
  const path = join(folder, 'damaged.mp4');
  const bytes = await readFile(sources[1]?.footage.path ?? '');
  bytes.fill(0, Math.floor(bytes.length * 0.4), Math.floor(bytes.length * 0.5));
  await writeFile(path, bytes);
  const damaged = [await sourceOf(path)];
  const layout = layoutOf([{ source: 0, range: { from: 0, to: 200 } }], 1);
  const [request] = requests as [PixelRequest];
  const [file] = await extractPictures({ sources: damaged, part: layout, requests: [request], folder });
  const size = pictureBytes(request);
  const all = await readFile(file?.path ?? '');
  const picture = (row: number): Buffer => all.subarray(row * size, (row + 1) * size);
  await using footage = await openFootage({ path });
  const decoded = new Map<number, Buffer>();
  for await (const frame of footage.frames({ from: 0, to: 200 }, () => true)) {
    decoded.set(frame.index, Buffer.from(frame.pixels(request)));
    frame[Symbol.dispose]();
  }
  expect(decoded.size).toBeLessThan(200);
  const wrong = [...Array(200).keys()].filter(row => !picture(row).equals(decoded.get(row) ?? picture(row - 1)));
  expect(wrong).toEqual([]);
});
