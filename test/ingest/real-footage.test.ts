import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Frame, openFootage, type PixelRequest } from '../../ingest/index.ts';
import { realData } from '../real-data.ts';
import { hasFfmpeg } from './has-ffmpeg.ts';
import { naiveDecode } from './naive-decode.ts';

const gray: PixelRequest = { width: 64, height: 64, format: 'gray' };
const clips = realData === null ? [] : readdirSync(join(realData, 'video')).filter(name => name.endsWith('.mp4'));
/** Decoding all of the longest clip several times would take a minute. */
const mostFrames = 1500;

async function sums(frames: AsyncIterable<Frame>, into: Map<number, number> = new Map()): Promise<Map<number, number>> {
  for await (const frame of frames) {
    into.set(frame.index, checksum(frame.pixels(gray)));
    frame[Symbol.dispose]();
  }
  return into;
}

const checksum = (pixels: Uint8Array): number =>
  pixels.reduce((sum, value, at) => (sum * 31 + value * (at + 1)) % 1e9, 7);

it.skipIf(realData === null)('real footage is there', () => {
  expect(clips).not.toEqual([]);
});

describe.each(clips)('real footage %s', clip => {
  const path = join(realData ?? '', 'video', clip);

  it('agrees with the naive oracle, in order and in groups', async () => {
    await using footage = await openFootage({ path });
    const { timestampsUs, keyframes } = footage.table;
    const to = Math.min(mostFrames, timestampsUs.length);
    const frames = await sums(footage.frames({ from: 0, to }, () => true));
    expect(frames.size).toBe(to);
    const grouped = new Map<number, number>();
    const lastKey = keyframes.findLast(index => index < to) ?? 0;
    for await (const group of footage.groups({ from: 0, to: lastKey })) {
      const keyframe = group.exactKeyframe?.();
      if (keyframe !== undefined) grouped.set(group.range.from, checksum(keyframe.pixels(gray)));
      keyframe?.[Symbol.dispose]();
      await sums(group.frames(), grouped);
      group[Symbol.dispose]();
    }
    expect(grouped).toEqual(new Map([...frames].filter(([index]) => index < lastKey)));
    if (timestampsUs.length > mostFrames) return;
    const oracle = naiveDecode(path, gray);
    expect([...timestampsUs]).toEqual(oracle.map(frame => frame.timestampUs));
    expect([...frames.values()]).toEqual(oracle.map(frame => checksum(frame.pixels)));
  });

  it.runIf(hasFfmpeg)('looks the same through ffmpeg', async () => {
    await using native = await openFootage({ path });
    await using footage = await openFootage({ path, decoder: 'ffmpeg', pixelRequests: [gray] });
    expect(footage.table).toEqual(native.table);
    const range = { from: 0, to: 100 };
    const expected = new Map<number, Uint8Array>();
    for await (const frame of native.frames(range, () => true)) {
      expected.set(frame.index, frame.pixels(gray));
      frame[Symbol.dispose]();
    }
    for await (const frame of footage.frames(range, () => true)) {
      const pixels = frame.pixels(gray);
      const other = expected.get(frame.index);
      const difference = pixels.reduce((sum, value, at) => sum + Math.abs(value - (other?.[at] ?? 0)), 0);
      expect(difference / pixels.length).toBeLessThan(0.1);
      frame[Symbol.dispose]();
    }
  });
});
