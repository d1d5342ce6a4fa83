import { blockErrors, type DifferenceDetectorConfig, type DifferenceMetric } from '../../cascade/index.ts';
import type { DifferenceCandidate } from '../candidate-scores.ts';
import { fitLogistic } from './logistic-regression.ts';
import type { PictureTaskOf, PictureTaskResults } from './picture-tasks.ts';
import { rowCount } from './row-layout.ts';
import { type ComparisonInputs, visitComparisons } from './visit-comparisons.ts';

/**
 * Strength of the L2 penalty on weights of scaled features. Measured as AUC on the later half of one-by-one.mp4 and of a
 * synthetic camera with a flickering lamp: 0.01 learns noise of single blocks (0.78 where the global metric has 0.89, ten
 * blocks a side, 25 frames back), 10 learns little; at 1 blocks are never worse than the global metric by more than 0.01,
 * and 0.91 against 0.40 where the lamp flickers.
 */
const l2 = 1;
/**
 * Least scale of a block, as a share of the root mean square of all blocks' scales: a block in which nothing happens while
 * learning must not weigh so much that later noise in it decides. Measured likewise: one scale for all blocks misses what
 * happens in faint ones (0.77 instead of 0.91 on the synthetic camera).
 */
const leastScale = 0.1;

/** Fits the weights of every blocked candidate. Runs in a worker process. */
export async function fitMetrics(
  { candidates, truth, ...inputs }: PictureTaskOf<'fit'>,
  progress: (share: number) => void,
): Promise<PictureTaskResults['fit']> {
  const fitted: (DifferenceMetric | null)[] = [];
  for (const candidate of candidates) {
    fitted.push(await fitMetric(candidate, truth, inputs));
    progress(fitted.length / candidates.length);
  }
  return fitted;
}

async function fitMetric(
  candidate: DifferenceCandidate,
  truth: Uint8Array,
  inputs: ComparisonInputs,
): Promise<DifferenceMetric | null> {
  const { detector } = candidate;
  if (detector.metric.kind === 'global') return detector.metric;
  const { features, targets } = await samplesOf(candidate, { ...inputs, truth, grid: detector.metric.grid });
  if (targets.length === 0) return null;
  const scales = scaleColumns(features, features.length / targets.length);
  const fit = fitLogistic({ features, targets, l2 });
  if (fit === null) return null;
  const weights = Array.from(fit.weights, (weight, i) => weight / (scales[i] as number));
  return { ...detector.metric, weights, bias: fit.bias };
}

interface SampleInputs extends ComparisonInputs {
  readonly truth: Uint8Array;
  readonly grid: number;
}

async function samplesOf(
  candidate: DifferenceCandidate,
  { truth, grid, ...inputs }: SampleInputs,
): Promise<{ features: Float64Array; targets: Uint8Array }> {
  const blocks = blockErrors(requestOf(candidate.detector), grid);
  const rows = rowCount(inputs.layout);
  const features = new Float64Array(rows * blocks.length);
  const targets = new Uint8Array(rows);
  let count = 0;
  await visitComparisons(candidate, inputs, ({ row, picture, reference, comparedWith }) => {
    blocks.measure(picture, reference, features.subarray(count * blocks.length, (count + 1) * blocks.length));
    // What the plan must notice: something there, or another label than that of the frame compared with.
    targets[count++] = comparedWith === null ? (truth[row] as number) : Number(truth[row] !== truth[comparedWith]);
  });
  return { features: features.subarray(0, count * blocks.length), targets: targets.subarray(0, count) };
}

function requestOf({ width, height, format }: DifferenceDetectorConfig): Parameters<typeof blockErrors>[0] {
  return { width, height, format };
}

/** Divides each column (n, d) by its standard deviation, or what stands in for a small one; returns the divisors. */
function scaleColumns(features: Float64Array, columns: number): Float64Array {
  const rows = features.length / columns;
  const deviations = new Float64Array(columns);
  for (let column = 0; column < columns; column++) {
    let mean = 0;
    for (let at = column; at < features.length; at += columns) mean += (features[at] as number) / rows;
    let variance = 0;
    for (let at = column; at < features.length; at += columns)
      variance += ((features[at] as number) - mean) ** 2 / rows;
    deviations[column] = Math.sqrt(variance);
  }
  const usual = Math.sqrt(deviations.reduce((sum, deviation) => sum + deviation ** 2, 0) / columns);
  const scales = deviations.map(deviation => Math.max(deviation, leastScale * usual) || 1);
  for (let at = 0; at < features.length; at++) {
    features[at] = (features[at] as number) / (scales[at % columns] as number);
  }
  return scales;
}
