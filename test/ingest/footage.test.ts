import { describe, expect, it } from 'vitest';
import { type Footage, type Frame, openFootage, type PixelRequest } from '../../ingest/index.ts';
import { footageCases } from './footage-cases.ts';
import { type NaiveFrame, naiveDecode } from './naive-decode.ts';
import { damagedCopy, tinyClip } from './tiny-clips.ts';

const gray: PixelRequest = { width: 32, height: 24, format: 'gray' };
const all = (): boolean => true;
const pixelsOf = (frame: Frame): Uint8Array => frame.pixels(gray);

async function read(
  footage: Footage,
  from: number,
  to: number,
  wanted: (index: number) => boolean = all,
): Promise<Map<number, Uint8Array>> {
  const pixels = new Map<number, Uint8Array>();
  for await (const frame of footage.frames({ from, to }, wanted)) {
    pixels.set(frame.index, pixelsOf(frame));
    frame[Symbol.dispose]();
  }
  return pixels;
}

/** Every frame by its group; keyframes decoded again, just as they are, and compared with what they are alone. */
async function readGroups(footage: Footage): Promise<Map<number, Uint8Array>> {
  const pixels = new Map<number, Uint8Array>();
  for await (const group of footage.groups({ from: 0, to: footage.table.timestampsUs.length })) {
    const exact = group.exactKeyframe?.();
    if (group.keyframe !== undefined && exact !== undefined) {
      const [alone, again] = [pixelsOf(group.keyframe), pixelsOf(exact)];
      const difference = alone.reduce((sum, value, at) => sum + Math.abs(value - (again[at] ?? 0)), 0);
      // Edges between blocks alone are not smoothed, and 32 × 24 px show little of them.
      expect(difference / alone.length).toBeLessThan(2);
      pixels.set(group.range.from, again);
    }
    exact?.[Symbol.dispose]();
    for await (const frame of group.frames()) {
      pixels.set(frame.index, pixelsOf(frame));
      frame[Symbol.dispose]();
    }
    group[Symbol.dispose]();
  }
  return pixels;
}

const rows = (frames: readonly NaiveFrame[]): Map<number, Uint8Array> =>
  new Map(frames.map(({ pixels }, index) => [index, pixels]));

describe.each(footageCases)('footage with $name', ({ make, hasSoundTimes }) => {
  const path = make();
  // Sorting by time is no oracle where times are not sound: decoding gives presentation order by itself.
  const oracle = naiveDecode(path, gray);

  it('has every frame, in order, with its time', async () => {
    await using footage = await openFootage({ path });
    const { timestampsUs, keyframes } = footage.table;
    expect(timestampsUs).toHaveLength(oracle.length);
    if (hasSoundTimes) expect([...timestampsUs]).toEqual(oracle.map(frame => frame.timestampUs));
    expect([...timestampsUs]).toEqual([...timestampsUs].sort((a, b) => a - b));
    expect(keyframes[0]).toBe(0);
    const pixels = await read(footage, 0, oracle.length);
    expect([...pixels.keys()]).toEqual(oracle.map((_, index) => index));
    if (hasSoundTimes) expect(pixels).toEqual(rows(oracle));
    expect(footage.damage).toEqual({ refusedPackets: 0, concealedFrames: 0 });
  });

  it('gives any range the frames that reading from the start gives', async () => {
    await using footage = await openFootage({ path });
    const whole = await read(footage, 0, oracle.length);
    const ranges = Array.from({ length: oracle.length }, (_, at) => {
      const from = (at * 7) % oracle.length;
      return { from, to: Math.min(oracle.length, from + 1 + (at % 4)) };
    });
    for (const { from, to } of ranges) {
      expect(await read(footage, from, to)).toEqual(new Map([...whole].slice(from, to)));
    }
  });

  it('decodes groups of pictures into the same frames, the keyframe too once it is decoded again', async () => {
    await using footage = await openFootage({ path });
    const whole = await read(footage, 0, oracle.length);
    const grouped = await readGroups(footage);
    expect(new Map([...grouped].sort(([a], [b]) => a - b))).toEqual(whole);
    expect([...grouped.keys()]).toEqual([...whole.keys()]);
    expect(footage.damage).toEqual({ refusedPackets: 0, concealedFrames: 0 });
  });

  it('gives the same with several decoder threads', async () => {
    await using single = await openFootage({ path });
    await using threaded = await openFootage({ path, decoderThreads: 3 });
    const whole = await read(single, 0, oracle.length);
    expect(await read(threaded, 0, oracle.length)).toEqual(whole);
    expect(await read(threaded, 5, 9)).toEqual(new Map([...whole].slice(5, 9)));
    expect(await readGroups(threaded)).toEqual(whole);
  });
});

