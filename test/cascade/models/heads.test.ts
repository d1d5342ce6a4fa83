import { describe, expect, test } from 'vitest';
import { headKinds, headOfKind } from '../../../cascade/models/heads.ts';
import type { HeadModel } from '../../../cascade/models/model-head.ts';
import { seeded } from '../random.ts';

const random = seeded(11);
const randomFloats = (length: number, scale = 1): Float32Array => Float32Array.from({ length }, () => random() * scale);

// Few and far apart, so that the removal of duplicates (tested by itself) changes nothing.
function sparse(length: number, every: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => (i % every === 0 ? 0.9 : 0));
}

describe('yolox', () => {
  const model: HeadModel = { labels: ['a', 'b', 'c'], inputWidth: 64, inputHeight: 40 };
  const declaration = { kind: 'yolox', strides: [8, 16, 32] } as const;
  const head = headOfKind('yolox');
  // 8x5, 4x3 and 2x2 cells: sizes that the stride does not divide are rounded up.
  const cells = 40 + 12 + 4;

  test('expects one output of all cells', () => {
    expect(head.outputs(declaration, model)).toEqual([{ name: undefined, shape: ['N', cells, 8] }]);
  });

  test('decodes cell by cell for each picture of a batch', () => {
    const values = randomFloats(2 * cells * 8, 0.3);
    const covered = [
      { width: 64, height: 32 },
      { width: 50, height: 40 },
    ];
    const cellOf: { stride: number; column: number; row: number }[] = [];
    for (const stride of [8, 16, 32]) {
      for (let row = 0; row < Math.ceil(40 / stride); row++) {
        for (let column = 0; column < Math.ceil(64 / stride); column++) cellOf.push({ stride, column, row });
      }
    }
    // One cell of each grid in the first picture, another one in the second.
    const chosen = [
      [9, 44, 55],
      [20, 50, 52],
    ];
    const objectness = [0.9, 0.8, 0.7];
    for (let cell = 0; cell < 2 * cells; cell++) values[cell * 8 + 4] = 0.01;
    chosen.forEach((picture, slot) => {
      picture.forEach((cell, i) => {
        values[(slot * cells + cell) * 8 + 4] = objectness[i] ?? 0;
      });
    });
    const results = head.decoder(declaration, model, 0.05).decode([values], covered);
    results.forEach((result, slot) => {
      const area = covered[slot] ?? { width: 1, height: 1 };
      const expected = (chosen[slot] ?? []).flatMap(cell => {
        const { stride, column, row } = cellOf[cell] ?? { stride: 0, column: 0, row: 0 };
        const [dx = 0, dy = 0, w = 0, h = 0, sure = 0, ...scores] = values.subarray(
          (slot * cells + cell) * 8,
          (slot * cells + cell) * 8 + 8,
        );
        const best = Math.max(...scores);
        if (best * sure < 0.05) return [];
        const [width, height] = [(Math.exp(w) * stride) / area.width, (Math.exp(h) * stride) / area.height];
        const x = Math.max(0, ((dx + column) * stride) / area.width - width / 2);
        const y = Math.max(0, ((dy + row) * stride) / area.height - height / 2);
        const right = Math.min(1, ((dx + column) * stride) / area.width + width / 2);
        const bottom = Math.min(1, ((dy + row) * stride) / area.height + height / 2);
        if (right <= x || bottom <= y) return [];
        return [
          { label: model.labels[scores.indexOf(best)], score: best * sure, x, y, width: right - x, height: bottom - y },
        ];
      });
      expected.sort((a, b) => b.score - a.score);
      expect(expected.length).toBeGreaterThan(0);
      const found = result.kind === 'detections' ? result.detections : [];
      expect(found.map(({ label }) => label)).toEqual(expected.map(({ label }) => label));
      found.forEach(({ score, box }, i) => {
        expect(score).toBeCloseTo(expected[i]?.score ?? -1, 6);
        for (const key of ['x', 'y', 'width', 'height'] as const)
          expect(box[key]).toBeCloseTo(expected[i]?.[key] ?? -1, 6);
      });
    });
  });

  test('NaN and the score floor', () => {
    const values = new Float32Array(cells * 8).fill(Number.NaN);
    const decoder = head.decoder(declaration, model, 0.3);
    const covered = [{ width: 64, height: 40 }];
    expect(decoder.decode([values], covered)).toEqual([{ kind: 'detections', detections: [] }]);
    values.fill(0);
    values.set([0.5, 0.5, 0, 0, 0.5, 0, 0.59, 0], 0);
    expect(decoder.decode([values], covered)).toEqual([{ kind: 'detections', detections: [] }]);
    values.set([0.5, 0.5, 0, 0, 0.5, 0, 0.61, 0], 0);
    expect(decoder.decode([values], covered)).toMatchObject([{ detections: [{ label: 'b' }] }]);
  });
});

