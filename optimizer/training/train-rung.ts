import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { RgbImage } from '../../ingest/index.ts';
import { randomSource } from '../random-source.ts';
import type { ClassifierCandidate } from './classifier-candidate.ts';
import { layOutClassifier } from './classifier-layout.ts';
import { buildForwardGraph } from './export-classifier.ts';
import { cutPicture, type LabeledCrops } from './labeled-crops.ts';
import { drawParameters } from './parameters.ts';
import { SampleBatches } from './sample-batches.ts';
import { buildTrainingGraph } from './training-graph.ts';
import { startState, TrainingSession, type TrainingState } from './training-session.ts';
import {
  compareValidation,
  scoreValidation,
  type ValidationScore,
  type ValidationTargets,
} from './validation-score.ts';

/** Pictures a step. Measured on one thread: 32 to 128 train as many samples a second; fewer learn from more steps. */
export const trainingBatch = 64;

/** Highest learning rate: that of the fixtures' networks, lower for the larger batch's sake. */
const peakRate = 2e-3;

/** Learning rate at the end of a rung, as a share of the highest. */
const lastShare = 0.02;

/** Steps over which the rate rises at the very beginning, when Adam's moments still say little. */
const warmUpSteps = 20;

/** Most looks at the validation rows in one rung; the last is after its last step. */
const mostCheckpoints = 4;

/** Training samples a validation row at least: so looking takes at most a twelfth of the time of learning. */
const samplesPerValidationRow = 4;

/** Validation rows scored at once. */
const validationBatch = 256;

/** The best that a candidate has been so far. */
export interface BestParameters {
  readonly parameters: Float32Array;
  readonly validation: ValidationScore;
}

/** What a rung ends with and the next begins with. */
export interface RungState {
  readonly training: TrainingState;
  /** Null before the first rung. */
  readonly best: BestParameters | null;
}

/** How one candidate is trained on for a while. */
export interface RungOptions {
  readonly candidate: ClassifierCandidate;
  /** Steps to take, 1 or more. */
  readonly steps: number;
  /** Null: begins with random parameters. */
  readonly state: RungState | null;
  /** Seed of parameters, order and disturbance: the same gives the same result on the same machine. */
  readonly seed: number;
  readonly targets: ValidationTargets;
}

/** Pictures in memory, cut to what the candidate looks at. */
export interface RungData {
  readonly train: LabeledCrops;
  readonly validation: LabeledCrops;
  /** The empty scene's crop (height, width, 3) uint8; null for raw models. */
  readonly scene: Uint8Array | null;
}

/**
 * The empty scene as a candidate sees it: cut from the scene of its input's size; null for raw models.
 * @throws Error - when there is no scene of that size.
 */
export function cutScene(scenes: readonly RgbImage[], candidate: ClassifierCandidate): Uint8Array | null {
  if (candidate.normalization === 'raw') return null;
  const { request, crop } = candidate.view;
  const scene = scenes.find(({ width, height }) => width === request.width && height === request.height);
  if (scene === undefined) throw new Error(`There is no scene for ${candidate.id}.`);
  const bytes = new Uint8Array(crop.width * crop.height * 3);
  cutPicture(scene.bytes, scene.width, crop, bytes);
  return bytes;
}

/**
 * Trains one candidate for some steps and keeps the parameters that were best on the validation rows. The learning rate
 * falls along half a cosine within each rung and starts anew with the next (Loshchilov and Hutter 2017), so that every
 * rung ends with a settled model. Blocks the thread.
 * @param onStep - Told after each step, 1 and up.
 */
export async function trainRung(
  options: RungOptions,
  data: RungData,
  onStep: (step: number) => void,
): Promise<RungState> {
  const { candidate, steps, seed, targets } = options;
  const { view, network } = candidate;
  const random = randomSource(seed);
  const { scene } = data;
  const start = options.state?.training ?? startState(drawParameters(layOutClassifier(network, view.crop), random));
  await using session = await TrainingSession.create(
    buildTrainingGraph(candidate, { scene, batch: trainingBatch }),
    start,
  );
  await using validation = await ValidationRun.create(candidate, { scene, rows: data.validation });
  const batches = new SampleBatches(data.train, { batch: trainingBatch, random });
  const checkpoints = countCheckpoints(steps, data.validation.labels.length);
  const dims = [trainingBatch, 1];
  let best = options.state?.best ?? null;
  for (let step = 1; step <= steps; step++) {
    const { crops, labels, weights } = batches.next();
    const feeds = {
      crops: new Tensor('uint8', crops, [trainingBatch, view.crop.height, view.crop.width, 3]),
      labels: new Tensor('float32', labels, dims),
      weights: new Tensor('float32', weights, dims),
    };
    await session.step(feeds, learningRate(step, steps, start.steps));
    if (Math.floor((step * checkpoints) / steps) > Math.floor(((step - 1) * checkpoints) / steps)) {
      const { parameters } = session.state;
      const score = await validation.score(parameters, targets);
      if (best === null || compareValidation(score, best.validation) < 0) best = { parameters, validation: score };
    }
    onStep(step);
  }
  return { training: session.state, best };
}

function countCheckpoints(steps: number, validationRows: number): number {
  const affordable = Math.floor((steps * trainingBatch) / (samplesPerValidationRow * Math.max(validationRows, 1)));
  return Math.min(Math.max(affordable, 1), mostCheckpoints, steps);
}

function learningRate(step: number, steps: number, stepsBefore: number): number {
  const part = step / steps;
  const warmth = Math.min(1, (stepsBefore + step) / warmUpSteps);
  return warmth * peakRate * (lastShare + ((1 - lastShare) * (1 + Math.cos(Math.PI * part))) / 2);
}

/** Scores the validation rows with changing parameters. */
class ValidationRun implements AsyncDisposable {
  readonly #session: InferenceSession;
  readonly #rows: LabeledCrops;
  readonly #dims: readonly number[];

  static async create(
    candidate: ClassifierCandidate,
    { scene, rows }: { readonly scene: Uint8Array | null; readonly rows: LabeledCrops },
  ): Promise<ValidationRun> {
    const session = await InferenceSession.create(buildForwardGraph(candidate, scene), {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    return new ValidationRun(session, rows, [candidate.view.crop.height, candidate.view.crop.width, 3]);
  }

  private constructor(session: InferenceSession, rows: LabeledCrops, dims: readonly number[]) {
    this.#session = session;
    this.#rows = rows;
    this.#dims = dims;
  }

  async score(parameters: Float32Array, targets: ValidationTargets): Promise<ValidationScore> {
    const { crops, cropBytes, labels } = this.#rows;
    const confidences = new Float32Array(labels.length);
    const p = new Tensor('float32', parameters, [parameters.length]);
    for (let from = 0; from < labels.length; from += validationBatch) {
      const to = Math.min(from + validationBatch, labels.length);
      const chunk = new Tensor('uint8', crops.subarray(from * cropBytes, to * cropBytes), [to - from, ...this.#dims]);
      const { probability } = await this.#session.run({ crops: chunk, p });
      confidences.set(probability?.data as Float32Array, from);
    }
    return scoreValidation(confidences, this.#rows, targets);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }
}
