import { createDifferenceDetector } from '../../cascade/index.ts';
import type { PictureTaskOf, PictureTaskResults } from './picture-tasks.ts';
import { rowCount } from './row-layout.ts';
import { visitComparisons } from './visit-comparisons.ts';

/** Scores every row with every candidate. Runs in a worker process. */
export async function scoreCandidates(
  { candidates, ...inputs }: PictureTaskOf<'score'>,
  progress: (share: number) => void,
): Promise<PictureTaskResults['score']> {
  const rows = rowCount(inputs.layout);
  const columns: Float64Array[] = [];
  for (const [i, candidate] of candidates.entries()) {
    const detector = createDifferenceDetector(candidate.detector);
    const scores = new Float64Array(rows).fill(Number.NaN);
    await visitComparisons(candidate, inputs, ({ row, picture, reference }) => {
      scores[row] = detector.score(picture, reference);
    });
    columns.push(scores);
    progress((i + 1) / candidates.length);
  }
  return columns;
}
