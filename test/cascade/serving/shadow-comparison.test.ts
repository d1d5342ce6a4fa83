import { expect, test } from 'vitest';
import type { ModelResult } from '../../../cascade/models/model-work.ts';
import { agrees, Shadow } from '../../../cascade/serving/shadow-comparison.ts';

const frame = { frameWidth: 10, frameHeight: 10 };
const sure = (confidence: number): ModelResult => ({ kind: 'confidence', confidence, ...frame });
const box = { x: 0, y: 0, width: 1, height: 1 };
const found = (...scores: [string, number][]): ModelResult => ({
  kind: 'detections',
  detections: scores.map(([label, score]) => ({ label, score, box })),
  ...frame,
});
const floats = (...values: number[]): ModelResult => ({
  kind: 'tensors',
  outputs: [
    { name: 'y', datatype: 'FP32', shape: [values.length], data: new Uint8Array(Float32Array.from(values).buffer) },
  ],
});

test.each<[string, ModelResult, ModelResult, boolean]>([
  ['both sides of 0.5', sure(0.49), sure(0.51), false],
  ['the same side', sure(0.51), sure(0.99), true],
  ['the same labels', found(['a', 0.6], ['b', 0.9]), found(['b', 0.5], ['a', 0.8], ['c', 0.4]), true],
  ['one label more', found(['a', 0.6]), found(['a', 0.6], ['a', 0.7]), false],
  ['close values', floats(1, 2), floats(1.0005, 2), true],
  ['other values', floats(1, 2), floats(1.01, 2), false],
  ['NaN', floats(Number.NaN), floats(Number.NaN), false],
  ['other shapes', floats(1), floats(1, 1), false],
  ['other kinds', sure(0.9), found(['a', 0.9]), false],
])('agrees: %s', (_, a, b, expected) => {
  expect(agrees(a, b)).toBe(expected);
  expect(agrees(b, a)).toBe(expected);
});

test('spreads its share evenly', () => {
  const shadow = new Shadow({ name: 'm', shadow: 2, share: 0.25 });
  expect(Array.from({ length: 8 }, () => shadow.isNext())).toEqual([
    false,
    false,
    false,
    true,
    false,
    false,
    false,
    true,
  ]);
});
