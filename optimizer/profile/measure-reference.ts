import { ModelPool, type Picture, type StoredModel } from '../../cascade/index.ts';
import type { PlanProcesses } from '../stage-costs.ts';
import { median } from './median.ts';

/** Pictures in a batch: that of a cascade's pool. */
const batchSize = 8;
/** Batches of each worker in a round: one runs while the other is on its way. */
const batchesPerRound = 2;
/** Rounds at least, however little time there is, after one that warms up. */
const leastRounds = 2;

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
 * What one picture costs a model worker in µs of a core: transfer, input, inference and decoding of the answer, in full
 * batches, with as many workers side by side as the plan is to have, since they slow each other down.
 * @throws what starting a pool throws; the signal's reason.
 */
export async function measureReference(options: MeasureReferenceOptions): Promise<number> {
  const { model, pictures, processes, durationMs, signal } = options;
  const { replicas, device } = processes;
  // A model that runs elsewhere takes time, and hardly any of this machine's processors.
  const isElsewhere = (device ?? 'cpu') !== 'cpu' || model.declaration.engine?.kind === 'remote';
  const spent = isElsewhere ? 'busyMs' : 'processorMs';
  signal?.throwIfAborted();
  await using pool = await ModelPool.start({ model, replicas, device, maxBatchSize: batchSize });
  const costs: number[] = [];
  const started = performance.now();
  while (costs.length < leastRounds + 1 || performance.now() - started < durationMs) {
    const before = pool.stats();
    const runs = Array.from({ length: batchesPerRound * batchSize * replicas }, (_, i) =>
      pool.run(pictures[i % pictures.length] as Picture, signal === undefined ? {} : { signal }),
    );
    await Promise.all(runs);
    const after = pool.stats();
    costs.push((1000 * (after[spent] - before[spent])) / (after.calls - before.calls));
  }
  return median(costs.slice(1));
}
