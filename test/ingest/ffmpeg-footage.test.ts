import { chmodSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findProgram } from '../../ingest/ffmpeg/index.ts';
import { describeDecoders, type Footage, type Frame, openFootage, type PixelRequest } from '../../ingest/index.ts';
import { footageCases } from './footage-cases.ts';
import { hasFfmpeg } from './has-ffmpeg.ts';
import { damagedCopy, tinyClip, tinyFile } from './tiny-clips.ts';

const gray: PixelRequest = { width: 32, height: 24, format: 'gray' };
const rgb: PixelRequest = { width: 20, height: 20, format: 'rgb' };
const pixelRequests = [gray, rgb];
/** swscale of different versions rounds the last bit of gray differently. */
const mostDifference = 2;

type Pictures = Map<number, Uint8Array>;

const picturesOf = (frame: Frame): Uint8Array => Uint8Array.of(...frame.pixels(gray), ...frame.pixels(rgb));

async function collect(frames: AsyncIterable<Frame>, into: Pictures = new Map()): Promise<Pictures> {
  for await (const frame of frames) {
    into.set(frame.index, picturesOf(frame));
    frame[Symbol.dispose]();
  }
  return into;
}

const read = (footage: Footage, from: number, to: number): Promise<Pictures> =>
  collect(footage.frames({ from, to }, () => true));

function expectSame(given: Pictures, expected: Pictures): void {
  expect([...given.keys()]).toEqual([...expected.keys()]);
  for (const [index, pixels] of given) {
    const differences = pixels.map((value, at) => Math.abs(value - (expected.get(index)?.[at] ?? -99)));
    expect(Math.max(...differences), `frame ${index}`).toBeLessThanOrEqual(mostDifference);
  }
}

describe.runIf(hasFfmpeg).each(footageCases)('ffmpeg and node-av agree on $name', ({ make }) => {
  const path = make();

  it('in what they tell, in every frame, in ranges, and in groups', async () => {
    await using native = await openFootage({ path });
    await using footage = await openFootage({ path, decoder: 'ffmpeg', pixelRequests });
    const count = native.table.timestampsUs.length;
    expect(footage.info).toEqual({ ...native.info, frameRateFps: expect.any(Number), durationUs: expect.any(Number) });
    expect(footage.table).toEqual(native.table);
    const expected = await read(native, 0, count);
    expectSame(await read(footage, 0, count), expected);
    for (const [from, to] of [
      [count - 7, count - 5],
      [3, 6],
      [6, 8],
      [count - 1, count],
    ] as const) {
      expectSame(await read(footage, from, to), new Map([...expected].slice(from, to)));
    }
    const grouped: Pictures = new Map();
    const keyframes: number[] = [];
    for await (const group of footage.groups({ from: 0, to: count })) {
      keyframes.push(group.range.from);
      if (group.keyframe !== undefined) grouped.set(group.range.from, picturesOf(group.keyframe));
      // Each inside is a run of its own: those of the first three groups will do.
      if (keyframes.length <= 3) await collect(group.frames(), grouped);
      group[Symbol.dispose]();
    }
    expect(keyframes).toEqual([...native.table.keyframes]);
    expectSame(grouped, new Map([...expected].filter(([index]) => grouped.has(index))));
    const inside = native.table.keyframes[3] ?? count;
    expect([...grouped.keys()].filter(index => index < inside)).toHaveLength(inside);
  });
});

