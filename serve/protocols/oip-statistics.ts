import type { ModelServer, ServedVersion } from '../../cascade/index.ts';

/** Stands in until the model layer counts. */
interface ModelStats {
  readonly model: string;
  readonly version: number;
  readonly calls: number;
  readonly failures: number;
  readonly busyMs: number;
  readonly queueMs: number;
  readonly cacheHits: number;
  readonly batches: Readonly<Record<number, number>>;
}
function statsOf(models: ModelServer): readonly ModelStats[] {
  return 'stats' in models && typeof models.stats === 'function' ? (models.stats() as readonly ModelStats[]) : [];
}

/** How often something happened, and the time that it took in all, in ns. */
export interface StatisticDuration {
  readonly count: number;
  readonly ns: number;
}

/** Counts of one version of a model since it was loaded, as Triton names them. */
export interface ModelStatistics {
  readonly name: string;
  readonly version: string;
  /** Answers, those of the cache included. */
  readonly inference_count: number;
  /** Runs of the model: one a batch. */
  readonly execution_count: number;
  readonly inference_stats: {
    readonly success: StatisticDuration;
    readonly fail: StatisticDuration;
    readonly queue: StatisticDuration;
    /** Always 0: decoding and scaling are part of `compute_infer`. */
    readonly compute_input: StatisticDuration;
    readonly compute_infer: StatisticDuration;
    /** Always 0: reading the answer is part of `compute_infer`. */
    readonly compute_output: StatisticDuration;
    readonly cache_hit: StatisticDuration;
    readonly cache_miss: StatisticDuration;
  };
  /** By size of batch, smallest first; times of single sizes are not kept. */
  readonly batch_stats: readonly { readonly batch_size: number; readonly compute_infer: StatisticDuration }[];
}

/**
 * The statistics of served models.
 * @param versions - Those to tell of; undefined: all that are served.
 */
export function modelStatistics(
  models: ModelServer,
  versions?: readonly ServedVersion[],
): { readonly model_stats: readonly ModelStatistics[] } {
  const isWanted = ({ model, version }: ModelStats): boolean =>
    versions?.some(entry => entry.name === model && entry.version === version) ?? true;
  return { model_stats: statsOf(models).filter(isWanted).map(statisticsOf) };
}

function statisticsOf({
  model,
  version,
  calls,
  failures,
  busyMs,
  queueMs,
  cacheHits,
  batches,
}: ModelStats): ModelStatistics {
  const sizes = Object.entries(batches).map(([size, count]) => ({ size: Number(size), count }));
  const runs = sizes.reduce((sum, { count }) => sum + count, 0);
  const answered = calls - failures;
  return {
    name: model,
    version: String(version),
    inference_count: answered,
    execution_count: runs,
    inference_stats: {
      success: duration(answered, queueMs + busyMs),
      fail: duration(failures, 0),
      queue: duration(answered, queueMs),
      compute_input: duration(0, 0),
      compute_infer: duration(runs, busyMs),
      compute_output: duration(0, 0),
      cache_hit: duration(cacheHits, 0),
      cache_miss: duration(answered - cacheHits, 0),
    },
    batch_stats: sizes
      .sort((a, b) => a.size - b.size)
      .map(({ size, count }) => ({ batch_size: size, compute_infer: duration(count, 0) })),
  };
}

function duration(count: number, ms: number): StatisticDuration {
  return { count, ns: Math.round(ms * 1e6) };
}