describe('frames', () => {
  const path = tinyClip('frames.mp4', { bFrames: 2 });

  it('hands out the wanted frames alone', async () => {
    await using footage = await openFootage({ path });
    const asked: number[] = [];
    const wanted = (index: number): boolean => {
      asked.push(index);
      return index % 4 === 1;
    };
    expect([...(await read(footage, 3, 20, wanted)).keys()]).toEqual([5, 9, 13, 17]);
    expect(asked).toEqual(Array.from({ length: 17 }, (_, at) => at + 3));
  });

  it('goes on where the last range ended, and after a consumer that broke off', async () => {
    await using footage = await openFootage({ path });
    const whole = await read(footage, 0, 30);
    for await (const frame of footage.frames({ from: 0, to: 30 }, all)) {
      frame[Symbol.dispose]();
      if (frame.index === 11) break;
    }
    expect(await read(footage, 12, 15)).toEqual(new Map([...whole].slice(12, 15)));
    expect(await read(footage, 15, 30)).toEqual(new Map([...whole].slice(15)));
    expect((await read(footage, 29, 30)).size).toBe(1);
  });

  it('serves two readers that take turns', async () => {
    await using footage = await openFootage({ path });
    const [one, other] = [footage.frames({ from: 0, to: 6 }, all), footage.frames({ from: 20, to: 26 }, all)];
    const [a, b] = [one[Symbol.asyncIterator](), other[Symbol.asyncIterator]()];
    const seen: number[] = [];
    for (let turn = 0; turn < 6; turn++) {
      for (const reader of [a, b]) {
        const { value } = await reader.next();
        seen.push(value.index);
        value[Symbol.dispose]();
      }
    }
    expect(seen).toEqual([0, 20, 1, 21, 2, 22, 3, 23, 4, 24, 5, 25]);
  });

  it('keeps pictures that are held while it decodes on, even after the footage is closed', async () => {
    const footage = await openFootage({ path });
    const whole = await read(footage, 0, 30);
    const held: Frame[] = [];
    for await (const frame of footage.frames({ from: 0, to: 30 }, all)) held.push(frame);
    await footage[Symbol.asyncDispose]();
    expect(new Map(held.map(frame => [frame.index, pixelsOf(frame)]))).toEqual(whole);
    for (const frame of held) frame[Symbol.dispose]();
  });

  it('throws INGEST_FRAME_DISPOSED for any use after disposal', async () => {
    await using footage = await openFootage({ path });
    for await (const frame of footage.frames({ from: 0, to: 1 }, all)) {
      expect([frame.streamId, frame.width, frame.height, frame.damaged]).toEqual(['frames', 96, 64, false]);
      frame[Symbol.dispose]();
      expect(() => frame[Symbol.dispose]()).toThrow(expect.objectContaining({ code: 'INGEST_FRAME_DISPOSED' }));
      expect(() => frame.pixels(gray)).toThrow(expect.objectContaining({ code: 'INGEST_FRAME_DISPOSED' }));
      expect(() => frame.width).toThrow(expect.objectContaining({ code: 'INGEST_FRAME_DISPOSED' }));
    }
  });

  it('throws INGEST_RANGE_INVALID for a range outside the footage, or groups not from a keyframe', async () => {
    await using footage = await openFootage({ path });
    const invalid = expect.objectContaining({ code: 'INGEST_RANGE_INVALID' });
    for (const [from, to] of [
      [-1, 3],
      [4, 3],
      [0, 31],
      [0.5, 3],
    ] as const) {
      expect(() => footage.frames({ from, to }, all)).toThrow(invalid);
    }
    expect(() => footage.groups({ from: 5, to: 30 })).toThrow(invalid);
  });

  it('throws INGEST_FOOTAGE_CLOSED after disposal', async () => {
    const footage = await openFootage({ path });
    await footage[Symbol.asyncDispose]();
    const closed = expect.objectContaining({ code: 'INGEST_FOOTAGE_CLOSED' });
    expect(() => footage.frames({ from: 0, to: 1 }, all)).toThrow(closed);
    expect(() => footage.groups({ from: 0, to: 1 })).toThrow(closed);
    await footage[Symbol.asyncDispose]();
  });

  it('throws INGEST_FOOTAGE_CLOSED when it is closed while it is read', async () => {
    const footage = await openFootage({ path });
    const range = { from: 0, to: 30 };
    const frames = footage.frames(range, all)[Symbol.asyncIterator]();
    const groups = footage.groups(range)[Symbol.asyncIterator]();
    (await frames.next()).value[Symbol.dispose]();
    const group = (await groups.next()).value;
    const inside = group.frames()[Symbol.asyncIterator]();
    (await inside.next()).value[Symbol.dispose]();
    await footage[Symbol.asyncDispose]();
    const closed = expect.objectContaining({ code: 'INGEST_FOOTAGE_CLOSED' });
    await expect(frames.next()).rejects.toThrow(closed);
    await expect(groups.next()).rejects.toThrow(closed);
    // What is held already can still be decoded.
    (await inside.next()).value[Symbol.dispose]();
    await inside.return?.();
    group[Symbol.dispose]();
  });
});

