import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { licenceOf } from '../../ingest/ffmpeg/index.ts';
import { imageSize } from '../../ingest/images/image-size.ts';
import {
  backoffMs,
  cutAtKeyframes,
  defaultBackoff,
  describeDecoders,
  footageHash,
  probeFootage,
  redactUrl,
} from '../../ingest/index.ts';
import { OutputTail } from '../../ingest/output-tail.ts';
import { RestartBudget } from '../../ingest/restart-budget.ts';
import { turnPixels } from '../../ingest/turn-pixels.ts';
import { tinyClip, tinyFile, tinyImage, tinyPath } from './tiny-clips.ts';

it.each([
  ['rtsp://user:secret@10.0.0.7/stream2', 'rtsp://***@10.0.0.7/stream2'],
  ['rtsp://user@cam/1', 'rtsp://***@cam/1'],
  // signs that a careful writer would have escaped
  ['rtsp://user:p@ss/w?rd@cam/1', 'rtsp://***@cam/1'],
  ['http://cam/video?user=me&password=secret&fps=5', 'http://cam/video?user=***&password=***&fps=5'],
  ['http://cam/video@2x.mp4', 'http://cam/video@2x.mp4'],
  ['/home/me@work/a.mp4', '/home/me@work/a.mp4'],
  ['C:\\clips\\a.mp4', 'C:\\clips\\a.mp4'],
])('redactUrl %s', (location, redacted) => {
  expect(redactUrl(location)).toBe(redacted);
});

it.each([
  [0, [1, 2, 3, 4, 5, 6]],
  [90, [5, 3, 1, 6, 4, 2]],
  [180, [6, 5, 4, 3, 2, 1]],
  [270, [2, 4, 6, 1, 3, 5]],
])('turnPixels by %i degrees', (degrees, expected) => {
  // 1 2
  // 3 4
  // 5 6
  const layout = { width: 2, height: 3, bytesPerPixel: 1 };
  expect([...turnPixels(Uint8Array.of(1, 2, 3, 4, 5, 6), layout, degrees)]).toEqual(expected);
  const rgb = Uint8Array.from([1, 2, 3, 4, 5, 6].flatMap(value => [value, value + 10, value + 20]));
  const turned = turnPixels(rgb, { ...layout, bytesPerPixel: 3 }, degrees);
  expect([...turned]).toEqual(expected.flatMap(value => [value, value + 10, value + 20]));
});

describe('cutAtKeyframes', () => {
  const table = { timestampsUs: new Float64Array(100), keyframes: Uint32Array.of(0, 24, 30, 52, 80) };

  it.each([
    [{ parts: 1 }, [0]],
    [{ parts: 2 }, [0, 52]],
    [{ parts: 4 }, [0, 24, 52, 80]],
    [{ parts: 50 }, [0, 24, 30, 52, 80]],
    [{ targetFrames: 33 }, [0, 30, 80]],
    [{ targetFrames: 1000 }, [0]],
  ])('%j', (size, starts) => {
    const ranges = cutAtKeyframes(table, size);
    expect(ranges.map(range => range.from)).toEqual(starts);
    expect(ranges.map(range => range.to)).toEqual([...starts.slice(1), 100]);
  });

  it('gives no ranges without frames, and checks the size', () => {
    expect(cutAtKeyframes({ timestampsUs: new Float64Array(0), keyframes: new Uint32Array(0) }, { parts: 3 })).toEqual(
      [],
    );
    const invalid = expect.objectContaining({ code: 'INGEST_OPTION_INVALID' });
    expect(() => cutAtKeyframes(table, { parts: 0 })).toThrow(invalid);
    expect(() => cutAtKeyframes(table, { targetFrames: Number.NaN })).toThrow(invalid);
  });
});