describe.runIf(hasFfmpeg)('the decoder "ffmpeg"', () => {
  const path = tinyClip('ffmpeg.mp4', { bFrames: 2 });
  afterEach(() => vi.unstubAllEnvs());

  it('turns pictures', async () => {
    const turned = tinyClip('ffmpeg-turned.mp4', { rotationDegrees: 90 });
    await using native = await openFootage({ path: turned });
    await using footage = await openFootage({ path: turned, decoder: 'ffmpeg', pixelRequests });
    expect([footage.info.rotationDegrees, footage.info.width, footage.info.height]).toEqual([90, 64, 96]);
    expectSame(await read(footage, 0, 5), await read(native, 0, 5));
  });

  it('needs no pixels declared when none are asked for', async () => {
    await using footage = await openFootage({ path, decoder: 'ffmpeg' });
    const indexes: number[] = [];
    for await (const frame of footage.frames({ from: 0, to: 30 }, index => index % 10 === 0)) {
      indexes.push(frame.index);
      expect([frame.width, frame.height]).toEqual([96, 64]);
      const undeclared = expect.objectContaining({ code: 'INGEST_PIXELS_NOT_DECLARED' });
      expect(() => frame.pixels(gray)).toThrow(undeclared);
      frame[Symbol.dispose]();
      expect(() => frame.pixels(gray)).toThrow(expect.objectContaining({ code: 'INGEST_FRAME_DISPOSED' }));
    }
    expect(indexes).toEqual([0, 10, 20]);
  });

  it('counts damage and knows which frames are left', async () => {
    const clean = tinyClip('ffmpeg-clean.mp4', { bFrames: 2, frames: 60, width: 320, height: 240 });
    const damaged = damagedCopy(clean, 'ffmpeg-damaged.mp4', { from: 0.4, to: 0.6 });
    await using sound = await openFootage({ path: clean });
    await using footage = await openFootage({ path: damaged, decoder: 'ffmpeg', pixelRequests });
    const [expected, given] = [await read(sound, 0, 60), await read(footage, 0, 60)];
    // After the damage ffmpeg alone decides when it has recovered.
    const ends = [0, 5, 9, 59];
    expectSame(
      new Map([...given].filter(([index]) => ends.includes(index))),
      new Map([...expected].filter(([index]) => ends.includes(index))),
    );
    // What ffmpeg says comes on a pipe of its own, perhaps after the last frame.
    const damage = (): number => footage.damage.refusedPackets + footage.damage.concealedFrames;
    await expect.poll(damage).toBeGreaterThan(0);
  });

  it('leaves no process behind when a consumer breaks off and the footage is closed', async () => {
    const footage = await openFootage({
      path: tinyClip('long.mp4', { frames: 300 }),
      decoder: 'ffmpeg',
      pixelRequests,
    });
    for await (const frame of footage.frames({ from: 0, to: 300 }, () => true)) {
      frame[Symbol.dispose]();
      break;
    }
    await footage[Symbol.asyncDispose]();
    const closed = expect.objectContaining({ code: 'INGEST_FOOTAGE_CLOSED' });
    expect(() => footage.frames({ from: 0, to: 1 }, () => true)).toThrow(closed);
    await expect.poll(() => childrenNamed('ffmpeg')).toEqual([]);
  });

  it('that is not there: INGEST_FFMPEG_NOT_FOUND', async () => {
    vi.stubEnv('FFMPEG_PATH', '/nowhere/ffmpeg');
    const error = expect.objectContaining({
      code: 'INGEST_FFMPEG_NOT_FOUND',
      message: expect.stringContaining('FFMPEG_PATH=/nowhere/ffmpeg'),
    });
    await expect(openFootage({ path, decoder: 'ffmpeg' })).rejects.toThrow(error);
    const [, facts] = await describeDecoders();
    expect(facts).toMatchObject({
      name: 'ffmpeg',
      isAvailable: false,
      problem: expect.stringContaining('Install FFmpeg'),
    });
  });

  it('that fails: INGEST_FFMPEG_FAILED with what it said', async () => {
    const program = tinyFile('ffmpeg', '#!/bin/sh\necho "out of luck" >&2\nexit 3\n');
    chmodSync(program, 0o755);
    vi.stubEnv('FFPROBE_PATH', findProgram('ffprobe'));
    vi.stubEnv('FFMPEG_PATH', program);
    const opening = openFootage({ path, decoder: 'ffmpeg' });
    const error = expect.objectContaining({
      code: 'INGEST_FFMPEG_FAILED',
      message: expect.stringMatching(/exit code 3.*out of luck/s),
    });
    await expect(opening).rejects.toThrow(error);
  });

  it('is looked for where the environment says', () => {
    const [ffmpeg, ffprobe] = [tinyFile('my-ffmpeg-7', ''), tinyFile('my-ffprobe-7', '')];
    for (const program of [ffmpeg, ffprobe]) chmodSync(program, 0o755);
    expect(findProgram('ffmpeg', { FFMPEG_PATH: ffmpeg })).toBe(ffmpeg);
    expect(findProgram('ffprobe', { FFMPEG_PATH: ffmpeg })).toBe(ffprobe);
    expect(findProgram('ffprobe', { FFPROBE_PATH: ffmpeg })).toBe(ffmpeg);
  });
});

/** Process ids of this process's own children with a name; Linux only, none elsewhere. */
async function childrenNamed(name: string): Promise<string[]> {
  const { readdirSync, readFileSync } = await import('node:fs');
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').filter(id => {
    try {
      const [, comm = '', rest = ''] = /\((.*)\) (.*)/s.exec(readFileSync(`/proc/${id}/stat`, 'utf8')) ?? [];
      const [state, parent] = rest.split(' ');
      return comm === name && Number(parent) === process.pid && state !== 'Z';
    } catch {
      return false;
    }
  });
}
