// Twenty synthetic cameras over RTSP, answered side by side, while their servers are killed, stalled and frozen at random times:
// is every fault recovered from, and does memory stay flat?
//
// Usage: node dist/bench/cameras-soak.js [minutes=20] [cameras=20] [seconds between faults=20]
import { setTimeout as delay } from 'node:timers/promises';
import type { Decision } from '../cascade/index.ts';
import { syntheticModelsFolder } from '../fixtures/index.ts';
import { camera, cascade, deploy, pipeline, type SinkFactory, type StreamStatus } from '../streams-dsl/index.ts';
import { residentBytes } from './process-usage.ts';
import { hasRtspServer, RtspServer, sceneLaunch } from './rtsp-server.ts';
import { median } from './statistics.ts';
import { printTable } from './table.ts';

const [minutes = 20, cameras = 20, betweenSeconds = 20] = process.argv.slice(2).map(Number);
const serverCount = Math.min(4, cameras);
/** The bound that the project promises for the time back. */
const mostSeconds = 5;
/** Where a fault counts as not recovered from. */
const lostSeconds = 60;

/** How a server is broken, for how many seconds, and what makes it work again. */
const faults = [
  { name: 'kill', seconds: [2, 8], begin: (one: RtspServer) => one.kill(), end: (one: RtspServer) => one.start() },
  {
    name: 'stall',
    seconds: [6, 14],
    begin: async (one: RtspServer) => one.stall(),
    end: async (one: RtspServer) => one.resume(),
  },
  {
    name: 'freeze',
    seconds: [11, 16],
    begin: (one: RtspServer) => one.set('scene', 'pattern', 'smpte75'),
    end: (one: RtspServer) => one.set('scene', 'pattern', 'ball'),
  },
] as const;

/** When each camera's last frame was answered, on the clock of `performance.now`. */
const lastMs = new Map<string, number>();
let answered = 0;
const counting: SinkFactory<Decision> = {
  description: { kind: 'counting', options: {} },
  open: async () => ({
    delivery: 'exactly-once',
    write: async rows => {
      answered += rows.length;
      for (const { stream } of rows) lastMs.set(stream, performance.now());
    },
    flush: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }),
};

interface Sample {
  readonly mainBytes: number;
  readonly workerBytes: number;
}
interface Recovery {
  readonly fault: string;
  readonly seconds: number;
}

if (!hasRtspServer()) process.exit(0);
const nameOf = (index: number): string => `camera-${index}`;
const serverOf = (index: number): number => index % serverCount;
const servers = await Promise.all(
  Array.from({ length: serverCount }, (_, server) => {
    const own = Array.from({ length: cameras }, (_each, index) => index).filter(index => serverOf(index) === server);
    // Ten frames a second: twenty encoders run beside what is measured.
    const launch = sceneLaunch().replace('framerate=25/1', 'framerate=10/1');
    return RtspServer.start({ mounts: Object.fromEntries(own.map(index => [`/${nameOf(index)}`, launch])) });
  }),
);
const question = cascade({
  label: 'person',
  reference: 'synthetic-detector',
  skip: { every: 2 },
  specializedModel: { model: 'synthetic-person', cLow: 0.5, cHigh: 0.5 },
  smoothingMs: 0,
});
const sources = Array.from({ length: cameras }, (_, index) =>
  camera(servers[serverOf(index)]?.url(`/${nameOf(index)}`) ?? '', { stream: nameOf(index) }),
);
await using deployment = deploy(pipeline('soak', sources, question, counting), { models: syntheticModelsFolder() });
const running = deployment.run();
const allPlay = async (withinSeconds: number): Promise<void> => {
  const untilMs = performance.now() + withinSeconds * 1000;
  while (lastMs.size < cameras && performance.now() < untilMs) await delay(100);
  if (lastMs.size < cameras) throw new Error(`only ${lastMs.size} of ${cameras} cameras play`);
};
await allPlay(120);

