/** Samples of two classes. */
export interface LogisticSamples {
  /** (n, d) float64, row-major. */
  readonly features: Float64Array;
  /** (n) 0 or 1. */
  readonly targets: ArrayLike<number>;
  /** Strength of the L2 penalty, above 0: (l2 / 2) × the sum of the squared weights, beside a mean loss; bias not counted. */
  readonly l2: number;
}

/** A fitted logistic regression: the probability of class 1 is 1 / (1 + exp(−(bias + Σ weight × feature))). */
export interface LogisticFit {
  /** (d) one a feature. */
  readonly weights: Float64Array;
  readonly bias: number;
}

const mostSteps = 50;
/** Largest component of the gradient at which the optimum counts as found. */
const gradientTolerance = 1e-8;
/** Halvings of a Newton step that made things worse. */
const mostHalvings = 40;

/**
 * Fits by Newton's method with step halving; each class weighs half, however many samples it has. The problem is strictly
 * convex, so the result depends on the samples alone. Costs n × d² / 2 multiplications a step, about ten steps.
 * @returns null when one of the classes has no sample.
 */
export function fitLogistic(samples: LogisticSamples): LogisticFit | null {
  const problem = balanced(samples);
  if (problem === null) return null;
  let parameters = new Float64Array(problem.d + 1);
  let loss = lossOf(problem, parameters);
  for (let step = 0; step < mostSteps; step++) {
    const { gradient, hessian } = derivatives(problem, parameters);
    if (gradient.every(value => Math.abs(value) < gradientTolerance)) break;
    const direction = solve(hessian, gradient);
    let better: { parameters: Float64Array<ArrayBuffer>; loss: number } | undefined;
    for (let halving = 0, length = 1; halving < mostHalvings && better === undefined; halving++, length /= 2) {
      const next = parameters.map((value, i) => value - length * (direction[i] as number));
      const nextLoss = lossOf(problem, next);
      if (nextLoss < loss) better = { parameters: next, loss: nextLoss };
    }
    if (better === undefined) break;
    ({ parameters, loss } = better);
  }
  return { weights: parameters.slice(0, problem.d), bias: parameters[problem.d] as number };
}

interface Problem extends LogisticSamples {
  readonly n: number;
  readonly d: number;
  /** Weight of a sample by its class; all weights together are 1. */
  readonly classWeights: readonly [number, number];
}

function balanced(samples: LogisticSamples): Problem | null {
  const n = samples.targets.length;
  let positives = 0;
  for (let i = 0; i < n; i++) positives += samples.targets[i] as number;
  if (positives === 0 || positives === n) return null;
  return { ...samples, n, d: samples.features.length / n, classWeights: [0.5 / (n - positives), 0.5 / positives] };
}

/** Logit of a sample. */
function logit({ features, d }: Problem, parameters: Float64Array, sample: number): number {
  let sum = parameters[d] as number;
  for (let j = 0, at = sample * d; j < d; j++, at++) sum += (parameters[j] as number) * (features[at] as number);
  return sum;
}

function lossOf(problem: Problem, parameters: Float64Array): number {
  const { n, d, targets, classWeights, l2 } = problem;
  let loss = 0;
  for (let j = 0; j < d; j++) loss += (l2 / 2) * (parameters[j] as number) ** 2;
  for (let i = 0; i < n; i++) {
    const target = targets[i] as 0 | 1;
    const wrong = target === 1 ? -logit(problem, parameters, i) : logit(problem, parameters, i);
    // log(1 + exp(x)) without overflow.
    loss += classWeights[target] * (Math.max(0, wrong) + Math.log1p(Math.exp(-Math.abs(wrong))));
  }
  return loss;
}

/** Gradient (d + 1), and the lower triangle of the Hessian (d + 1, d + 1). */
function derivatives(problem: Problem, parameters: Float64Array): { gradient: Float64Array; hessian: Float64Array } {
  const { n, d, features, targets, classWeights, l2 } = problem;
  const size = d + 1;
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  for (let j = 0; j < d; j++) {
    gradient[j] = l2 * (parameters[j] as number);
    hessian[j * size + j] = l2;
  }
  const row = new Float64Array(size).fill(1);
  for (let i = 0; i < n; i++) {
    const target = targets[i] as 0 | 1;
    const probability = 1 / (1 + Math.exp(-logit(problem, parameters, i)));
    const slope = classWeights[target] * (probability - target);
    const curvature = classWeights[target] * probability * (1 - probability);
    row.set(features.subarray(i * d, (i + 1) * d));
    for (let j = 0; j < size; j++) {
      const value = row[j] as number;
      gradient[j] = (gradient[j] as number) + slope * value;
      const scaled = curvature * value;
      for (let k = 0, at = j * size; k <= j; k++, at++)
        hessian[at] = (hessian[at] as number) + scaled * (row[k] as number);
    }
  }
  return { gradient, hessian };
}

/** Solves a symmetric positive definite system, given by its lower triangle, by Cholesky's method. */
function solve(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const lower = Float64Array.from(matrix);
  const at = (i: number, j: number): number => lower[i * size + j] as number;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = at(i, j);
      for (let k = 0; k < j; k++) sum -= at(i, k) * at(j, k);
      // Rounding may turn the bias's pivot to zero when every sample is certain; the step halving copes with the rest.
      lower[i * size + j] = i === j ? Math.sqrt(Math.max(sum, Number.EPSILON * at(i, i), 1e-300)) : sum / at(j, j);
    }
  }
  const solution = Float64Array.from(right);
  for (let i = 0; i < size; i++) {
    let sum = solution[i] as number;
    for (let k = 0; k < i; k++) sum -= at(i, k) * (solution[k] as number);
    solution[i] = sum / at(i, i);
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = solution[i] as number;
    for (let k = i + 1; k < size; k++) sum -= at(k, i) * (solution[k] as number);
    solution[i] = sum / at(i, i);
  }
  return solution;
}
