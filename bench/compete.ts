// A step whose time has a heavy tail, alone and as the first of three copies: Gamma-distributed, as in Cloudflow §5.4. Of
// the calls themselves three copies cut p99 by 52 % at any scale; what waited behind a slow one gains more.
//
// Usage: node dist/bench/compete.js [frames=800]
import { setTimeout as delay } from 'node:timers/promises';
import { encodeImage } from '../ingest/index.ts';
import { deploy, type EncodedFrame, type FrameValue, frames, mapFrames, pipeline, tap } from '../streams-dsl/index.ts';
import { median } from './statistics.ts';
import { printTable } from './table.ts';

const count = Number(process.argv[2] ?? 800);
/** Streams side by side, with a step each. */
const streams = 8;
/** Cloudflow's shape; its scales 1, 2 and 4, its low, middle and high variance, are taken as tens of ms. */
const shape = 3;
/** A frame comes each 4 scales, where an answer takes 3 on average: three quarters of the time the step is busy. */
const intervalScales = 4;
const scalesMs = [10, 20, 40];
const image = await encodeImage({ width: 16, height: 16, bytes: new Uint8Array(768) }, { format: 'png' });

/** Numbers from 0 (inclusive) to 1 (exclusive), the same in each run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function latenciesMs(scaleMs: number, copies: number): Promise<number[]> {
  const random = seeded(1);
  // A Gamma of whole shape is the sum of so many exponentials.
  const drawMs = (): number =>
    Array.from({ length: shape }, () => -Math.log(1 - random())).reduce((a, b) => a + b) * scaleMs;
  const latencies: number[] = [];
  const step = mapFrames(
    async ({ frame, signal }) => {
      await delay(drawMs(), null, { signal });
      return frame;
    },
    { pixels: { width: 16, height: 16, format: 'gray' }, compete: copies },
  );
  const intervalMs = scaleMs * intervalScales;
  const pipelines = Array.from({ length: streams }, (_, i) => {
    let firstMs = Number.NaN;
    let begin: () => void = () => undefined;
    const begun = new Promise<void>(resolve => {
      begin = resolve;
    });
    // Each frame when it is due, whoever is busy; the first one only starts the processes.
    const camera = async function* (): AsyncGenerator<EncodedFrame> {
      yield { image, timestampUs: 0 };
      await begun;
      firstMs = performance.now();
      for (let frame = 1; frame <= count / streams; frame++) {
        const waitMs = firstMs + frame * intervalMs - performance.now();
        if (waitMs > 0) await delay(waitMs);
        yield { image, timestampUs: frame * intervalMs * 1000 };
      }
    };
    const finish = tap<FrameValue<number>>(({ frame }) => {
      if (frame === 0) begin();
      else latencies.push(performance.now() - (firstMs + frame * intervalMs));
    });
    return pipeline(`compete-${i}`, frames(camera(), { stream: `stream-${i}` }), step, finish);
  });
  await using deployment = deploy(pipelines);
  await deployment.run();
  return latencies.sort((a, b) => a - b);
}

const p99 = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
const rows: Record<string, string | number>[] = [];
for (const scaleMs of scalesMs) {
  const [one, three] = [await latenciesMs(scaleMs, 1), await latenciesMs(scaleMs, 3)];
  rows.push({
    'a call takes, ms': `Gamma(${shape}, ${scaleMs})`,
    'alone: median, ms': median(one).toFixed(1),
    'p99, ms': p99(one).toFixed(1),
    'first of 3: median, ms': median(three).toFixed(1),
    'p99 of 3, ms': p99(three).toFixed(1),
    'median cut, %': Math.round(100 * (1 - median(three) / median(one))),
    'p99 cut, %': Math.round(100 * (1 - p99(three) / p99(one))),
  });
}
printTable(
  `A step with a latency tail, ${count} frames in ${streams} streams, one each ${intervalScales} scales; from its arrival to its answer`,
  rows,
);
