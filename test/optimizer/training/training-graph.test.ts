import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LoadedModel } from '../../../cascade/index.ts';
import {
  adam,
  type ClassifierCandidate,
  classifierCandidate,
  drawParameters,
  exportClassifier,
  type RandomSource,
  randomSource,
  startState,
  storeClassifier,
  TrainingSession,
} from '../../../optimizer/index.ts';
import { layOutClassifier } from '../../../optimizer/training/classifier-layout.ts';
import { cutPicture } from '../../../optimizer/training/labeled-crops.ts';
import { buildTrainingGraph } from '../../../optimizer/training/training-graph.ts';
import { logit64 } from './forward64.ts';
import { toyCandidate, toyLinear, toyPictures, toyRegion, toyScene, toyView } from './toy-pictures.ts';

const batch = 3;
const candidates: [string, ClassifierCandidate][] = [
  ['two convolutions', toyCandidate([3, 4])],
  ['four convolutions', toyCandidate([3, 3, 4, 4], 'scene')],
  ['a region', toyCandidate([3, 4], 'scene', toyRegion)],
  ['a linear model', classifierCandidate({ network: toyLinear, normalization: 'scene', view: toyView })],
  ['a linear model of a region', classifierCandidate({ network: toyLinear, normalization: 'scene', view: toyRegion })],
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-training-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Random parameters, biases too, and a few pictures. */
function setUp(candidate: ClassifierCandidate) {
  const { view, normalization } = candidate;
  const random = randomSource(3);
  const layout = layOutClassifier(candidate.network, view.crop);
  const values = drawParameters(layout, random);
  for (const { fanIn, offset, size } of layout.parameters) {
    for (let i = 0; fanIn === 0 && i < size; i++) values[offset + i] = 0.1 * random.normal();
  }
  const { pictures } = toyPictures(batch, random, { view });
  const length = pictures.length / batch;
  const whole = Array.from({ length: batch }, (_, n) => pictures.subarray(n * length, (n + 1) * length));
  const cut = (picture: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(view.crop.width * view.crop.height * 3);
    cutPicture(picture, view.request.width, view.crop, bytes);
    return bytes;
  };
  const scene = normalization === 'scene' ? toyScene(view) : null;
  return { layout, values, random, whole, crops: whole.map(cut), scene, sceneCrop: scene === null ? null : cut(scene) };
}

async function step(candidate: ClassifierCandidate, random: RandomSource, set: ReturnType<typeof setUp>) {
  const labels = Float32Array.from({ length: batch }, (_, n) => n % 2);
  const weights = Float32Array.from({ length: batch }, () => random.between(0.5, 2));
  const model = buildTrainingGraph(candidate, { scene: set.sceneCrop, batch });
  await using session = await TrainingSession.create(model, startState(set.values));
  const { height, width } = candidate.view.crop;
  const crops = Uint8Array.from(set.crops.flatMap(crop => [...crop]));
  const feeds = {
    crops: new Tensor('uint8', crops, [batch, height, width, 3]),
    labels: new Tensor('float32', labels, [batch, 1]),
    weights: new Tensor('float32', weights, [batch, 1]),
  };
  const loss = await session.step(feeds, 1e-3);
  return { loss, labels, weights, state: session.state };
}

describe('buildTrainingGraph', () => {
  it.each(candidates)('agrees with float64 finite differences: %s', async (_, candidate) => {
    const set = setUp(candidate);
    const { loss, labels, weights, state } = await step(candidate, set.random, set);
    const lossOf = (p: Float64Array): number =>
      set.whole.reduce((sum, picture, n) => {
        const z = logit64(candidate, p, { picture, scene: set.scene });
        const entropy = Math.log1p(Math.exp(-Math.abs(z))) + Math.max(z, 0) - (labels[n] as number) * z;
        return sum + ((weights[n] as number) * entropy) / batch;
      }, 0);
    const p = Float64Array.from(set.values);
    expect(loss).toBeCloseTo(lossOf(p), 5);
    // From m = 0, Adam's first moment after one step is (1 - beta1) * gradient.
    const gradient = state.firstMoments.map(moment => moment / (1 - adam.beta1));
    const difference = 1e-6;
    for (const { name, offset, size } of set.layout.parameters) {
      for (let probe = 0; probe < 8; probe++) {
        const at = offset + set.random.below(size);
        const kept = p[at] as number;
        p[at] = kept + difference;
        const above = lossOf(p);
        p[at] = kept - difference;
        const expected = (above - lossOf(p)) / (2 * difference);
        p[at] = kept;
        expect(Math.abs((gradient[at] as number) - expected), `${name}[${at - offset}]`).toBeLessThan(
          1e-5 * (1 + Math.abs(expected)),
        );
      }
    }
    expect(gradient.some(value => value !== 0)).toBe(true);
  });
});

describe('exportClassifier', () => {
  it.each(candidates)('answers as the training graph does, from a repository: %s', async (_, candidate) => {
    const set = setUp(candidate);
    const model = exportClassifier(candidate, { parameters: set.values, scene: set.sceneCrop });
    const options = { model, folder, name: candidate.id, label: 'square' };
    const stored = await storeClassifier(options);
    expect(stored.declaration).toMatchObject({
      input: { shape: ['N', candidate.view.request.height, candidate.view.request.width, 3], dtype: 'uint8' },
      head: { kind: 'binary' },
      labels: ['square'],
    });
    expect(await storeClassifier(options)).toEqual(stored);
    await using loaded = await LoadedModel.load(stored);
    const { width, height } = candidate.view.request;
    const confidences = await loaded.confidences(
      set.whole.map(bytes => ({ width, height, bytes, frameWidth: 640, frameHeight: 360 })),
    );
    for (const [n, picture] of set.whole.entries()) {
      const z = logit64(candidate, Float64Array.from(set.values), { picture, scene: set.scene });
      expect(confidences[n]).toBeCloseTo(1 / (1 + Math.exp(-z)), 5);
    }
  });

  it('uses operators that any runtime has', async () => {
    const candidate = toyCandidate([3, 4], 'scene', toyRegion);
    const set = setUp(candidate);
    const bytes = exportClassifier(candidate, { parameters: set.values, scene: set.sceneCrop });
    expect(Buffer.from(bytes).includes('FusedMatMul')).toBe(false);
    const session = await InferenceSession.create(bytes);
    expect([session.inputNames, session.outputNames]).toEqual([['frames'], ['probability']]);
    await session.release();
  });
});
