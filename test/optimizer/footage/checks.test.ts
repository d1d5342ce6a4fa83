import { describe, expect, it } from 'vitest';
import { checkParts } from '../../../optimizer/footage/check-parts.ts';
import { checkTargets } from '../../../optimizer/footage/check-targets.ts';
import { emptySceneRows } from '../../../optimizer/footage/empty-scene-rows.ts';
import { labelRegion } from '../../../optimizer/footage/label-region.ts';
import type { LabeledPart } from '../../../optimizer/index.ts';
import { writeOutput } from '../../../optimizer/index.ts';

/** One stretch at 10 frames a second. */
function part(truth: readonly number[]): LabeledPart {
  const count = truth.length;
  return {
    stretches: [{ source: 0, range: { from: 0, to: count }, rows: { from: 0, to: count } }],
    step: 1,
    frames: Uint32Array.from(truth.keys()),
    timestampsUs: Float64Array.from(truth.keys(), row => row * 100_000),
    keyframes: new Uint8Array(count),
    rawTruth: Uint8Array.from(truth),
    truth: Uint8Array.from(truth),
  };
}

describe('checkTargets', () => {
  it.each([
    [{ falseNegativeRate: -0.1, falsePositiveRate: 0.1, confidence: 0.95 }],
    [{ falseNegativeRate: 0.1, falsePositiveRate: 1.1, confidence: 0.95 }],
    [{ falseNegativeRate: Number.NaN, falsePositiveRate: 0.1, confidence: 0.95 }],
    [{ falseNegativeRate: 0.1, falsePositiveRate: 0.1, confidence: 1 }],
  ])('refuses %o', targets => {
    expect(() => checkTargets(targets)).toThrow(expect.objectContaining({ code: 'OPTIMIZER_TARGET_RANGE' }));
  });

  it('takes both ends', () => {
    checkTargets({ falseNegativeRate: 0, falsePositiveRate: 1, confidence: 0.95 });
  });
});

describe('checkParts', () => {
  const mixed = part([0, 1, 0]);
  const none = part([0, 0, 0]);
  const only = part([1, 1]);

  it('refuses footage with one kind of answer', () => {
    const all = (whole: LabeledPart): object => ({ train: whole, threshold: whole, test: whole, all: whole });
    const check = (whole: LabeledPart) => () => checkParts(all(whole) as Parameters<typeof checkParts>[0]);
    expect(check(none)).toThrow(expect.objectContaining({ code: 'OPTIMIZER_NO_POSITIVES' }));
    expect(check(only)).toThrow(expect.objectContaining({ code: 'OPTIMIZER_NO_NEGATIVES' }));
  });

  it('warns of a part that lacks one', () => {
    const warnings = checkParts({ train: mixed, threshold: none, test: only, all: mixed });
    expect(warnings).toEqual([
      expect.stringContaining('threshold part has no positive'),
      expect.stringContaining('test part has no negative'),
    ]);
  });
});

describe('emptySceneRows', () => {
  it('keeps a second away from positives', () => {
    const truth = Array.from({ length: 100 }, (_, row) => (row >= 40 && row < 60 ? 1 : 0));
    const rows = [...emptySceneRows(part(truth))];
    const naive = truth.flatMap((_, row) =>
      truth.some((label, other) => label === 1 && Math.abs(row - other) < 10) ? [] : [row],
    );
    expect(rows).toEqual(naive);
  });

  it('takes any negative rows where none is far away, and none where all are positive', () => {
    expect([...emptySceneRows(part([0, 1, 0]))]).toEqual([0, 2]);
    expect([...emptySceneRows(part([1, 1]))]).toEqual([]);
  });
});

describe('labelRegion', () => {
  const found = (box: { x: number; y: number; width: number; height: number }, label = 'person') => [
    { label, score: 0.9, box },
  ];
  const labels = {
    step: 1,
    detections: [
      new Map([
        [0, found({ x: 0.2, y: 0.3, width: 0.1, height: 0.2 })],
        [1, found({ x: 0.4, y: 0.4, width: 0.1, height: 0.1 })],
        [2, found({ x: 0.9, y: 0.9, width: 0.1, height: 0.1 }, 'dog')],
      ]),
    ],
  };

  it('pads the box around what answers the query', () => {
    const region = labelRegion({ labels, part: part([1, 1, 0]), predicate: { label: 'person' } });
    // 0.2–0.5 and 0.3–0.5, a tenth on each side
    expect(region?.x).toBeCloseTo(0.17);
    expect(region?.y).toBeCloseTo(0.28);
    expect(region?.width).toBeCloseTo(0.36);
    expect(region?.height).toBeCloseTo(0.24);
  });

  it('is null for nothing', () => {
    expect(labelRegion({ labels, part: part([0, 0, 0]), predicate: { label: 'person' } })).toBeNull();
  });
});

it('says which output cannot be written', async () => {
  await expect(writeOutput('/dev/null/plan.json', '{}')).rejects.toMatchObject({ code: 'OPTIMIZER_OUTPUT_UNWRITABLE' });
});
