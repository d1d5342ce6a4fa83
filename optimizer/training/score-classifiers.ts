import { availableParallelism } from 'node:os';
import type { StoredModel } from '../../cascade/index.ts';
import type { PictureFile } from '../picture-file.ts';
import type { ClassifierJobResults } from './classifier-protocol.ts';
import { ClassifierWorkers } from './classifier-workers.ts';

/** What a model says of pictures, and what that costs. */
export type ClassifierScores = ClassifierJobResults['score'];

/** What to score, and how to follow and stop it. */
export interface ScoreClassifiersOptions {
  /** Models with a binary head, each with the pictures of its input's size. */
  readonly models: readonly { readonly model: StoredModel; readonly pictures: PictureFile }[];
  /**
   * Processes side by side, 1 or more, each of one thread. Default: the number of cores. Times are those of so many busy
   * cores.
   */
  readonly workers?: number | undefined;
  /** Told which part is done, 0-1. */
  readonly onProgress?: ((share: number) => void) | undefined;
  /** Ends it; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Scores every row of a file of pictures by each model, as a stream worker does: by `LoadedModel`, in batches of 32.
 * @returns The scores in the order of the models.
 * @throws OPTIMIZER_WORKER_DIED - when a worker process dies; and what loading a model throws.
 */
export async function scoreClassifiers(options: ScoreClassifiersOptions): Promise<ClassifierScores[]> {
  const { models, workers = availableParallelism(), onProgress, signal } = options;
  signal?.throwIfAborted();
  await using pool = new ClassifierWorkers({ workers, signal });
  const jobs = models.map(({ model, pictures }) => {
    return { kind: 'score', name: model.declaration.name, model, pictures } as const;
  });
  return await pool.run(jobs, {
    onProgress: shares => onProgress?.(shares.reduce((sum, share) => sum + share, 0) / shares.length),
  });
}
