// The layer of models behind every protocol: adaptive batches against batches of one within the same time allowed, how many
// answers come in time at 80 % of the load that can be borne, equal requests at once, and versions swapped under load.
//
// Usage: node dist/bench/serve-models.js [seconds=5]
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ModelServer, type ServedModel } from '../cascade/index.ts';
import { syntheticModelsFolder } from '../fixtures/index.ts';
import { encodeImage } from '../ingest/index.ts';
import { benchFolder } from './bench-footage.ts';
import { median } from './statistics.ts';
import { printTable } from './table.ts';

const seconds = Number(process.argv[2] ?? 5);
const callers = 64;
const folder = join(benchFolder, 'serve-models');

/** Thumbnails of noise, each of them another one. */
async function thumbnails(count: number): Promise<Uint8Array[]> {
  const [width, height] = [160, 90];
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  };
  const images: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const coarse = Uint8Array.from({ length: 3 * 20 * 12 }, next);
    const bytes = new Uint8Array(3 * width * height);
    for (let at = 0; at < bytes.length; at++) {
      const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
      bytes[at] = coarse[((y >> 3) * 20 + (x >> 3)) * 3 + (at % 3)] ?? 0;
    }
    images.push(await encodeImage({ width, height, bytes }, { format: 'jpeg' }));
  }
  return images;
}

const images = await thumbnails(256);
const imageAt = (i: number): Uint8Array => images[i % images.length] ?? new Uint8Array();

/** So many callers that each ask again as soon as they have their answer. */
async function closedLoop(model: ServedModel, forMs: number): Promise<{ perSecond: number; p99Ms: number }> {
  const latencies: number[] = [];
  const startedMs = performance.now();
  const caller = async (first: number): Promise<void> => {
    for (let i = first; performance.now() - startedMs < forMs; i += callers) {
      const askedMs = performance.now();
      const answered = await model.ask({ kind: 'image', bytes: imageAt(i) }).catch(() => null);
      if (answered !== null) latencies.push(performance.now() - askedMs);
      // There was no time for it: a caller that asks again at once would keep the answers of others from being read.
      else await delay(1);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, i) => caller(i)));
  const took = (performance.now() - startedMs) / 1000;
  latencies.sort((a, b) => a - b);
  return { perSecond: latencies.length / took, p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN };
}

/** Requests at random times (Poisson), whether or not the ones before are answered; the share answered in time. */
async function openLoop(model: ServedModel, perSecond: number, sloMs: number): Promise<number> {
  let [asked, inTime] = [0, 0];
  const pending: Promise<unknown>[] = [];
  const startedMs = performance.now();
  let dueMs = startedMs;
  for (let random = 7; dueMs < startedMs + seconds * 1000; ) {
    while (dueMs <= performance.now()) {
      const askedMs = performance.now();
      const answer = model.ask({ kind: 'image', bytes: imageAt(asked++) });
      pending.push(
        answer.then(
          () => (inTime += performance.now() - askedMs <= sloMs ? 1 : 0),
          () => undefined,
        ),
      );
      random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
      dueMs += (-Math.log((random + 1) / 2 ** 32) / perSecond) * 1000;
    }
    await delay(1);
  }
  await Promise.all(pending);
  return inTime / asked;
}

const rows: Record<string, string | number>[] = [];
for (const { name, sloMs } of [
  { name: 'synthetic-person', sloMs: 20 },
  { name: 'synthetic-detector', sloMs: 200 },
]) {
  const serve = (maxBatchSize: number): Promise<ModelServer> =>
    ModelServer.open({
      folder: syntheticModelsFolder(),
      models: [name],
      sloMs,
      replicas: { min: 2, max: 2 },
      maxBatchSize,
      cacheBytes: 0,
    });
  await using one = await serve(1);
  await using adaptive = await serve(32);
  const [single, batched] = [one.model(name), adaptive.model(name)];
  await closedLoop(single, 1000);
  await closedLoop(batched, seconds * 1000);
  // In turns, since the machine's speed drifts.
  const turns: { alone: number; together: number; p99Ms: number }[] = [];
  for (let turn = 0; turn < 3; turn++) {
    const alone = await closedLoop(single, (seconds * 1000) / 2);
    const together = await closedLoop(batched, (seconds * 1000) / 2);
    turns.push({ alone: alone.perSecond, together: together.perSecond, p99Ms: together.p99Ms });
  }
  const together = median(turns.map(turn => turn.together));
  const attained = await openLoop(batched, 0.8 * together, sloMs);
  const [stats] = adaptive.stats();
  rows.push({
    model: name,
    'time allowed, ms': sloMs,
    'batches of one, /s': Math.round(median(turns.map(({ alone }) => alone))),
    'adaptive, /s': Math.round(together),
    ratio: median(turns.map(turn => turn.together / turn.alone)).toFixed(2),
    'p99, ms': median(turns.map(({ p99Ms }) => p99Ms)).toFixed(1),
    'most in a batch': stats?.batchLimit ?? 0,
    'in time at 80 % load, %': (100 * attained).toFixed(2),
  });
}
printTable(`${callers} callers, two processes: batches of one and adaptive batches`, rows);

{
  await using server = await ModelServer.open({ folder: syntheticModelsFolder(), models: ['synthetic-detector'] });
  const model = server.model('synthetic-detector');
  const work = { kind: 'image', bytes: imageAt(0) } as const;
  const before = server.stats()[0]?.calls ?? 0;
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: 10_000 }, () => model.ask(work)));
  printTable('10,000 equal requests at once', [
    { inferences: (server.stats()[0]?.calls ?? 0) - before, ms: Math.round(performance.now() - startedMs) },
  ]);
}

{
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'person'), { recursive: true });
  for (const version of [1, 2]) {
    const target = join(folder, 'person', String(version));
    await cp(join(syntheticModelsFolder(), 'synthetic-person', '1'), target, { recursive: true });
    const declaration = join(target, 'model.json');
    const declared = JSON.parse(await readFile(declaration, 'utf8')) as object;
    await writeFile(declaration, JSON.stringify({ ...declared, name: 'person', version }));
  }
  await using server = await ModelServer.open({ folder, models: ['person@1'], cacheBytes: 0 });
  const model = server.model('person');
  const versions = new Map<number, number>();
  let [failed, isDone] = [0, false];
  const caller = async (first: number): Promise<void> => {
    for (let i = first; !isDone; i += 16) {
      try {
        const { version } = await model.ask({ kind: 'image', bytes: imageAt(i) });
        versions.set(version, (versions.get(version) ?? 0) + 1);
      } catch {
        failed++;
      }
    }
  };
  const calling = Promise.all(Array.from({ length: 16 }, (_, i) => caller(i)));
  let swaps = 0;
  for (const startedMs = performance.now(); performance.now() - startedMs < seconds * 1000; ) {
    await server.promote('person', 2);
    await delay(5);
    await server.rollback('person');
    await delay(5);
    swaps += 2;
  }
  isDone = true;
  await calling;
  printTable('Versions swapped under the load of 16 callers', [
    { swaps, 'answers of version 1': versions.get(1) ?? 0, 'of version 2': versions.get(2) ?? 0, failed },
  ]);
}
