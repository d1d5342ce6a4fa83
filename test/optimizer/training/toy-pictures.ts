import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ClassifierCandidate,
  type ClassifierNetwork,
  type ClassifierNormalization,
  type ClassifierView,
  classifierCandidate,
  type RandomSource,
  type TrainingData,
} from '../../../optimizer/index.ts';

/** The frame of the toy camera: gray noise, in which a bright square comes up now and then. */
export const toyView: ClassifierView = {
  name: 'whole',
  request: { width: 14, height: 10, format: 'rgb' },
  crop: { left: 0, top: 0, width: 14, height: 10 },
};

/** A part of the toy camera's frame, larger. */
export const toyRegion: ClassifierView = {
  name: 'region',
  request: { width: 20, height: 13, format: 'rgb' },
  crop: { left: 3, top: 2, width: 11, height: 9 },
};

/** A small network of the shape of the real ones. */
export function toyCandidate(
  filters: readonly number[],
  normalization: ClassifierNormalization = 'raw',
  view: ClassifierView = toyView,
): ClassifierCandidate {
  return classifierCandidate({ network: { kind: 'convolutional', filters, dense: 8 }, normalization, view });
}

/** A small linear model. */
export const toyLinear: ClassifierNetwork = { kind: 'linear', cells: 4 };

/** The empty scene of the toy camera: a gradient. */
export function toyScene({ request: { width, height } }: ClassifierView): Uint8Array {
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => 60 + (Math.floor(i / 3) % width) * 4 + (i % 3) * 5);
}

/** Pictures (n, height, width, 3) of the toy camera and whether the square is in them. */
export function toyPictures(
  count: number,
  random: RandomSource,
  { view = toyView, share = 0.3 }: { view?: ClassifierView; share?: number } = {},
): { pictures: Uint8Array; labels: Uint8Array } {
  const { width, height } = view.request;
  const scene = toyScene(view);
  const pictures = new Uint8ClampedArray(count * scene.length);
  const labels = new Uint8Array(count);
  for (let n = 0; n < count; n++) {
    const picture = pictures.subarray(n * scene.length, (n + 1) * scene.length);
    for (let i = 0; i < scene.length; i++) picture[i] = (scene[i] as number) + 8 * random.normal();
    if (!random.chance(share)) continue;
    labels[n] = 1;
    const [left, top] = [random.below(width - 3), random.below(height - 3)];
    for (let i = 0; i < 9; i++) {
      const at = ((top + Math.floor(i / 3)) * width + left + (i % 3)) * 3;
      for (let channel = 0; channel < 3; channel++) picture[at + channel] = (picture[at + channel] as number) + 70;
    }
  }
  return { pictures: new Uint8Array(pictures.buffer), labels };
}

/** Writes training and validation pictures of the toy camera to files. */
export async function toyData(
  folder: string,
  random: RandomSource,
  { train = 400, validation = 200 }: { train?: number; validation?: number } = {},
): Promise<TrainingData> {
  const part = async (name: string, count: number): Promise<TrainingData['train'][number]> => {
    const { pictures, labels } = toyPictures(count, random);
    const path = join(folder, name);
    await writeFile(path, pictures);
    return {
      pictures: [{ path, request: toyView.request, rows: count }],
      rows: Uint32Array.from({ length: count }, (_, row) => row),
      labels,
    };
  };
  const { width, height } = toyView.request;
  return {
    train: [await part('train-1.raw', train / 2), await part('train-2.raw', train / 2)],
    validation: [await part('validation.raw', validation)],
    scenes: [{ width, height, bytes: toyScene(toyView) }],
  };
}

/** Area under the ROC curve, by comparing each positive with each negative. */
export function areaUnderCurve(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  let [better, pairs] = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    for (let j = 0; j < labels.length; j++) {
      if (labels[i] !== 1 || labels[j] !== 0) continue;
      pairs++;
      const [positive, negative] = [scores[i] as number, scores[j] as number];
      better += positive > negative ? 1 : positive === negative ? 0.5 : 0;
    }
  }
  return better / pairs;
}