describe('groups', () => {
  const path = tinyClip('groups.mp4', { bFrames: 2 });

  it('come with their keyframe, range and the compressed bytes that they hold', async () => {
    await using footage = await openFootage({ path });
    const ranges = [];
    let heldBytes = 0;
    for await (const group of footage.groups({ from: 10, to: 30 })) {
      ranges.push(group.range);
      heldBytes += group.heldBytes;
      expect(group.keyframe?.index).toBe(group.range.from);
      group[Symbol.dispose]();
    }
    expect(ranges).toEqual([
      { from: 10, to: 20 },
      { from: 20, to: 30 },
    ]);
    expect(heldBytes).toBeGreaterThan(0);
    expect(heldBytes).toBeLessThan(footage.info.sizeBytes);
  });

  it('can be decoded later, while others are read', async () => {
    await using footage = await openFootage({ path });
    const whole = await read(footage, 0, 30);
    const held = [];
    for await (const group of footage.groups({ from: 0, to: 30 })) held.push(group);
    const inside = held.map(group => group.frames()[Symbol.asyncIterator]());
    const seen = new Map<number, Uint8Array>();
    for (let turn = 0; turn < 9; turn++) {
      for (const frames of inside) {
        const { value } = await frames.next();
        seen.set(value.index, pixelsOf(value));
        value[Symbol.dispose]();
      }
    }
    for (const frames of inside) expect((await frames.next()).done).toBe(true);
    for (const group of held) group[Symbol.dispose]();
    for (const [index, pixels] of seen) expect(pixels).toEqual(whole.get(index));
    expect(seen.size).toBe(27);
  });

  it('let go of a keyframe that was disposed already, and dispose once', async () => {
    await using footage = await openFootage({ path });
    for await (const group of footage.groups({ from: 0, to: 10 })) {
      group.keyframe?.[Symbol.dispose]();
      group[Symbol.dispose]();
      const disposed = expect.objectContaining({ code: 'INGEST_GROUP_DISPOSED' });
      expect(() => group[Symbol.dispose]()).toThrow(disposed);
      expect(() => group.keyframe).toThrow(disposed);
    }
  });

  it('throw INGEST_GROUP_READ_TWICE when their frames are asked for again', async () => {
    await using footage = await openFootage({ path });
    for await (const group of footage.groups({ from: 0, to: 10 })) {
      for await (const frame of group.frames()) frame[Symbol.dispose]();
      const again = group.frames()[Symbol.asyncIterator]();
      await expect(again.next()).rejects.toThrow(expect.objectContaining({ code: 'INGEST_GROUP_READ_TWICE' }));
      group[Symbol.dispose]();
    }
  });
});

