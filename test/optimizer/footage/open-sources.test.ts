import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordSyntheticFootage } from '../../../fixtures/index.ts';
import { openSources } from '../../../optimizer/index.ts';

let folder: string;
/** 40 frames at 10 frames a second. */
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-sources-'));
  path = join(folder, 'day1.mp4');
  await recordSyntheticFootage(path, { width: 64, height: 64, frameRateFps: 10, durationSeconds: 4 });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('openSources', () => {
  it.each([
    ['', 0, 40], // all of it
    ['#t=1,2', 10, 20], // the end is exclusive
    ['#t=1', 10, 40], // open end
    ['#t=,2', 0, 20], // open start
    ['#t=1.05,1.95', 11, 20], // from the first frame not before the start
    ['#t=npt:1,2', 10, 20], // the time's format named
    ['#t=0:01,0:00:02', 10, 20], // clock times
    ['#t=3,600', 30, 40], // cut off at the end
    ['#t=0,0.05', 0, 1], // a single frame
  ])('uses the frames of day1.mp4%s', async (fragment, from, to) => {
    const [source] = await openSources([`${path}${fragment}`]);
    expect(source?.range).toEqual({ from, to });
    expect(source?.footage.path).toBe(path);
    expect(source?.table.timestampsUs.length).toBe(40);
  });

  it.each([
    '#t=', // nothing
    '#t=,', // neither end
    '#t=a,b', // no numbers
    '#t=2,1', // backwards
    '#t=1,1', // empty
    '#t=0:60', // no such minute
    '#t=1:2:3:4', // too many parts
    '#t=-1,2', // negative
    '#t=4', // behind the last frame
    '#t=100,200', // far behind it
    '#t=1.01,1.05', // between two frames
  ])('refuses day1.mp4%s', async fragment => {
    const opening = openSources([`${path}${fragment}`]);
    await expect(opening).rejects.toMatchObject({ code: 'OPTIMIZER_TIME_RANGE' });
    await expect(opening).rejects.toThrow(fragment);
  });

  it('takes a file whose own name looks like a range', async () => {
    const odd = join(folder, 'odd#t=1,2');
    await copyFile(path, odd);
    const sources = await openSources([odd, `${odd}#t=2,3`]);
    expect(sources.map(({ range, footage }) => [footage.path, range])).toEqual([
      [odd, { from: 0, to: 40 }],
      [odd, { from: 20, to: 30 }],
    ]);
  });

  it('tells what each source is, in the order given', async () => {
    const hashed: string[] = [];
    const sources = await openSources([`${path}#t=2`, `${path}#t=0,1`], {
      decoderThreads: 2,
      onHashed: one => hashed.push(one),
    });
    const sha256 = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    expect(sources.map(({ range }) => range.from)).toEqual([20, 0]);
    for (const source of sources) {
      expect(source).toMatchObject({ sha256, info: { frameRateFps: 10, width: 64 } });
      expect(source.footage).toEqual({ path, streamId: 'day1', decoderThreads: 2 });
    }
    expect(hashed).toEqual([path]);
  });

  it('passes on what is wrong with a file, and stops when told to', async () => {
    await expect(openSources([join(folder, 'none.mp4#t=1')])).rejects.toMatchObject({ code: 'INGEST_FILE_NOT_FOUND' });
    const reason = new Error('enough');
    await expect(openSources([path], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