const samples: Sample[] = [];
const sampling = setInterval(() => {
  const pids = deployment.status().streams.flatMap(one => one.pids);
  samples.push({ mainBytes: process.memoryUsage().rss, workerBytes: residentBytes(pids) });
}, 1000);
const recoveries: Recovery[] = [];
const endMs = performance.now() + minutes * 60_000;
await Promise.all(servers.map((server, at) => breakAgainAndAgain(server, at)));
await delay(Math.max(0, endMs - performance.now()));
clearInterval(sampling);
const { streams } = deployment.status();
deployment.stop();
await running;
await Promise.all(servers.map(one => one[Symbol.asyncDispose]()));
report(streams);

async function breakAgainAndAgain(server: RtspServer, at: number): Promise<void> {
  const own = Array.from({ length: cameras }, (_, index) => index).filter(index => serverOf(index) === at);
  for (let turn = at; ; turn++) {
    await delay(1000 * betweenSeconds * (0.5 + Math.random()));
    const { name, seconds, begin, end } = faults[turn % faults.length] ?? faults[0];
    const forMs = 1000 * (seconds[0] + Math.random() * (seconds[1] - seconds[0]));
    if (performance.now() + forMs + lostSeconds * 1000 > endMs + 30_000) return;
    await begin(server);
    await delay(forMs);
    const returnedMs = performance.now();
    await end(server);
    // Of a server that starts, from when it listens.
    const fromMs = name === 'kill' ? performance.now() : returnedMs;
    await Promise.all(own.map(index => back(nameOf(index), name, fromMs)));
  }
}

async function back(stream: string, fault: string, fromMs: number): Promise<void> {
  while ((lastMs.get(stream) ?? 0) <= fromMs && performance.now() - fromMs < lostSeconds * 1000) await delay(20);
  const cameMs = lastMs.get(stream) ?? 0;
  recoveries.push({ fault, seconds: cameMs > fromMs ? (cameMs - fromMs) / 1000 : Number.POSITIVE_INFINITY });
}

function report(told: readonly StreamStatus[]): void {
  printTable(
    `${cameras} cameras, ${minutes} minutes, ${answered} frames answered: back after faults, each camera of the broken server`,
    faults.map(({ name }) => {
      const own = recoveries.filter(({ fault }) => fault === name).map(({ seconds }) => seconds);
      const sorted = own.sort((a, b) => a - b);
      return {
        fault: name,
        times: sorted.length,
        median: (sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN).toFixed(2),
        most: (sorted.at(-1) ?? Number.NaN).toFixed(2),
        [`within ${mostSeconds} s`]: sorted.filter(seconds => seconds <= mostSeconds).length,
        never: sorted.filter(seconds => !Number.isFinite(seconds)).length,
      };
    }),
  );
  const quarter = (at: number, of: (sample: Sample) => number): string => {
    const part = samples.slice(Math.floor((samples.length * at) / 4), Math.floor((samples.length * (at + 1)) / 4));
    return (median(part.map(of)) / 1e6).toFixed(0);
  };
  printTable(
    'Memory; medians',
    ['first', 'second', 'third', 'last'].map((name, at) => ({
      quarter: name,
      'main, MB': quarter(at, ({ mainBytes }) => mainBytes),
      'workers, MB': quarter(at, ({ workerBytes }) => workerBytes),
    })),
  );
  const dropped = told.reduce((sum, one) => sum + one.dropped.stale + one.dropped.superseded + one.dropped.full, 0);
  const reconnects = told.reduce((sum, one) => sum + (one.camera?.counts.reconnects ?? 0), 0);
  const failed = told.filter(({ state }) => state === 'failed').length;
  console.log(`reconnects ${reconnects}, frames dropped ${dropped}, streams that failed ${failed}`);
  if (failed > 0 || recoveries.some(({ seconds }) => !Number.isFinite(seconds))) process.exitCode = 1;
}
