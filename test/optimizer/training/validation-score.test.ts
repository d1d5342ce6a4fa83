import { describe, expect, it } from 'vitest';
import { randomSource } from '../../../optimizer/index.ts';
import { compareValidation, scoreValidation } from '../../../optimizer/training/validation-score.ts';

/** The least share by trying all pairs of thresholds, with the rule of `decide`: the oracle. */
function bruteForce(
  confidences: Float32Array,
  rows: { labels: Uint8Array; weights: Float32Array },
  targets: { falseNegativeRate: number; falsePositiveRate: number },
): number {
  const sum = (keep: (i: number) => boolean): number =>
    rows.weights.reduce((total, weight, i) => total + (keep(i) ? weight : 0), 0);
  const cuts = [-1, 2, ...confidences.filter(value => !Number.isNaN(value)), ...[...confidences].map(x => x + 1e-4)];
  const isBelow = (i: number, cut: number): boolean => (confidences[i] as number) < cut;
  const isAbove = (i: number, cut: number): boolean => (confidences[i] as number) > cut;
  const positives = sum(i => rows.labels[i] === 1);
  const negatives = sum(i => rows.labels[i] === 0);
  let least = 1;
  for (const low of cuts) {
    if (sum(i => rows.labels[i] === 1 && isBelow(i, low)) > targets.falseNegativeRate * positives + 1e-6) continue;
    for (const high of [...cuts, low]) {
      if (high < low) continue;
      if (sum(i => rows.labels[i] === 0 && isAbove(i, high)) > targets.falsePositiveRate * negatives + 1e-6) continue;
      least = Math.min(least, sum(i => !isBelow(i, low) && !isAbove(i, high)) / (positives + negatives));
    }
  }
  return least;
}

describe('scoreValidation', () => {
  it('finds the least share that must go to the reference model', () => {
    const random = randomSource(4);
    for (let round = 0; round < 30; round++) {
      const count = 5 + random.below(25);
      const labels = Uint8Array.from({ length: count }, () => random.below(2));
      // few distinct values, so that equal ones occur; now and then not a number
      const confidences = Float32Array.from(labels, label =>
        random.chance(0.05) ? Number.NaN : (random.below(6) + 4 * label) / 10,
      );
      const weights = Float32Array.from(labels, () => 1 + random.below(3));
      const targets = { falseNegativeRate: random.between(0, 0.2), falsePositiveRate: random.between(0, 0.2) };
      const { referenceShare, meanShare } = scoreValidation(confidences, { labels, weights }, targets);
      const [first = -1, ...others] = [1, 2, 4, 8].map(multiple => {
        const falseNegativeRate = multiple * targets.falseNegativeRate;
        const falsePositiveRate = multiple * targets.falsePositiveRate;
        return bruteForce(confidences, { labels, weights }, { falseNegativeRate, falsePositiveRate });
      });
      expect(referenceShare).toBeCloseTo(first, 4);
      expect(meanShare).toBeCloseTo(others.reduce((sum, share) => sum + share, first) / 4, 4);
    }
  });

  const rows = (labels: number[]) => ({
    labels: Uint8Array.from(labels),
    weights: new Float32Array(labels.length).fill(1),
  });
  const targets = { falseNegativeRate: 0.01, falsePositiveRate: 0.01 };

  it('tells equal shares apart by the log-loss, of which both classes have half', () => {
    const certain = scoreValidation(Float32Array.of(0.1, 0.1, 0.9), rows([0, 0, 1]), targets);
    const vague = scoreValidation(Float32Array.of(0.4, 0.4, 0.6), rows([0, 0, 1]), targets);
    expect([certain.referenceShare, vague.referenceShare]).toEqual([0, 0]);
    expect(certain.logLoss).toBeCloseTo(-Math.log(0.9));
    expect(compareValidation(certain, vague)).toBeLessThan(0);
  });

  it('counts a model that gives no numbers as the worst', () => {
    const nothing = scoreValidation(Float32Array.of(Number.NaN, Number.NaN), rows([0, 1]), targets);
    expect(nothing).toEqual({ referenceShare: 1, meanShare: 1, logLoss: Number.POSITIVE_INFINITY });
    expect(compareValidation(nothing, nothing)).not.toBeGreaterThan(0);
  });
});
