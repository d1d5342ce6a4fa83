import { mkdirSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findByPattern, isPattern } from '../../ingest/images/find-by-pattern.ts';
import { findImages } from '../../ingest/images/find-images.ts';
import { encodeImage, type Footage, openFootage, openImageDecoder, type PixelRequest } from '../../ingest/index.ts';
import { hasFfmpeg } from './has-ffmpeg.ts';
import { patternLuma, tinyFile, tinyImage, tinyPath } from './tiny-clips.ts';

const gray: PixelRequest = { width: 48, height: 32, format: 'gray' };

/** img1.jpg, img2.png, img9.jpg (broken), img10.jpg (of another size), and things that are no images. */
function folder(): string {
  mkdirSync(tinyPath('images/deeper'), { recursive: true });
  tinyImage('images/img1.jpg', 0, { width: 48, height: 32 });
  tinyImage('images/img2.png', 1, { width: 48, height: 32 });
  tinyFile('images/img9.jpg', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3));
  tinyImage('images/img10.jpg', 2, { width: 96, height: 64 });
  tinyFile('images/notes.txt', 'no image');
  tinyImage('images/deeper/img11.JPG', 3, { width: 48, height: 32 });
  tinyImage('images/.hidden.jpg', 3, { width: 48, height: 32 });
  return tinyPath('images');
}

async function read(footage: Footage): Promise<[number, number, number, number][]> {
  const seen: [number, number, number, number][] = [];
  for await (const frame of footage.frames({ from: 0, to: footage.table.timestampsUs.length }, () => true)) {
    seen.push([frame.index, frame.timestampUs, frame.width, frame.pixels(gray)[0] ?? -1]);
    frame[Symbol.dispose]();
  }
  return seen;
}

describe.each(['node-av', 'ffmpeg'] as const)('images by %s', decoder => {
  const options = { path: folder(), decoder, imageRateFps: 4, pixelRequests: [gray] };

  it.runIf(decoder === 'node-av' || hasFfmpeg)('are keyframes in natural order; a broken one is missing', async () => {
    await using footage = await openFootage({
      ...options,
      path: `${options.path}/img*.{jpg}`.replace('{jpg}', '[jp]*g'),
    });
    expect(footage.info).toMatchObject({
      container: 'images',
      width: 48,
      height: 32,
      frameRateFps: 4,
      durationUs: 1e6,
    });
    expect([...footage.table.timestampsUs]).toEqual([0, 250_000, 500_000, 750_000]);
    expect([...footage.table.keyframes]).toEqual([0, 1, 2, 3]);
    const seen = await read(footage);
    expect(seen.map(([index, timestampUs, width]) => [index, timestampUs, width])).toEqual([
      [0, 0, 48],
      [1, 250_000, 48],
      [3, 750_000, 96],
    ]);
    for (const [index, , width, first] of seen) {
      if (width === 48) expect(Math.abs(first - patternLuma(0, 0, index))).toBeLessThan(6);
    }
    expect(footage.damage).toEqual({ refusedPackets: 1, concealedFrames: 0 });
  });

  it.runIf(decoder === 'node-av' || hasFfmpeg)('are groups of one', async () => {
    await using footage = await openFootage(options);
    const groups: unknown[] = [];
    for await (const group of footage.groups({ from: 1, to: 4 })) {
      groups.push([group.range.from, group.keyframe?.width, group.heldBytes]);
      for await (const frame of group.frames()) frame[Symbol.dispose]();
      const again = group.frames()[Symbol.asyncIterator]().next();
      await expect(again).rejects.toThrow(expect.objectContaining({ code: 'INGEST_GROUP_READ_TWICE' }));
      group[Symbol.dispose]();
      expect(() => group.keyframe).toThrow(expect.objectContaining({ code: 'INGEST_GROUP_DISPOSED' }));
    }
    expect(groups).toEqual([
      [1, 48, 0],
      [2, undefined, 0],
      [3, 96, 0],
    ]);
  });
});

it('a single image is footage of one frame', async () => {
  await using footage = await openFootage({ path: tinyImage('single.png', 0, { width: 40, height: 30 }) });
  expect(footage.info).toMatchObject({ codec: 'png', width: 40, height: 30, durationUs: 1e6 });
  expect(await read(footage)).toHaveLength(1);
});

it('each PNG is a picture of its own, whatever came before it', async () => {
  mkdirSync(tinyPath('pngs'), { recursive: true });
  for (let index = 0; index < 3; index++) tinyImage(`pngs/${index}.png`, index * 9, { width: 48, height: 32 });
  await using footage = await openFootage({ path: tinyPath('pngs') });
  const first = (await read(footage)).map(row => row[3]);
  expect(first).toEqual([0, 9, 18].map(index => patternLuma(0, 0, index)));
});

it('a folder gives its own images, not those below it nor hidden ones', () => {
  const images = findImages(folder());
  expect(images?.paths.map(path => basename(path))).toEqual(['img1.jpg', 'img2.png', 'img9.jpg', 'img10.jpg']);
});

describe('findByPattern', () => {
  const names = (pattern: string): string[] =>
    findByPattern(`${folder()}/${pattern}`)
      .map(path => path.slice(folder().length + 1))
      .sort();

  it.each([
    // signs within a name
    ['*.jpg', ['img1.jpg', 'img10.jpg', 'img9.jpg']],
    ['img?.jpg', ['img1.jpg', 'img9.jpg']],
    ['img[12].*', ['img1.jpg', 'img2.png']],
    ['img[!1].*', ['img2.png', 'img9.jpg']],
    // names with a dot in front only where asked for
    ['.*.jpg', ['.hidden.jpg']],
    // folders
    ['*/*.JPG', ['deeper/img11.JPG']],
    ['**/img1*', ['deeper/img11.JPG', 'img1.jpg', 'img10.jpg']],
    ['**', ['deeper/img11.JPG', 'img1.jpg', 'img10.jpg', 'img2.png', 'img9.jpg', 'notes.txt']],
    // a dot is a dot
    ['img1?jpg', ['img1.jpg']],
    ['img1.jp', []],
    ['nowhere/*.jpg', []],
  ])('%s', (pattern, expected) => {
    expect(names(pattern)).toEqual(expected);
  });

  it('knows a pattern from a name', () => {
    expect(['a*.jpg', 'a?.jpg', 'a[1].jpg', 'a.jpg'].map(isPattern)).toEqual([true, true, true, false]);
  });
});

it('encodes as JPEG what comes back as it was, from black to white', async () => {
  const grays = [0, 20, 153, 240, 255];
  for (const gray of grays) {
    const image = { width: 16, height: 16, bytes: new Uint8Array(768).fill(gray) };
    const jpeg = await encodeImage(image, { format: 'jpeg', quality: 95 });
    await using decoder = await openImageDecoder('jpeg');
    using frame = await decoder.decode(jpeg, { index: 0, timestampUs: 0 });
    const [back = -1] = frame?.pixels({ width: 16, height: 16, format: 'rgb' }) ?? [];
    expect(Math.abs(back - gray)).toBeLessThanOrEqual(2);
  }
});
