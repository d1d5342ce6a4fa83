import { describe, expect, it } from 'vitest';
import { type DecoderName, type Footage, type Frame, openFootage } from '../../ingest/index.ts';
import { hasFfmpeg } from './has-ffmpeg.ts';
import { tinyClip } from './tiny-clips.ts';

const request = { width: 24, height: 16, format: 'gray' } as const;
const path = tinyClip('section.mp4', { frames: 40, gop: 10, bFrames: 2 });

async function open(decoder: DecoderName, range?: { from: number; to: number }): Promise<Footage> {
  return openFootage({ path, decoder, pixelRequests: [request], ...(range && { range }) });
}

/** Index, media time and pixels of frames, each disposed of. */
async function contents(frames: AsyncIterable<Frame>, offset = 0): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const frame of frames) {
    using owned = frame;
    seen.push({ index: owned.index - offset, timeUs: owned.timestampUs, pixels: owned.pixels(request) });
  }
  return seen;
}

const decoders: DecoderName[] = hasFfmpeg ? ['node-av', 'ffmpeg'] : ['node-av'];

describe.each(decoders)('a range of footage, decoded by %s', decoder => {
  it.each([
    { from: 0, to: 40 }, // all of it
    { from: 13, to: 29 }, // begins and ends inside groups
    { from: 20, to: 33 }, // begins at a keyframe
  ])('is footage of its own: $from–$to', async range => {
    await using whole = await open(decoder);
    await using section = await open(decoder, range);
    const count = range.to - range.from;
    expect(section.table.timestampsUs).toEqual(whole.table.timestampsUs.slice(range.from, range.to));
    expect([...section.table.keyframes]).toEqual(
      [0, 10, 20, 30].filter(index => index >= range.from && index < range.to).map(index => index - range.from),
    );
    expect(section.info.durationUs).toBe(count * 40_000);
    expect(await contents(section.frames({ from: 0, to: count }, index => index % 3 === 0))).toEqual(
      await contents(
        whole.frames(range, index => (index - range.from) % 3 === 0),
        range.from,
      ),
    );
  });

  it('has the groups of the range, the last one cut off with it', async () => {
    await using whole = await open(decoder);
    await using section = await open(decoder, { from: 20, to: 33 });
    const ranges: unknown[] = [];
    const inside: unknown[] = [];
    for await (const group of section.groups({ from: 0, to: 13 })) {
      using owned = group;
      ranges.push(owned.range);
      expect(owned.keyframe?.index).toBe(owned.range.from);
      inside.push(...(await contents(owned.frames())));
    }
    expect(ranges).toEqual([
      { from: 0, to: 10 },
      { from: 10, to: 13 },
    ]);
    expect(inside).toEqual(
      await contents(
        whole.frames({ from: 20, to: 33 }, index => index % 10 !== 0),
        20,
      ),
    );
  });
});

it('refuses a range that is not in the file, and groups that do not begin at a keyframe', async () => {
  await expect(open('node-av', { from: 5, to: 41 })).rejects.toMatchObject({ code: 'INGEST_RANGE_INVALID' });
  await using section = await open('node-av', { from: 13, to: 29 });
  expect(() => section.groups({ from: 0, to: 16 })).toThrow('to be a keyframe');
  expect(() => section.frames({ from: 0, to: 17 }, () => true)).toThrow('does not fit');
});