describe('footageHash', () => {
  it('is that of the bytes of a file, with progress', async () => {
    const path = tinyClip('hash.mp4');
    const bytes = readFileSync(path);
    const seen: number[][] = [];
    const hash = await footageHash(path, { onProgress: (done, total) => seen.push([done, total]) });
    expect(hash).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(seen.at(-1)).toEqual([bytes.length, bytes.length]);
  });

  it('of images covers names and bytes, not the folder', async () => {
    const { mkdirSync, renameSync } = await import('node:fs');
    mkdirSync(tinyPath('hashed'), { recursive: true });
    tinyImage('hashed/a.jpg', 0, { width: 16, height: 16 });
    tinyImage('hashed/b.jpg', 1, { width: 16, height: 16 });
    const hash = await footageHash(tinyPath('hashed'));
    renameSync(tinyPath('hashed'), tinyPath('moved'));
    expect(await footageHash(tinyPath('moved'))).toBe(hash);
    renameSync(tinyPath('moved/b.jpg'), tinyPath('moved/c.jpg'));
    expect(await footageHash(tinyPath('moved'))).not.toBe(hash);
  });

  it('stops when its signal is aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(footageHash(tinyFile('any.bin', 'bytes'), { signal })).rejects.toThrow('enough');
  });
});

describe('probeFootage', () => {
  it('tells what a clip holds', async () => {
    const path = tinyClip('probe.ts', { container: 'mpegts', frames: 25, timeMs: index => 3000 + index * 40 });
    const probe = await probeFootage({ path });
    expect(probe).toMatchObject({
      info: { codec: 'h264', width: 96, height: 64, rotationDegrees: 0, hasAudio: false, durationUs: 1_000_000 },
      frameCount: 25,
      keyframeCount: 3,
      keyframeInterval: { medianSeconds: 0.4, maxSeconds: 0.4 },
      isVariableFrameRate: false,
    });
    // The muxer adds its own delay.
    expect(probe.startTimeUs).toBeGreaterThanOrEqual(3_000_000);
  });

  it('tells a variable rate', async () => {
    const path = tinyClip('probe-vfr.mkv', { container: 'matroska', timeMs: index => index * 40 + (index % 3) * 12 });
    expect((await probeFootage({ path })).isVariableFrameRate).toBe(true);
  });
});

it('describeDecoders tells versions and licences', async () => {
  const [native] = await describeDecoders();
  expect(native).toMatchObject({ name: 'node-av', isAvailable: true, licence: 'GPL-3.0' });
  expect(licenceOf('--enable-gpl')).toBe('GPL-2.0');
  expect(licenceOf('--enable-shared')).toBe('LGPL');
  expect(licenceOf('--enable-gpl --enable-nonfree')).toBe('nonfree');
});

it('backoffMs grows up to its cap, and is anything below', () => {
  const longest = [1, 2, 3, 6, 7, 50].map(retry => backoffMs(defaultBackoff, retry, 1));
  expect(longest).toEqual([100, 200, 400, 3200, 5000, 5000]);
  expect(backoffMs(defaultBackoff, 3, 0.25)).toBe(100);
  expect(backoffMs(defaultBackoff, 3, 0)).toBe(0);
});

it('RestartBudget counts within a moving window', () => {
  const budget = new RestartBudget({ restarts: 2, windowMs: 1000 });
  expect([0, 500, 900, 1000, 1400, 1500].map(time => budget.take(time))).toEqual([1, 2, undefined, 2, undefined, 2]);
});

it('OutputTail keeps the end', () => {
  const tail = new OutputTail();
  for (let at = 0; at < 10_000; at++) tail.add(Buffer.from(`line ${at}\n`));
  expect(tail.text.length).toBeLessThanOrEqual(8192);
  expect(tail.text.endsWith('line 9999')).toBe(true);
});

it('imageSize reads headers', () => {
  for (const name of ['size.png', 'size.jpg']) {
    const bytes = readFileSync(tinyImage(name, 0, { width: 54, height: 30 }));
    expect(imageSize(bytes)).toEqual({ width: 54, height: 30 });
    expect(imageSize(bytes.subarray(0, 20))).toBeUndefined();
  }
  expect(imageSize(Buffer.from('no image'))).toBeUndefined();
});
