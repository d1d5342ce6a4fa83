// What each stage next to the decoder costs a frame, and the choices that rest on it: batch size, decoder threads.
//
// Usage: node dist/bench/stages.js
import { createDifferenceDetector, findModel, LoadedModel, type Picture, pictureRequest } from '../cascade/index.ts';
import { syntheticModelsFolder } from '../fixtures/index.ts';
import { openFootage, type PixelRequest } from '../ingest/index.ts';
import { syntheticFootage } from './bench-footage.ts';
import { median } from './statistics.ts';
import { printTable } from './table.ts';

const path = await syntheticFootage('720p', { profile: 'quiet', width: 1280, height: 720, durationSeconds: 60 });

await differences();
await scaling();
await batches();
await decoderThreads();

async function differences(): Promise<void> {
  const rows = [];
  for (const [width, format] of [
    [64, 'gray'],
    [64, 'rgb'],
    [100, 'gray'],
  ] as const) {
    const length = width * width * (format === 'rgb' ? 3 : 1);
    const [a, b] = [0, 1].map(seed => Uint8Array.from({ length }, (_, i) => (i * 7919 + seed * 31) % 251));
    if (a === undefined || b === undefined) continue;
    const weights = new Array<number>(10 * 10 * (format === 'rgb' ? 3 : 1)).fill(0.01);
    const row: Record<string, string | number> = { picture: `${width} × ${width} ${format}` };
    for (const metric of [{ kind: 'global' }, { kind: 'blocked', grid: 10, weights, bias: 0 }] as const) {
      const detector = createDifferenceDetector({ metric, width, height: width, format });
      row[`${metric.kind}, µs`] = (1000 * timeMs(2000, () => detector.score(a, b))).toFixed(1);
    }
    rows.push(row);
  }
  printTable('Difference detectors, a frame', rows);
}

async function scaling(): Promise<void> {
  const requests: PixelRequest[] = [
    { width: 64, height: 64, format: 'gray' },
    { width: 50, height: 50, format: 'rgb' },
    { width: 416, height: 234, format: 'rgb' },
  ];
  const rows = [];
  for (const request of requests) {
    await using footage = await openFootage({ path });
    const times: number[] = [];
    for await (const frame of footage.frames({ from: 0, to: 300 }, () => true)) {
      using owned = frame;
      const started = performance.now();
      owned.pixels(request);
      times.push(performance.now() - started);
    }
    rows.push({
      picture: `${request.width} × ${request.height} ${request.format}`,
      'ms a frame': median(times).toFixed(3),
    });
  }
  printTable('Scaling from 720p', rows);
}

async function batches(): Promise<void> {
  const stored = await findModel('synthetic-person', syntheticModelsFolder());
  await using model = await LoadedModel.load(stored, { maxBatchSize: 128 });
  const { width, height } = pictureRequest(stored.declaration, { width: 1280, height: 720 });
  const bytes = new Uint8Array(width * height * 3).fill(100);
  const picture: Picture = { width, height, bytes, frameWidth: 1280, frameHeight: 720 };
  const rows = [];
  for (const size of [1, 8, 32, 128]) {
    const pictures = new Array<Picture>(size).fill(picture);
    await model.confidences(pictures);
    const times: number[] = [];
    for (let run = 0; run < 200 / Math.sqrt(size); run++) {
      const started = performance.now();
      await model.confidences(pictures);
      times.push((performance.now() - started) / size);
    }
    rows.push({ batch: size, 'µs a frame': Math.round(1000 * median(times)) });
  }
  printTable('Specialized model (synthetic-person, 50 × 50), 1 thread', rows);
}

async function decoderThreads(): Promise<void> {
  const rows = [];
  for (const decoderThreads of [1, 2, 4]) {
    const rates: number[] = [];
    for (let round = 0; round < 3; round++) {
      await using footage = await openFootage({ path, decoderThreads });
      const range = { from: 0, to: footage.table.timestampsUs.length };
      const started = performance.now();
      for await (const frame of footage.frames(range, () => false)) frame[Symbol.dispose]();
      rates.push(range.to / ((performance.now() - started) / 1000));
    }
    rows.push({ 'decoder threads': decoderThreads, 'frames/s': Math.round(median(rates)) });
  }
  printTable('Decoding one 720p stream in one process', rows);
}

function timeMs(rounds: number, run: () => void): number {
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const started = performance.now();
    run();
    times.push(performance.now() - started);
  }
  return median(times);
}
