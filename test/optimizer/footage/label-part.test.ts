import { describe, expect, it } from 'vitest';
import { labelPart } from '../../../optimizer/index.ts';
import { seeded } from '../../cascade/random.ts';
import { madeUpLabels, madeUpSource } from './made-up-source.ts';

describe('labelPart', () => {
  it('gives each labeled frame of the stretches a row', () => {
    const sources = [madeUpSource({ frames: 100 }), madeUpSource({ frames: 100, range: { from: 5, to: 95 } })];
    const labels = madeUpLabels(sources, 3, (source, frame) => source === 1 || frame >= 12);
    const part = labelPart({
      sources,
      labels,
      stretches: [
        { source: 0, range: { from: 3, to: 21 } },
        { source: 1, range: { from: 35, to: 45 } },
      ],
      predicate: { label: 'person' },
      smoothingMs: 0,
    });
    expect(part).toEqual({
      stretches: [
        { source: 0, range: { from: 3, to: 21 }, rows: { from: 0, to: 6 } },
        { source: 1, range: { from: 35, to: 45 }, rows: { from: 6, to: 10 } },
      ],
      step: 3,
      frames: Uint32Array.of(3, 6, 9, 12, 15, 18, 35, 38, 41, 44),
      timestampsUs: Float64Array.of(53e5, 56e5, 59e5, 62e5, 65e5, 68e5, 85e5, 88e5, 91e5, 94e5),
      keyframes: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
      rawTruth: Uint8Array.of(0, 0, 0, 1, 1, 1, 1, 1, 1, 1),
      truth: Uint8Array.of(0, 0, 0, 1, 1, 1, 1, 1, 1, 1),
    });
  });

  it('steadies labels as their definition says, within a stretch', () => {
    const random = seeded(3);
    const sources = [madeUpSource({ frames: 200, frameRateFps: 12.5 })];
    const positive = Array.from({ length: 200 }, () => random() < 0.5);
    const stretches = [
      { source: 0, range: { from: 0, to: 90 } },
      { source: 0, range: { from: 96, to: 200 } },
    ];
    const part = labelPart({
      sources,
      labels: madeUpLabels(sources, 2, (_, frame) => positive[frame] === true),
      stretches,
      predicate: { label: 'person' },
      smoothingMs: 800,
    });
    for (const { rows } of part.stretches) {
      for (let row = rows.from; row < rows.to; row++) {
        let votes = 0;
        for (let other = rows.from; other < rows.to; other++) {
          const distanceUs = Math.abs((part.timestampsUs[row] ?? 0) - (part.timestampsUs[other] ?? 0));
          if (distanceUs <= 400_000) votes += part.rawTruth[other] === 1 ? 1 : -1;
        }
        const expected = votes === 0 ? part.rawTruth[row] : Number(votes > 0);
        expect([row, part.truth[row]]).toEqual([row, expected]);
      }
    }
    expect(part.truth).not.toEqual(part.rawTruth);
  });

  it('marks keyframes, and has frames that did not decode carry the label before them', () => {
    const sources = [madeUpSource({ frames: 40, keyframeEvery: 10 })];
    const labels = madeUpLabels(sources, 1, (_, frame) => frame >= 5);
    for (const frame of [0, 7, 8]) labels.detections[0] instanceof Map && labels.detections[0].delete(frame);
    const { keyframes, rawTruth } = labelPart({
      sources,
      labels,
      stretches: [{ source: 0, range: { from: 0, to: 12 } }],
      predicate: { label: 'person' },
      smoothingMs: 0,
    });
    expect(keyframes).toEqual(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0));
    expect(rawTruth).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1));
  });
});
