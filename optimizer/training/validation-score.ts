/** How good a model is on later rows; less is better, and `compareValidation` says how. */
export interface ValidationScore {
  /**
   * Share of the rows that must go to the reference model, 0-1, so that of the positives at most the share of
   * false negatives is rejected and of the negatives at most the share of false positives accepted.
   */
  readonly referenceShare: number;
  /**
   * Mean of that share at 1, 2, 4 and 8 times the targets, 0-1: at the targets alone it hangs on a few rows, and is near 1
   * for all models that have hardly been trained.
   */
  readonly meanShare: number;
  /** Mean of both classes' mean cross-entropy in nats, 0 or more. */
  readonly logLoss: number;
}

/** Error rates that the specialized model may spend, 0-1 each. */
export interface ValidationTargets {
  readonly falseNegativeRate: number;
  readonly falsePositiveRate: number;
}

/** Least probability that counts in the log-loss: below it, float32 sigmoids carry no information. */
const leastProbability = 1e-7;

/** Multiples of the targets over which shares are averaged. */
const targetMultiples = [1, 2, 4, 8] as const;

/** Negative when `a` is better: first by the mean share that goes to the reference, then by log-loss. */
export function compareValidation(a: ValidationScore, b: ValidationScore): number {
  return a.meanShare - b.meanShare || a.logLoss - b.logLoss;
}

/**
 * What a model is worth to a cascade at its best thresholds: what it answers itself within the targets.
 * @param confidences - (n) 0-1; NaN goes to the reference.
 * @param rows - (n) labels, 0 or 1, and how much each row counts.
 */
export function scoreValidation(
  confidences: Float32Array,
  { labels, weights }: { readonly labels: Uint8Array; readonly weights: Float32Array },
  targets: ValidationTargets,
): ValidationScore {
  const totals = [0, 0];
  const losses = [0, 0];
  for (const [i, label] of labels.entries()) {
    const [weight, confidence] = [weights[i] as number, confidences[i] as number];
    const right = Math.max(label === 1 ? confidence : 1 - confidence, leastProbability);
    totals[label] = (totals[label] as number) + weight;
    losses[label] = (losses[label] as number) - weight * Math.log(right);
  }
  const [negatives = 0, positives = 0] = totals;
  const order = [...confidences.keys()].filter(i => !Number.isNaN(confidences[i]));
  order.sort((a, b) => (confidences[a] as number) - (confidences[b] as number));
  const reversed = order.toReversed();
  const prefix = (order: readonly number[], erring: 0 | 1, most: number): Prefix =>
    longestPrefix(order, most, i => [confidences[i] as number, weights[i] as number, labels[i] === erring]);
  const total = negatives + positives;
  const known = order.reduce((sum, i) => sum + (weights[i] as number), 0);
  const shares = targetMultiples.map(multiple => {
    const rejected = prefix(order, 1, Math.min(1, multiple * targets.falseNegativeRate) * positives);
    const accepted = prefix(reversed, 0, Math.min(1, multiple * targets.falsePositiveRate) * negatives);
    const all = rejected.rows + accepted.rows >= order.length;
    return total === 0 ? 1 : Math.max(0, 1 - (all ? known : rejected.weight + accepted.weight) / total);
  });
  const means = [0, 1].flatMap(label => {
    const count = totals[label] as number;
    return count > 0 ? [(losses[label] as number) / count] : [];
  });
  const logLoss = means.reduce((sum, mean) => sum + mean, 0) / Math.max(means.length, 1);
  return {
    referenceShare: shares[0] as number,
    meanShare: shares.reduce((sum, share) => sum + share, 0) / shares.length,
    logLoss: Number.isNaN(logLoss) ? Number.POSITIVE_INFINITY : logLoss,
  };
}

interface Prefix {
  readonly rows: number;
  readonly weight: number;
}

/** The longest start of a list whose erring rows weigh at most so much; rows of equal confidence stay together. */
function longestPrefix(
  order: readonly number[],
  mostErring: number,
  row: (index: number) => readonly [confidence: number, weight: number, isErring: boolean],
): Prefix {
  let [weight, erring] = [0, 0];
  let best: Prefix = { rows: 0, weight: 0 };
  for (const [k, index] of order.entries()) {
    const [confidence, own, isErring] = row(index);
    weight += own;
    if (isErring) erring += own;
    if (erring > mostErring * (1 + 1e-9)) break;
    const next = order[k + 1];
    if (next === undefined || row(next)[0] !== confidence) best = { rows: k + 1, weight };
  }
  return best;
}
