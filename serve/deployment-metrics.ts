import type { Registry } from 'prom-client';
import type { Deployment, DeploymentStatus, StepStatus, StreamStatus } from '../streams-dsl/index.ts';
import { addReadMetric, type Sample } from './read-metric.ts';

/** Adds what a deployment's streams, steps and pipelines do. */
export function addDeploymentMetrics(registry: Registry, deployment: Deployment): void {
  const add = (
    kind: 'counter' | 'gauge',
    name: string,
    [help, ...labels]: readonly [string, ...string[]],
    read: (status: DeploymentStatus) => Iterable<Sample>,
  ): void => addReadMetric(registry, { kind, name, help, labels, read: () => read(deployment.status()) });
  const ofStreams =
    (read: (stream: StreamStatus) => number | null) =>
    ({ streams }: DeploymentStatus): Iterable<Sample> =>
      perStream(streams, read);

  add('counter', 'saccade_frames_received_total', ['Frames that have entered the pipelines', 'stream'], status =>
    ofStreams(({ frames }) => frames)(status),
  );
  const dropped = ['Frames of a live stream that were never looked at', 'stream', 'reason'] as const;
  add('counter', 'saccade_frames_dropped_total', dropped, ({ streams }) =>
    (['stale', 'superseded', 'full'] as const).flatMap(reason =>
      perStream(streams, one => one.dropped[reason]).map(([labels, value]): Sample => [{ ...labels, reason }, value]),
    ),
  );
  add('gauge', 'saccade_stream_up', ['Whether frames may come: 1, or 0', 'stream'], ofStreams(isUp));
  add(
    'gauge',
    'saccade_stream_lag_seconds',
    ['Age of the newest frame of a live stream', 'stream'],
    ofStreams(({ lagMs }) => (lagMs === null ? null : lagMs / 1000)),
  );
  add(
    'gauge',
    'saccade_stream_last_frame_timestamp_seconds',
    ['When the newest frame of a camera was taken, in seconds since 1970', 'stream'],
    ofStreams(({ camera, lagMs }) => (camera === null || lagMs === null ? null : (Date.now() - lagMs) / 1000)),
  );
  add(
    'counter',
    'saccade_stream_reconnects_total',
    ['Connections to a camera that played and ended', 'stream'],
    ofStreams(({ camera }) => camera?.counts.reconnects ?? null),
  );
  add('counter', 'saccade_query_rows_total', ['Rows that came out of a pipeline', 'query'], ({ pipelines }) =>
    summed(pipelines.map(({ pipeline, rows }): Sample => [{ query: pipeline }, rows])),
  );
  const passed = [
    'Items that a step took and gave on (pass), or kept to itself (stop)',
    'query',
    'stage',
    'decision',
  ] as const;
  add('counter', 'saccade_stage_frames_total', passed, ({ steps }) => summed(steps.flatMap(framesOf)));
  add('gauge', 'saccade_queue_depth', ['Items that wait for an answer', 'query', 'stage'], ({ steps }) =>
    summed(steps.filter(({ waiting }) => waiting.most > 0).map(one => [placeOf(one), one.waiting.now])),
  );
  const busy = ['Time that workers spent in a stage of a cascade', 'query', 'stage'] as const;
  add('counter', 'saccade_stage_busy_seconds_total', busy, ({ steps }) => summed(steps.flatMap(busyOf)));
}

/** A value for each stream that has one; those that several steps read are one, with the highest. */
function perStream(streams: readonly StreamStatus[], read: (stream: StreamStatus) => number | null): Sample[] {
  const values = new Map<string, number>();
  for (const one of streams) {
    const value = read(one);
    if (value !== null) values.set(one.stream, Math.max(value, values.get(one.stream) ?? Number.NEGATIVE_INFINITY));
  }
  return [...values].map(([stream, value]) => [{ stream }, value]);
}

function isUp({ state, camera }: StreamStatus): number {
  return Number(state === 'running' && (camera === null || camera.status.state === 'playing'));
}

/** Query and stage of a step, from its id `door/2-skip@yard`. */
function placeOf({ step }: StepStatus): Readonly<Record<'query' | 'stage', string>> {
  const slash = step.indexOf('/');
  return { query: step.slice(0, slash), stage: step.slice(slash + 1) };
}

function framesOf(step: StepStatus): Sample[] {
  const { rowsIn, rowsOut, waiting } = step;
  const place = placeOf(step);
  const stopped = Math.max(0, rowsIn - rowsOut - waiting.now);
  return [
    [{ ...place, decision: 'pass' }, rowsOut],
    [{ ...place, decision: 'stop' }, stopped],
  ];
}

function busyOf({ step, program }: StepStatus): Sample[] {
  if (program === null) return [];
  const query = step.slice(0, step.indexOf('/'));
  return Object.entries(program.busySeconds).map(([stage, seconds]) => [{ query, stage }, seconds]);
}

/** Samples with equal labels added up: a pipeline that was removed and added again counts on. */
function summed(samples: readonly Sample[]): Sample[] {
  const sums = new Map<string, Sample>();
  for (const [labels, value] of samples) {
    const key = JSON.stringify(labels);
    sums.set(key, [labels, value + (sums.get(key)?.[1] ?? 0)]);
  }
  return [...sums.values()];
}
