import type { Histogram, Registry } from 'prom-client';
import type { ModelServer, ServedStats } from '../cascade/index.ts';
import { addReadMetric, type Sample } from './read-metric.ts';

/** Adds what the models that are served by themselves do. */
export function addModelMetrics(registry: Registry, models: ModelServer): void {
  const add = (kind: 'counter' | 'gauge', name: string, help: string, read: (stats: ServedStats) => number): void =>
    addReadMetric(registry, {
      kind,
      name,
      help,
      labels: ['model', 'version'],
      read: () => models.stats().map((stats): Sample => [labelsOf(stats), read(stats)]),
    });
  add('counter', 'saccade_model_calls_total', 'Requests that a model answered, failed ones included', one => one.calls);
  add('counter', 'saccade_model_failures_total', 'Requests that a model failed on', one => one.failures);
  add(
    'counter',
    'saccade_model_shed_total',
    'Requests turned away because the answer would have come too late',
    one => one.shed,
  );
  add(
    'counter',
    'saccade_model_busy_seconds_total',
    'Time that its processes spent on batches',
    one => one.busyMs / 1000,
  );
  add(
    'counter',
    'saccade_model_restarts_total',
    'Its processes that ended and were started again',
    one => one.restarts,
  );
  add('gauge', 'saccade_model_queue_depth', 'Requests that wait for a process', one => one.queued);
  add('gauge', 'saccade_model_replicas', 'Processes that there are', one => one.replicas);
  addReadHistogram(registry, models, {
    name: 'saccade_model_latency_seconds',
    help: 'Time from asking a model to its answer',
    read: ({ latencyMs: { bounds, counts, sum } }) => ({
      bounds: bounds.map(ms => ms / 1000),
      counts,
      sum: sum / 1000,
    }),
  });
  addReadHistogram(registry, models, {
    name: 'saccade_batch_size',
    help: 'Things that a model was asked at once',
    read: ({ batchSizes }) => batchSizes,
  });
  addReadMetric(registry, {
    kind: 'gauge',
    name: 'saccade_model_info',
    help: 'Always 1; says which versions are loaded, and which answers by default',
    labels: ['model', 'version', 'sha256', 'default'],
    read: () => models.stats().map((stats): Sample => [infoOf(models, stats), 1]),
  });
}

function labelsOf({ name, version }: ServedStats): Readonly<Record<'model' | 'version', string>> {
  return { model: name, version: String(version) };
}

function infoOf(models: ModelServer, stats: ServedStats): Readonly<Record<string, string>> {
  const { sha256 } = models.model(stats.name, stats.version);
  const isDefault = models.model(stats.name).version === stats.version;
  return { ...labelsOf(stats), sha256, default: String(isDefault) };
}

interface ReadHistogram {
  readonly name: string;
  readonly help: string;
  read(stats: ServedStats): Pick<ServedStats['latencyMs'], 'bounds' | 'counts' | 'sum'>;
}

/** A histogram that others keep. Those of prom-client cannot be set, but its registry takes whatever gives samples. */
function addReadHistogram(registry: Registry, models: ModelServer, { name, help, read }: ReadHistogram): void {
  const get = (): Promise<object> => {
    const values = models.stats().flatMap(stats => samplesOf(name, labelsOf(stats), read(stats)));
    return Promise.resolve({ name, help, type: 'histogram', values });
  };
  registry.registerMetric({ name, get } as unknown as Histogram);
}

function samplesOf(
  name: string,
  labels: Readonly<Record<'model' | 'version', string>>,
  { bounds, counts, sum }: ReturnType<ReadHistogram['read']>,
): object[] {
  let below = 0;
  const buckets = counts.map((count, i) => {
    below += count;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: bounds[i] ?? '+Inf' }, value: below };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: below },
  ];
}
