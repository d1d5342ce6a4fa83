import type { SkipRule, StoredModel } from '../cascade/index.ts';
import type { DifferenceCandidate, ScoreTable, SpecializedCandidate } from './candidate-scores.ts';
import type { LabeledPart } from './labeled-part.ts';
import type { PictureFile } from './picture-file.ts';
import { scoreDifferences } from './pictures/score-differences.ts';
import { scoreClassifiers } from './training/score-classifiers.ts';

/** A trained model with what is needed to score pictures by it. */
export interface ScoredClassifier {
  readonly candidate: SpecializedCandidate;
  readonly model: StoredModel;
}

/** What is scored by whom. */
export interface ScorePartOptions {
  readonly part: LabeledPart;
  /** Pictures of its rows, one file for each size that a candidate wants. */
  readonly pictures: readonly PictureFile[];
  readonly skips: readonly SkipRule[];
  readonly differences: readonly DifferenceCandidate[];
  readonly classifiers: readonly ScoredClassifier[];
  /** Path of the picture of the empty scene; null when there is none. */
  readonly scenePath: string | null;
  /** Processes side by side, 1 or more. */
  readonly workers: number;
  /** Told the share of the work that is done, 0–1. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

/** Lets every candidate score every row of a part, in worker processes. */
export async function scorePart(options: ScorePartOptions): Promise<ScoreTable> {
  const { part, pictures, skips, differences, classifiers, scenePath, workers, onProgress } = options;
  const compared = await scoreDifferences({
    part,
    pictures,
    candidates: differences,
    scene: scenePath === null ? null : { path: scenePath },
    onProgress: share => onProgress?.(share / 2),
  });
  const models = classifiers.map(({ model }) => ({ model, pictures: picturesFor(model, pictures) }));
  const scores = await scoreClassifiers({ models, workers, onProgress: share => onProgress?.((1 + share) / 2) });
  return {
    part,
    skips,
    differences: compared,
    specialized: classifiers.map(({ candidate }, i) => ({
      id: candidate.id,
      multiplyAdds: candidate.multiplyAdds,
      scores: scores[i]?.scores ?? new Float32Array(part.frames.length).fill(Number.NaN),
    })),
  };
}

/** The file whose pictures have the size of a model's input (NHWC). */
function picturesFor({ declaration }: StoredModel, pictures: readonly PictureFile[]): PictureFile {
  const [, height, width] = declaration.input.shape;
  const found = pictures.find(
    ({ request }) => request.width === width && request.height === height && request.format === 'rgb',
  );
  if (found === undefined) throw new RangeError(`There are no pictures of ${width}×${height} px.`);
  return found;
}
