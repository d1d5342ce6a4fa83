// How fast a camera is back after a fault, and whether a quiet scene is ever taken for one: against GStreamer's RTSP server,
// with the bounds that users have.
//
// Usage: node dist/bench/camera-faults.js [runs a fault=20] [minutes of the quiet scene=10]
import { setTimeout as delay } from 'node:timers/promises';
import { type CameraStatus, openCamera } from '../ingest/index.ts';
import { syntheticFootage } from './bench-footage.ts';
import { footageLaunch, hasRtspServer, RtspServer, sceneLaunch } from './rtsp-server.ts';
import { printTable } from './table.ts';

const runs = Number(process.argv[2] ?? 20);
const quietMinutes = Number(process.argv[3] ?? 10);
/** The bound that the project promises. */
const mostSeconds = 5;

/** How a server is broken, and what makes it work again; the time between is drawn from a range of seconds. */
interface Fault {
  readonly name: string;
  readonly seconds: readonly [number, number];
  begin(server: RtspServer): Promise<void>;
  /** Resolves when the server works again. */
  end(server: RtspServer): Promise<void>;
}

const faults: readonly Fault[] = [
  { name: 'kill', seconds: [1, 8], begin: server => server.kill(), end: server => server.start() },
  {
    name: 'stall',
    seconds: [6, 14],
    begin: async server => server.stall(),
    end: async server => server.resume(),
  },
  {
    name: 'freeze',
    seconds: [11, 16],
    begin: server => server.set('scene', 'pattern', 'smpte75'),
    end: server => server.set('scene', 'pattern', 'ball'),
  },
];

interface Result {
  readonly name: string;
  readonly backSeconds: number[];
  readonly detected: number;
}

/** A camera and what it last said. */
async function watch(url: string, onStatus: (status: CameraStatus) => void = () => undefined) {
  const seen = { frames: 0, lastMs: 0 };
  const camera = await openCamera(
    { url },
    {
      onFrame: frame => {
        seen.frames++;
        seen.lastMs = performance.now();
        frame[Symbol.dispose]();
      },
      onStatus,
    },
  );
  /** Waits for a frame that came after a time. */
  const frameAfter = async (ms: number): Promise<number> => {
    while (seen.lastMs <= ms) await delay(5);
    return seen.lastMs;
  };
  return { camera, seen, frameAfter };
}

async function measure({ name, seconds: [least, most], begin, end }: Fault): Promise<Result> {
  await using server = await RtspServer.start({ mounts: { '/live': sceneLaunch() } });
  let reconnects = 0;
  const { camera, frameAfter } = await watch(server.url('/live'), ({ state }) => {
    if (state === 'reconnecting') reconnects++;
  });
  const backSeconds: number[] = [];
  let detected = 0;
  for (let run = 0; run < runs; run++) {
    await frameAfter(performance.now() + 1000);
    reconnects = 0;
    await begin(server);
    await delay(1000 * (least + Math.random() * (most - least)));
    if (reconnects > 0) detected++;
    const returnedMs = performance.now();
    await end(server);
    // Of a server that starts, from when it listens.
    const fromMs = name === 'kill' ? performance.now() : returnedMs;
    backSeconds.push(((await frameAfter(fromMs)) - fromMs) / 1000);
  }
  await camera[Symbol.asyncDispose]();
  return { name, backSeconds, detected };
}

/** The port refuses from the start: the first connection counts too. */
async function measureRefused(): Promise<Result> {
  const backSeconds: number[] = [];
  let detected = 0;
  await using server = await RtspServer.start({ mounts: { '/live': sceneLaunch() } });
  for (let run = 0; run < runs; run++) {
    await server.kill();
    let reconnects = 0;
    const { camera, frameAfter } = await watch(server.url('/live'), ({ state }) => {
      if (state === 'reconnecting') reconnects++;
    });
    await delay(1000 + Math.random() * 8000);
    if (reconnects > 0) detected++;
    await server.start();
    const fromMs = performance.now();
    backSeconds.push(((await frameAfter(fromMs)) - fromMs) / 1000);
    await camera[Symbol.asyncDispose]();
  }
  return { name: 'refuse', backSeconds, detected };
}

/** Alarms over a quiet scene that lives: nobody comes, a sensor makes noise, and the light changes slowly. */
async function quiet(): Promise<{ seconds: number; frames: number; alarms: string[] }> {
  const seconds = quietMinutes * 60;
  const scene = { profile: 'quiet', width: 640, height: 360, frameRateFps: 10, seed: 3 } as const;
  const path = await syntheticFootage(`quiet-${seconds}`, { ...scene, durationSeconds: seconds });
  await using server = await RtspServer.start({ mounts: { '/live': footageLaunch(path) } });
  const alarms: string[] = [];
  let hasEnded: () => void = () => undefined;
  const ended = new Promise<void>(resolve => (hasEnded = resolve));
  const { camera, seen } = await watch(server.url('/live'), status => {
    if (status.state !== 'reconnecting') return;
    if (status.code === 'INGEST_CAMERA_ENDED') hasEnded();
    else alarms.push(status.code);
  });
  await ended;
  await camera[Symbol.asyncDispose]();
  return { seconds, frames: seen.frames, alarms };
}

if (!hasRtspServer()) process.exit(0);
const [calm, ...results] = await Promise.all([quiet(), ...faults.map(measure), measureRefused()]);
printTable(
  `Cameras: back after a fault, in seconds from the server's return (${runs} runs each)`,
  results.map(({ name, backSeconds, detected }) => {
    const sorted = [...backSeconds].sort((a, b) => a - b);
    const at = (share: number): string => (sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN).toFixed(2);
    const within = sorted.filter(seconds => seconds <= mostSeconds).length;
    return {
      fault: name,
      noticed: detected,
      median: at(0.5),
      most: at(1),
      [`within ${mostSeconds} s`]: `${within} of ${runs}`,
    };
  }),
);
printTable('Cameras: false alarms over a quiet scene that lives', [
  { minutes: (calm.seconds / 60).toFixed(1), frames: calm.frames, alarms: calm.alarms.join(', ') || 'none' },
]);
