import { describe, expect, it } from 'vitest';
import { fitLogistic, type LogisticSamples } from '../../../optimizer/pictures/logistic-regression.ts';
import { seeded } from '../../cascade/random.ts';

function samplesOf(seed: number, { n, d, l2 }: { n: number; d: number; l2: number }): LogisticSamples {
  const random = seeded(seed);
  const truth = Array.from({ length: d }, () => 4 * random() - 2);
  const features = Float64Array.from({ length: n * d }, () => 3 * random() - 1.5);
  const targets = Uint8Array.from({ length: n }, (_, i) => {
    const logit = truth.reduce((sum, weight, j) => sum + weight * (features[i * d + j] ?? 0), -0.5);
    return Number(random() < 1 / (1 + Math.exp(-logit)));
  });
  return { features, targets, l2 };
}

/** The loss by its definition. */
function naiveLoss({ features, targets, l2 }: LogisticSamples, weights: readonly number[], bias: number): number {
  const n = targets.length;
  const d = features.length / n;
  const positives = Array.from(targets).filter(target => target === 1).length;
  let loss = (l2 / 2) * weights.reduce((sum, weight) => sum + weight * weight, 0);
  for (let i = 0; i < n; i++) {
    const logit = weights.reduce((sum, weight, j) => sum + weight * (features[i * d + j] ?? 0), bias);
    const probability = 1 / (1 + Math.exp(-logit));
    if (targets[i] === 1) loss -= (0.5 / positives) * Math.log(probability);
    else loss -= (0.5 / (n - positives)) * Math.log(1 - probability);
  }
  return loss;
}

describe.each([
  { n: 40, d: 1, l2: 0.01 },
  { n: 200, d: 4, l2: 0.01 },
  { n: 300, d: 25, l2: 0.001 },
  // Fewer samples than features: the penalty alone makes the optimum unique.
  { n: 20, d: 30, l2: 0.1 },
])('a fit of $n samples with $d features', ({ n, d, l2 }) => {
  const samples = samplesOf(n + d, { n, d, l2 });
  const fit = fitLogistic(samples);

  it('has no slope left, by finite differences of the definition', () => {
    if (fit === null) return expect.unreachable();
    const weights = [...fit.weights];
    const h = 1e-5;
    for (let j = 0; j <= d; j++) {
      const moved = (by: number): number =>
        j === d
          ? naiveLoss(samples, weights, fit.bias + by)
          : naiveLoss(samples, weights.with(j, (weights[j] ?? 0) + by), fit.bias);
      expect((moved(h) - moved(-h)) / (2 * h)).toBeCloseTo(0, 6);
    }
  });

  it('is the same every time', () => expect(fitLogistic(samples)).toEqual(fit));
});

it('tells separable classes apart, with the border in the middle', () => {
  const fit = fitLogistic({ features: Float64Array.of(1, 2, 4, 5), targets: [0, 0, 1, 1], l2: 1e-4 });
  expect(fit?.weights[0]).toBeGreaterThan(1);
  expect(-(fit?.bias ?? 0) / (fit?.weights[0] ?? 1)).toBeCloseTo(3, 6);
});

it('weighs both classes alike, however many samples they have', () => {
  const many = [0, 0, 0, 0, 0, 0, 0, 0, 1, 2];
  const features = Float64Array.from([...many, ...[3, 1]]);
  const targets = [...many.map(() => 0), 1, 1];
  const repeated = { features: Float64Array.from([...features, 3, 1, 3, 1]), targets: [...targets, 1, 1, 1, 1] };
  const fit = fitLogistic({ features, targets, l2: 0.01 });
  const again = fitLogistic({ ...repeated, l2: 0.01 });
  expect(again?.bias).toBeCloseTo(fit?.bias ?? Number.NaN, 8);
  expect(again?.weights[0]).toBeCloseTo(fit?.weights[0] ?? Number.NaN, 8);
});

it('gives nothing for one class, and stays finite on features that never vary', () => {
  expect(fitLogistic({ features: Float64Array.of(1, 2), targets: [1, 1], l2: 0.01 })).toBeNull();
  const fit = fitLogistic({ features: Float64Array.of(0, 0, 0, 0), targets: [0, 0, 0, 1], l2: 0.01 });
  expect(fit?.weights[0]).toBe(0);
  expect(fit?.bias).toBeCloseTo(0, 8);
});
