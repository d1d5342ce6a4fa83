import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomSource } from '../../../optimizer/index.ts';
import { readLabeledCrops } from '../../../optimizer/training/labeled-crops.ts';
import { SampleBatches } from '../../../optimizer/training/sample-batches.ts';
import { thinRows } from '../../../optimizer/training/training-rows.ts';
import { toyPictures, toyRegion } from './toy-pictures.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-sampling-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('readLabeledCrops', () => {
  it('reads rows of several files in order and cuts them', async () => {
    const { request, crop } = toyRegion;
    const { pictures, labels } = toyPictures(6, randomSource(1), { view: toyRegion });
    const file = async (name: string, from: number, to: number) => {
      const path = join(folder, name);
      const length = pictures.length / 6;
      await writeFile(path, pictures.subarray(from * length, to * length));
      return [{ path, request, rows: to - from }];
    };
    const set = await readLabeledCrops(
      [
        { pictures: await file('a', 0, 4), rows: Uint32Array.of(1, 3), labels: labels.subarray(0, 2) },
        {
          pictures: await file('b', 4, 6),
          rows: Uint32Array.of(0),
          labels: Uint8Array.of(1),
          weights: Float32Array.of(3),
        },
      ],
      toyRegion,
    );
    expect([...set.labels]).toEqual([labels[0], labels[1], 1]);
    expect([...set.weights]).toEqual([1, 1, 3]);
    for (const [n, row] of [1, 3, 4].entries()) {
      for (let i = 0; i < set.cropBytes; i++) {
        const [y, x] = [Math.floor(i / 3 / crop.width), Math.floor(i / 3) % crop.width];
        const at = ((row * request.height + crop.top + y) * request.width + crop.left + x) * 3 + (i % 3);
        expect(set.crops[n * set.cropBytes + i]).toBe(pictures[at]);
      }
    }
  });

  it('names the pictures that are missing', async () => {
    const part = { pictures: [], rows: Uint32Array.of(0), labels: Uint8Array.of(1) };
    await expect(readLabeledCrops([part], toyRegion)).rejects.toThrow('20x13 px');
  });
});

describe('SampleBatches', () => {
  const set = (count: number, positives: number) => ({
    crops: Uint8Array.from({ length: count * 3 }, (_, i) => 100 + Math.floor(i / 3)), // one pixel each
    cropBytes: 3,
    labels: Uint8Array.from({ length: count }, (_, i) => (i < positives ? 1 : 0)),
    weights: new Float32Array(count).fill(1),
  });

  it('weighs both classes alike, of which each has a quarter at least', () => {
    for (const [positives, expected] of [
      [1, 4],
      [6, 5],
      [10, 8],
      [19, 12],
    ] as const) {
      const { labels, weights } = new SampleBatches(set(20, positives), {
        batch: 16,
        random: randomSource(1),
      }).next();
      const sum = (label: number) =>
        weights.reduce((total, weight, i) => total + (labels[i] === label ? weight : 0), 0);
      expect(labels.filter(label => label === 1).length).toBe(expected);
      expect(sum(1)).toBeCloseTo(8);
      expect(sum(0)).toBeCloseTo(8);
    }
  });

  it('goes through all pictures before it comes to one again, and changes brightness within bounds', () => {
    const batches = new SampleBatches(set(16, 8), { batch: 8, random: randomSource(2) });
    const seen = new Set<number>();
    for (let i = 0; i < 2; i++) {
      const { crops } = batches.next();
      for (let n = 0; n < 8; n++) {
        const value = crops[3 * n] as number; // of 100 to 115
        expect(value).toBeGreaterThanOrEqual(85);
        expect(value).toBeLessThanOrEqual(128);
        seen.add(value);
      }
    }
    expect(seen.size).toBeGreaterThan(8);
  });
});

describe('thinRows', () => {
  const part = (labels: readonly number[]) => ({
    pictures: [],
    rows: Uint32Array.from(labels, (_, i) => i),
    labels: Uint8Array.from(labels),
  });
  const rare = [...Array(500).keys()].map(i => (i % 50 === 7 ? 1 : 0)); // 10 of 500

  it('keeps all rows where they are few', () => {
    const parts = [part([0, 1, 0])];
    expect(thinRows(parts, 3)).toEqual(parts);
  });

  it('keeps a rare class, spreads both over time, and keeps the sum of the weights', () => {
    const thinned = thinRows([part(rare), part(rare)], 100);
    const all = thinned.flatMap(({ labels, weights }) => [...labels].map((label, i) => [label, weights?.[i] ?? 0]));
    expect(all.length).toBe(100);
    for (const [label, kept, total] of [
      [1, 20, 20],
      [0, 80, 980],
    ] as const) {
      const own = all.filter(([of]) => of === label);
      expect(own.length).toBe(kept);
      expect(own.reduce((sum, [, weight = 0]) => sum + weight, 0)).toBeCloseTo(total);
    }
    const negatives = [...(thinned[0]?.rows ?? [])].filter((_, i) => thinned[0]?.labels[i] === 0);
    const gaps = negatives.slice(1).map((row, i) => row - (negatives[i] as number));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(15); // 12.25 on average
  });

  it('thins both classes alike when none is rare', () => {
    const [thinned] = thinRows([part([...Array(400).keys()].map(i => i % 2))], 100);
    expect(thinned?.labels.filter(label => label === 1).length).toBe(50);
    expect(thinned?.weights?.every(weight => weight === 4)).toBe(true);
  });
});
