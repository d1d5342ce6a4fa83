// How many cameras one core takes: 480p at 10 fps, played in real time, looked at frame by frame, the reference never asked.
//
// Usage: node dist/bench/cameras.js [streams per worker=16] [first count=40]
import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { syntheticModelsFolder } from '../fixtures/index.ts';
import { openFootage } from '../ingest/index.ts';
import { cascade, type Deployment, deploy, file, pipeline, type StreamStatus } from '../streams-dsl/index.ts';
import { syntheticFootage } from './bench-footage.ts';
import { cpuSeconds, residentBytes } from './process-usage.ts';
import { printTable } from './table.ts';

const streamsPerWorker = Number(process.argv[2] ?? 16);
const firstCount = Number(process.argv[3] ?? 40);
/** Time that is measured, after all cameras have settled. */
const measuredSeconds = 10;
const settleSeconds = 3;
const mostTries = 4;

interface Measured {
  readonly cameras: number;
  /** Lag of every camera each 100 ms, ascending. */
  readonly lagsMs: readonly number[];
  readonly dropped: number;
  /** Share of one core that the stream workers took, and the main process. */
  readonly workersShare: number;
  readonly mainShare: number;
  readonly workerBytes: number;
  readonly mainBytes: number;
}

/** Compressed to about what cameras send at this size; a decoder's work follows the bits. */
const crf = 28;
const camera = { profile: 'quiet', width: 854, height: 480, frameRateFps: 10, durationSeconds: 60, crf } as const;
const paths: string[] = [];
for (const seed of [1, 2]) paths.push(await syntheticFootage(`480p-10fps-${seed}`, { ...camera, seed }));
const footage = await decodeAlone(paths[0] ?? '');

/** Processor time for a frame that is decoded and not looked at, and the bit rate: no cascade takes more cameras than that. */
async function decodeAlone(path: string): Promise<{ readonly frameMs: number; readonly kilobitsPerSecond: number }> {
  await using opened = await openFootage({ path });
  const { info, table } = opened;
  const to = table.timestampsUs.length;
  const started = process.cpuUsage();
  for await (const frame of opened.frames({ from: 0, to }, () => false)) frame[Symbol.dispose]();
  const { user, system } = process.cpuUsage(started);
  return {
    frameMs: (user + system) / 1000 / to,
    kilobitsPerSecond: (info.sizeBytes * 8) / 1000 / (info.durationUs / 1e6),
  };
}

function deployed(count: number): Deployment {
  const pipelines = Array.from({ length: count }, (_, i) =>
    pipeline(
      `camera-${i}`,
      file(paths[i % paths.length] ?? '', { stream: `camera-${i}`, pace: 'realtime' }),
      cascade({
        label: 'person',
        reference: 'synthetic-detector',
        differenceDetector: { deltaDiff: 5, tDiffFrames: 5 },
        specializedModel: { model: 'synthetic-person', cLow: 0.5, cHigh: 0.5 },
      }),
    ),
  );
  return deploy(pipelines, { models: syntheticModelsFolder(), streamsPerWorker });
}

/** Keeps processes on the first core; says whether that is possible. */
function pin(pids: readonly number[]): boolean {
  try {
    for (const pid of pids) execFileSync('taskset', ['-acp', '0', String(pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

let isPinned = true;

async function measure(count: number): Promise<Measured> {
  await using deployment = deployed(count);
  const running = deployment.run();
  running.catch(() => undefined);
  const streams = (): readonly StreamStatus[] => deployment.status().streams;
  while (streams().length < count || streams().some(({ frames }) => frames === 0)) {
    await delay(100);
    const failed = streams().find(({ state }) => state === 'failed');
    if (failed !== undefined) throw failed.error;
  }
  const pids = [...new Set(streams().flatMap(one => one.pids))];
  isPinned = pin(pids) && isPinned;
  await delay(settleSeconds * 1000);
  const droppedBefore = dropsOf(streams());
  const before = { workers: cpuSeconds(pids), main: process.cpuUsage(), ms: performance.now() };
  const lagsMs: number[] = [];
  for (let tick = 0; tick < measuredSeconds * 10; tick++) {
    await delay(100);
    lagsMs.push(...streams().map(({ lagMs }) => lagMs ?? Number.POSITIVE_INFINITY));
  }
  const seconds = (performance.now() - before.ms) / 1000;
  const { user, system } = process.cpuUsage(before.main);
  return {
    cameras: count,
    lagsMs: lagsMs.sort((a, b) => a - b),
    dropped: dropsOf(streams()) - droppedBefore,
    workersShare: (cpuSeconds(pids) - before.workers) / seconds,
    mainShare: (user + system) / 1e6 / seconds,
    workerBytes: residentBytes(pids),
    mainBytes: process.memoryUsage.rss(),
  };
}

function dropsOf(streams: readonly StreamStatus[]): number {
  return streams.reduce((sum, { dropped }) => sum + dropped.stale + dropped.superseded + dropped.full, 0);
}

function isInTime({ lagsMs, dropped }: Measured): boolean {
  return dropped === 0 && (lagsMs.at(-1) ?? 0) < 1000;
}

const runs: Measured[] = [];
for (let count = firstCount; runs.length < mostTries && !runs.some(run => run.cameras === count); ) {
  const run = await measure(count);
  runs.push(run);
  // What the share of the core allows; after that, steps of 8 %.
  const byShare = Math.floor((count / run.workersShare) * 0.9);
  if (isInTime(run)) count = runs.length === 1 && byShare > count ? byShare : Math.ceil(count * 1.08);
  else count = Math.floor(count / 1.08);
}
const { frameMs, kilobitsPerSecond } = footage;
console.log(
  `${Math.round(kilobitsPerSecond)} kbit/s a camera; decoding alone takes ${frameMs.toFixed(2)} ms a frame: ${Math.floor(100 / frameMs)} cameras a core`,
);
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
printTable(
  `Cameras in real time, 854×480 at 10 fps, ${streamsPerWorker} a stream worker, ${isPinned ? 'all stream workers on one core' : 'not pinned to a core'}`,
  runs
    .sort((a, b) => a.cameras - b.cameras)
    .map(run => ({
      cameras: run.cameras,
      'lag p50, ms': Math.round(run.lagsMs[Math.floor(run.lagsMs.length / 2)] ?? 0),
      'p99, ms': Math.round(run.lagsMs[Math.floor(run.lagsMs.length * 0.99)] ?? 0),
      'max, ms': Math.round(run.lagsMs.at(-1) ?? 0),
      dropped: run.dropped,
      'workers, % of a core': Math.round(run.workersShare * 100),
      'main, %': Math.round(run.mainShare * 100),
      'MB a camera': megabytes(run.workerBytes / run.cameras),
      'main, MB': megabytes(run.mainBytes),
      'in time': isInTime(run) ? 'yes' : 'no',
    })),
);