describe('pvb', () => {
  const model: HeadModel = { labels: ['vehicle', 'person', 'bike'], inputWidth: 864, inputHeight: 480 };
  const head = headOfKind('pvb');
  const declaration = { kind: 'pvb' } as const;
  const strides = [8, 16, 32, 64, 128];
  const expectations = head.outputs(declaration, model);

  test('expects three outputs a stride, grids rounded up', () => {
    expect(expectations).toHaveLength(15);
    expect(expectations.slice(9, 12)).toEqual([
      { name: 'cls_64', shape: [336, 3] },
      { name: 'ctr_64', shape: [336] },
      { name: 'reg_64', shape: [8, 14, 12] },
    ]);
  });

  test('decodes anchors by the formula of the model', () => {
    const outputs = expectations.map(({ name, shape }) => {
      const length = shape.reduce<number>((product, size) => product * (size === 'N' ? 1 : size), 1);
      if (name?.startsWith('ctr')) return sparse(length, 1009);
      return name?.startsWith('cls') ? randomFloats(length, 0.9) : randomFloats(length, 2);
    });
    const expected = strides.flatMap((stride, level) => {
      const columns = Math.ceil(864 / stride);
      const [cls = [], ctr = [], reg = []] = outputs.slice(level * 3, level * 3 + 3);
      return Array.from(ctr).flatMap((centerness, anchor) => {
        const scores = [0, 1, 2].map(i => cls[anchor * 3 + i] ?? 0);
        const score = Math.max(...scores) * centerness;
        if (score < 0.05) return [];
        const [wide, tall] = [
          [Math.SQRT2, 1 / Math.SQRT2],
          [1, 1],
          [1 / Math.SQRT2, Math.SQRT2],
        ][anchor % 3] ?? [0, 0];
        const [w, h] = [8 * stride * (wide ?? 0), 8 * stride * (tall ?? 0)];
        const [dx = 0, dy = 0, dw = 0, dh = 0] = Array.from(reg.slice(anchor * 4, anchor * 4 + 4));
        const cell = Math.floor(anchor / 3);
        const cx = (cell % columns) * stride + 0.1 * dx * w;
        const cy = Math.floor(cell / columns) * stride + 0.1 * dy * h;
        const [width, height] = [w * Math.exp(0.2 * dw), h * Math.exp(0.2 * dh)];
        const label = model.labels[scores.indexOf(Math.max(...scores))];
        const left = Math.max(0, (cx - width / 2) / 864);
        return [{ label, score, x: left, right: Math.min(1, (cx + width / 2) / 864), cy, height }];
      });
    });
    expected.sort((a, b) => b.score - a.score);
    const [result] = head.decoder(declaration, model, 0.05).decode(outputs, [{ width: 864, height: 480 }]);
    const found = result?.kind === 'detections' ? result.detections : [];
    expect(found.length).toBeGreaterThan(10);
    // Overlapping ones are gone; every one that is left is one of the expected.
    for (const { label, score, box } of found) {
      const same = expected.filter(e => e.label === label && Math.abs(e.score - score) < 1e-6);
      expect(same.some(e => Math.abs(e.x - box.x) < 1e-6 && Math.abs(e.right - box.x - box.width) < 1e-6)).toBe(true);
    }
    expect(found[0]?.score).toBeCloseTo(expected[0]?.score ?? -1, 6);
  });
});

test('binary clamps, and lets NaN through as unsure', () => {
  const model: HeadModel = { labels: ['a'], inputWidth: 8, inputHeight: 8 };
  const area = { width: 8, height: 8 };
  const decoder = headOfKind('binary').decoder({ kind: 'binary' }, model, 0.05);
  const confidences = decoder.decode([Float32Array.of(0.25, -1, 3, Number.NaN)], [area, area, area, area, area]);
  expect(confidences.map(result => (result.kind === 'confidence' ? result.confidence : undefined))).toEqual([
    0.25,
    0,
    1,
    Number.NaN,
    Number.NaN,
  ]);
});

test('an unknown head is refused with those that exist', () => {
  expect(headKinds).toEqual(['yolox', 'pvb', 'binary']);
  expect(() => headOfKind('toString')).toThrow(
    expect.objectContaining({
      code: 'CASCADE_MODEL_HEAD_UNKNOWN',
      message: expect.stringContaining('no head toString: expected one of yolox, pvb, binary'),
    }),
  );
});
