// A source at full speed in front of a slow sink: memory stays flat, and what is unfinished within its bound.
//
// Usage: node dist/bench/slow-consumer.js [seconds=60]
import { setTimeout as delay } from 'node:timers/promises';
import type { Decision } from '../cascade/index.ts';
import { syntheticModelsFolder } from '../fixtures/index.ts';
import { cascade, deploy, file, pipeline, type SinkFactory } from '../streams-dsl/index.ts';
import { syntheticFootage } from './bench-footage.ts';
import { residentBytes } from './process-usage.ts';
import { median } from './statistics.ts';
import { printTable } from './table.ts';

const seconds = Number(process.argv[2] ?? 60);
const limit = 64;
const frameCount = 20_000;
const path = await syntheticFootage('long-180p', {
  profile: 'quiet',
  width: 320,
  height: 180,
  durationSeconds: frameCount / 25,
});

/** Takes as long for each row as makes the footage last for the time asked for. */
const slow: SinkFactory<Decision> = {
  description: { kind: 'slow', options: {} },
  open: async () => ({
    delivery: 'exactly-once',
    write: rows => delay((rows.length * seconds * 1000) / frameCount),
    flush: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }),
};
await using deployment = deploy(
  pipeline(
    'slow',
    file(path),
    cascade({
      label: 'person',
      reference: 'synthetic-detector',
      specializedModel: { model: 'synthetic-person', cLow: 0.5, cHigh: 0.5 },
    }),
    slow,
  ),
  { models: syntheticModelsFolder(), limit },
);
interface Sample {
  readonly mainBytes: number;
  readonly heapBytes: number;
  readonly workerBytes: number;
}
const samples: Sample[] = [];
const ending = new AbortController();
const running = deployment.run().finally(() => ending.abort());
while (!ending.signal.aborted) {
  await delay(Math.max(100, seconds * 5), null, { signal: ending.signal }).catch(() => undefined);
  const [stream] = deployment.status().streams;
  if (stream === undefined || stream.frames === 0 || stream.state !== 'running') continue;
  const { heapUsed: heapBytes, rss: mainBytes } = process.memoryUsage();
  samples.push({ mainBytes, heapBytes, workerBytes: residentBytes(stream.pids) });
}
const { streams } = await running;
const [stream] = streams;
const megabytes = (part: readonly Sample[], of: (sample: Sample) => number): string =>
  (median(part.map(of)) / 1e6).toFixed(0);
const parts = ['first', 'second', 'third', 'last'].map((name, i) => {
  const part = samples.slice(Math.floor((samples.length * i) / 4), Math.floor((samples.length * (i + 1)) / 4));
  return {
    quarter: name,
    'main, MB': megabytes(part, ({ mainBytes }) => mainBytes),
    'its heap, MB': megabytes(part, ({ heapBytes }) => heapBytes),
    'stream worker, MB': megabytes(part, ({ workerBytes }) => workerBytes),
  };
});
printTable(
  `${stream?.frames} frames into a sink that takes ${seconds} s for them; most in flight ${stream?.mostInFlight}, bound ${limit}; medians`,
  parts,
);
