import { describe, expect, test } from 'vitest';
import { AverageScene } from '../../../cascade/detectors/average-scene.ts';
import { blockErrors } from '../../../cascade/detectors/blocked-mse.ts';
import { createDifferenceDetector } from '../../../cascade/detectors/create-difference-detector.ts';
import type { PixelRequest } from '../../../ingest/index.ts';
import { randomBytes, seeded } from '../random.ts';

const requests: PixelRequest[] = [
  { width: 64, height: 64, format: 'gray' },
  { width: 64, height: 64, format: 'rgb' },
  { width: 50, height: 37, format: 'gray' },
  { width: 23, height: 17, format: 'rgb' },
  { width: 1, height: 1, format: 'gray' },
  // More bytes than one chunk of 32-bit sums holds.
  { width: 301, height: 200, format: 'rgb' },
];
const channelsOf = ({ format }: PixelRequest): number => (format === 'rgb' ? 3 : 1);

describe.each(requests)('$width x $height $format', request => {
  const channels = channelsOf(request);
  const length = request.width * request.height * channels;
  const random = seeded(length);
  const a = randomBytes(length, random);
  const b = randomBytes(length, random);

  test('global agrees with the plain mean of squares', () => {
    const detector = createDifferenceDetector({ ...request, metric: { kind: 'global' } });
    expect(detector.request).toEqual(request);
    const expected = a.reduce((sum, byte, i) => sum + (byte - (b[i] ?? 0)) ** 2, 0) / length;
    expect(detector.score(a, b)).toBeCloseTo(expected, 9);
    expect(detector.score(b, a)).toBe(detector.score(a, b));
    expect(detector.score(a, a)).toBe(0);
    expect(detector.score(new Uint8Array(length), new Uint8Array(length).fill(255))).toBe(65_025);
  });

  test.each([1, 3, 10])('blocked agrees with one mean for each block and channel of a grid of %d', grid => {
    if (grid > Math.min(request.width, request.height)) return;
    const naive: number[] = [];
    for (let row = 0; row < grid; row++) {
      for (let column = 0; column < grid; column++) {
        for (let channel = 0; channel < channels; channel++) {
          const squares: number[] = [];
          for (
            let y = Math.floor((row * request.height) / grid);
            y < Math.floor(((row + 1) * request.height) / grid);
            y++
          ) {
            for (
              let x = Math.floor((column * request.width) / grid);
              x < Math.floor(((column + 1) * request.width) / grid);
              x++
            ) {
              const i = (y * request.width + x) * channels + channel;
              squares.push(((a[i] ?? 0) - (b[i] ?? 0)) ** 2);
            }
          }
          naive.push(squares.reduce((sum, square) => sum + square, 0) / squares.length);
        }
      }
    }
    const blocks = blockErrors(request, grid);
    const errors = new Float64Array(blocks.length);
    blocks.measure(a, b, errors);
    expect(errors.length).toBe(naive.length);
    errors.forEach((error, i) => {
      expect(error).toBeCloseTo(naive[i] ?? Number.NaN, 8);
    });

    const weights = naive.map(() => (random() - 0.5) / 10_000);
    const detector = createDifferenceDetector({ ...request, metric: { kind: 'blocked', grid, weights, bias: 0.3 } });
    const sum = naive.reduce((total, error, i) => total + error * (weights[i] ?? 0), 0.3);
    expect(detector.score(a, b)).toBeCloseTo(1 / (1 + Math.exp(-sum)), 10);
  });

  test('the average scene is the rounded mean', () => {
    const scene = new AverageScene(request);
    expect(scene.picture()).toBeUndefined();
    for (const picture of [a, b, a]) scene.add(picture);
    expect(scene.count).toBe(3);
    expect(scene.picture()).toEqual(a.map((byte, i) => Math.round((2 * byte + (b[i] ?? 0)) / 3)));
  });

  test('pictures of another size are refused', () => {
    const detector = createDifferenceDetector({ ...request, metric: { kind: 'global' } });
    const wrong = expect.objectContaining({ code: 'CASCADE_PICTURE_SIZE' });
    expect(() => detector.score(a.subarray(1), b)).toThrow(wrong);
    expect(() => detector.score(a, new Uint8Array(length + 1))).toThrow(wrong);
    expect(() => new AverageScene(request).add(a.subarray(1))).toThrow(wrong);
  });
});

test.each([
  [
    { width: 64, height: 64, format: 'gray', metric: { kind: 'blocked', grid: 2, weights: [1], bias: 0 } },
    'expected 4 weights, got 1',
  ],
  [
    { width: 2, height: 2, format: 'gray', metric: { kind: 'blocked', grid: 3, weights: Array(9).fill(1), bias: 0 } },
    'expected at most 2, got 3',
  ],
  [{ width: 0, height: 64, format: 'gray', metric: { kind: 'global' } }, 'width: Too small'],
] as const)('a wrong configuration is refused: %j', (config, issue) => {
  expect(() => createDifferenceDetector(config)).toThrow(
    expect.objectContaining({
      code: 'CASCADE_DIFFERENCE_DETECTOR_INVALID',
      message: expect.stringContaining(issue),
    }),
  );
});

test('comparing is far cheaper than decoding', () => {
  // Measured 6–9 µs for 64x64 gray; the bound leaves room for busy machines and still fails on a slow path.
  const rows = requests.slice(0, 2).flatMap(request => {
    const weights = Array<number>(100 * channelsOf(request)).fill(0.001);
    return [
      { request, metric: { kind: 'global' } as const },
      { request, metric: { kind: 'blocked', grid: 10, weights, bias: 0 } as const },
    ];
  });
  for (const { request, metric } of rows) {
    const detector = createDifferenceDetector({ ...request, metric });
    const random = seeded(3);
    const length = request.width * request.height * channelsOf(request);
    const [a, b] = [randomBytes(length, random), randomBytes(length, random)];
    for (let i = 0; i < 2000; i++) detector.score(a, b);
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 20; round++) {
      const started = performance.now();
      for (let i = 0; i < 50; i++) detector.score(a, b);
      best = Math.min(best, ((performance.now() - started) * 1000) / 50);
    }
    console.info(`${metric.kind} ${request.width}x${request.height} ${request.format}: ${best.toFixed(1)} µs`);
    expect(best).toBeLessThan(100);
  }
});
