import type { ModelServer, ServedStats, ServedVersion } from '../../cascade/index.ts';

/** How often something happened, and the time that it took in all, in ns. */
export interface StatisticDuration {
  readonly count: number;
  readonly ns: number;
}

/** Counts of one version of a model since it was loaded, as Triton names them; what is not kept apart is 0. */
export interface ModelStatistics {
  readonly name: string;
  readonly version: string;
  /** Answers that the model gave; those that were remembered are not among them. */
  readonly inference_count: number;
  /** Runs of the model: one a batch. */
  readonly execution_count: number;
  readonly inference_stats: {
    /** With the time from asking to the answer. */
    readonly success: StatisticDuration;
    readonly fail: StatisticDuration;
    readonly queue: StatisticDuration;
    readonly compute_input: StatisticDuration;
    /** A count a batch, with the time for decoding images, inference and reading the outputs. */
    readonly compute_infer: StatisticDuration;
    readonly compute_output: StatisticDuration;
    readonly cache_hit: StatisticDuration;
    readonly cache_miss: StatisticDuration;
  };
  /** How many batches were run by size: of at most this size, and more than the one before; sizes without any are left out. */
  readonly batch_stats: readonly { readonly batch_size: number; readonly compute_infer: StatisticDuration }[];
}

const none: StatisticDuration = { count: 0, ns: 0 };

/**
 * The statistics of served models.
 * @param versions - Those to tell of; undefined: all that are served.
 */
export function modelStatistics(
  models: ModelServer,
  versions?: readonly ServedVersion[],
): { readonly model_stats: readonly ModelStatistics[] } {
  const isWanted = ({ name, version }: ServedStats): boolean =>
    versions?.some(entry => entry.name === name && entry.version === version) ?? true;
  return { model_stats: models.stats().filter(isWanted).map(statisticsOf) };
}

function statisticsOf(stats: ServedStats): ModelStatistics {
  const { name, version, calls, failures, batches, batchSizes, busyMs, latencyMs } = stats;
  const bounds = [...batchSizes.bounds, batchSizes.bounds.at(-1) ?? 0];
  return {
    name,
    version: String(version),
    inference_count: calls - failures,
    execution_count: batches,
    inference_stats: {
      success: duration(calls - failures, latencyMs.sum),
      fail: duration(failures, 0),
      queue: none,
      compute_input: none,
      compute_infer: duration(batches, busyMs),
      compute_output: none,
      cache_hit: none,
      cache_miss: none,
    },
    batch_stats: batchSizes.counts.flatMap((count, i) =>
      count === 0 ? [] : [{ batch_size: bounds[i] ?? 0, compute_infer: duration(count, 0) }],
    ),
  };
}

function duration(count: number, ms: number): StatisticDuration {
  return { count, ns: Math.round(ms * 1e6) };
}
