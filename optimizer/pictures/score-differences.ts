import type { DifferenceCandidate, ScoreTable } from '../candidate-scores.ts';
import type { PictureFile } from '../picture-file.ts';
import { runPictureTask, type SceneImage } from './picture-tasks.ts';
import type { RowLayout } from './row-layout.ts';

/** What to compare. */
export interface ScoreDifferencesOptions {
  /** Whose rows; a `LabeledPart` is one. */
  readonly part: RowLayout;
  /** Pictures of these rows, one file for each size that a candidate wants. */
  readonly pictures: readonly PictureFile[];
  readonly candidates: readonly DifferenceCandidate[];
  /** The picture of the empty scene; may be null when no candidate compares with it. */
  readonly scene: SceneImage | null;
  /** Told the share of the work that is done, 0–1. */
  readonly onProgress?: (share: number) => void;
  /** Ends the work; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Scores every row of a part with every candidate, in a worker process: what a stream worker that looks at the row's frame
 * gives, to the last bit.
 * @returns The candidates in order with their scores (n) float64; NaN where there is nothing to compare with: within
 *   `tDiffFrames` of the start of a stretch, and everywhere when `tDiffFrames` is no multiple of the part's `step`.
 * @throws CASCADE_SCENE_INVALID - when the scene does not decode. RangeError - when pictures or the scene are missing.
 */
export async function scoreDifferences(options: ScoreDifferencesOptions): Promise<ScoreTable['differences']> {
  const { part, pictures, candidates, scene, onProgress, signal } = options;
  const layout = { stretches: part.stretches, step: part.step };
  const columns = await runPictureTask<'score'>(
    { kind: 'score', layout, pictures, candidates, scene },
    { onNote: onProgress, signal },
  );
  return candidates.map((candidate, i) => ({ ...candidate, scores: columns[i] as Float64Array }));
}
