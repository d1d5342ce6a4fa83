import { ModelPool, type Picture, type StoredModel } from '../../cascade/index.ts';
import type { PlanProcesses } from '../stage-costs.ts';
import { median } from './median.ts';

/** Pictures in a batch: that of a cascade's pool. */
const batchSize = 8;
/** Rounds at least, however little time there is; the first warms up and does not count. */
const leastRounds = 3;

/** How to measure a reference model. */
export interface MeasureReferenceOptions {
  readonly model: StoredModel;
  /** Pictures at the model's input size, at least one. */
  readonly pictures: readonly Picture[];
  readonly processes: PlanProcesses;
  /** About how long to measure, in ms. */
  readonly durationMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What one picture costs a model worker in µs: transfer, input, inference and decoding of the answer, in full batches, with
 * as many workers side by side as the plan is to have, since they slow each other down. Where there are more of them than
 * cores, only the time that they have a core counts.
 * @throws what starting a pool throws; the signal's reason.
 */
export async function measureReference(options: MeasureReferenceOptions): Promise<number> {
  const { model, pictures, processes, durationMs, signal } = options;
  const { replicas, cores } = processes;
  signal?.throwIfAborted();
  await using pool = await ModelPool.start({ model, replicas, maxBatchSize: batchSize });
  const started = performance.now();
  /** When batches were answered, ascending, in ms. */
  const answeredMs: number[] = [];
  const isEnough = (): boolean =>
    answeredMs.length >= (leastRounds + 1) * replicas && performance.now() - started >= durationMs;
  // One batch runs while the next is on its way, as in a run that keeps the model busy.
  const lane = async (): Promise<void> => {
    while (!isEnough()) {
      await Promise.all(
        Array.from({ length: batchSize }, (_, i) =>
          pool.run(pictures[i % pictures.length] as Picture, signal === undefined ? {} : { signal }),
        ),
      );
      answeredMs.push(performance.now());
    }
  };
  await Promise.all(Array.from({ length: 2 * replicas }, lane));
  const roundsMs: number[] = [];
  for (let at = 2 * replicas - 1; at < answeredMs.length; at += replicas) {
    roundsMs.push((answeredMs[at] as number) - (answeredMs[at - replicas] as number));
  }
  return ((1000 * median(roundsMs)) / batchSize) * Math.min(1, cores / replicas);
}
