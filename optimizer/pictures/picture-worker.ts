// Entry of a worker process that makes or compares the pictures of a part, and ends.
import { serveTask } from '../serve-task.ts';
import { extractPieces } from './extract-pieces.ts';
import { fitMetrics } from './fit-metrics.ts';
import type { PictureTask, PictureTaskResults } from './picture-tasks.ts';
import { scoreCandidates } from './score-candidates.ts';

const progressEveryMs = 100;

await serveTask<PictureTask, PictureTaskResults[PictureTask['kind']], number>((task, post) => {
  let toldMs = 0;
  const progress = (share: number): void => {
    if (performance.now() - toldMs < progressEveryMs) return;
    toldMs = performance.now();
    void post(share);
  };
  switch (task.kind) {
    case 'extract':
      return extractPieces(task, progress);
    case 'score':
      return scoreCandidates(task, progress);
    case 'fit':
      return fitMetrics(task, progress);
  }
});