describe('damage', () => {
  const clean = tinyClip('clean.mp4', { bFrames: 2, frames: 60, width: 320, height: 240 });
  const path = damagedCopy(clean, 'damaged.mp4', { from: 0.4, to: 0.6 });

  it('is counted, and what comes after it decodes on', async () => {
    await using sound = await openFootage({ path: clean });
    await using footage = await openFootage({ path });
    expect(footage.table.timestampsUs).toEqual(sound.table.timestampsUs);
    const [before, after] = [await read(sound, 0, 60), await read(footage, 0, 60)];
    const { refusedPackets, concealedFrames } = footage.damage;
    expect(refusedPackets + concealedFrames).toBeGreaterThan(0);
    for (const index of [0, 5, 9, 50, 55, 59]) expect(after.get(index)).toEqual(before.get(index));
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('never outlasts the keyframe after next, seed %i', async seed => {
    const other = damagedCopy(clean, `damaged-${seed}.mp4`, { from: 0.4, to: 0.6, seed });
    await using sound = await openFootage({ path: clean });
    await using footage = await openFootage({ path: other });
    const [before, after] = [await read(sound, 40, 60), await read(footage, 0, 60)];
    expect(new Map([...after].filter(([index]) => index >= 40))).toEqual(before);
  });

  it('marks its frames', async () => {
    await using footage = await openFootage({ path });
    const damaged: number[] = [];
    for await (const frame of footage.frames({ from: 0, to: 60 }, all)) {
      if (frame.damaged) damaged.push(frame.index);
      frame[Symbol.dispose]();
    }
    expect(damaged.length).toBe(footage.damage.concealedFrames);
    expect(damaged.every(index => index > 9 && index < 50)).toBe(true);
  });

  it('leaves groups whose keyframe did not decode', async () => {
    await using footage = await openFootage({ path });
    const indexes: number[] = [];
    for await (const group of footage.groups({ from: 0, to: 60 })) {
      if (group.keyframe !== undefined) indexes.push(group.keyframe.index);
      for await (const frame of group.frames()) {
        indexes.push(frame.index);
        frame[Symbol.dispose]();
      }
      group[Symbol.dispose]();
    }
    expect(indexes).toEqual([...new Set(indexes)].sort((a, b) => a - b));
    expect(indexes.length).toBeGreaterThan(40);
  });
});

describe('rotation', () => {
  it.each([90, 180, 270] as const)('of %i degrees is applied to size and pixels', async rotationDegrees => {
    const upright = tinyClip('upright.mp4');
    const turned = tinyClip(`turned-${rotationDegrees}.mp4`, { rotationDegrees });
    await using one = await openFootage({ path: upright });
    await using other = await openFootage({ path: turned });
    const isSideways = rotationDegrees !== 180;
    expect([other.info.rotationDegrees, other.info.width, other.info.height]).toEqual(
      isSideways ? [rotationDegrees, 64, 96] : [rotationDegrees, 96, 64],
    );
    const [plain] = (await read(one, 0, 1)).values();
    for await (const frame of other.frames({ from: 0, to: 1 }, all)) {
      expect([frame.width, frame.height]).toEqual(isSideways ? [64, 96] : [96, 64]);
      const { width, height } = isSideways ? { width: 24, height: 32 } : gray;
      const pixels = frame.pixels({ width, height, format: 'gray' });
      const rgb = frame.pixels({ width, height, format: 'rgb' });
      expect(rgb).toHaveLength(width * height * 3);
      frame[Symbol.dispose]();
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          // Where a pixel of the turned picture lies in the upright one, 32x24.
          const at =
            rotationDegrees === 90
              ? (23 - x) * 32 + y
              : rotationDegrees === 180
                ? (23 - y) * 32 + (31 - x)
                : x * 32 + (31 - y);
          expect(pixels[y * width + x]).toBe(plain?.[at]);
        }
      }
    }
  });
});
