import type { DifferenceCandidate } from '../candidate-scores.ts';
import type { LabeledPart } from '../labeled-part.ts';
import { runPictureTask } from './picture-tasks.ts';
import type { ScoreDifferencesOptions } from './score-differences.ts';

/** What to fit on. */
export interface FitBlockedOptions extends ScoreDifferencesOptions {
  /** The part that models learn from. */
  readonly part: Pick<LabeledPart, 'stretches' | 'step' | 'truth'>;
}

/**
 * Gives the blocked candidates their weights and bias, in a worker process, by logistic regression with an L2 penalty and
 * both classes weighing half (NoScope §5): what they are to tell is whether the truth is positive (against the empty
 * scene), or differs from that of the frame compared with.
 * @returns The candidates in order; global ones as they were, blocked ones left out where the part holds only one class.
 * @throws as `scoreDifferences`.
 */
export async function fitBlocked(options: FitBlockedOptions): Promise<DifferenceCandidate[]> {
  const { part, pictures, candidates, scene, onProgress, signal } = options;
  const layout = { stretches: part.stretches, step: part.step };
  const metrics = await runPictureTask<'fit'>(
    { kind: 'fit', layout, truth: part.truth, pictures, candidates, scene },
    { onNote: onProgress, signal },
  );
  return candidates.flatMap((candidate, i) => {
    const metric = metrics[i];
    return metric == null ? [] : [{ ...candidate, detector: { ...candidate.detector, metric } }];
  });
}
