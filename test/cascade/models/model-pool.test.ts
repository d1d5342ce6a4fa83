import { writeFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Detection } from '../../../cascade/detection.ts';
import type { Picture } from '../../../cascade/models/model-input.ts';
import { ModelPool } from '../../../cascade/models/model-pool.ts';
import type { ModelPoolOptions } from '../../../cascade/models/model-pool-options.ts';
import type { StoredModel } from '../../../cascade/models/stored-model.ts';
import { storeModel } from './model-folder.ts';
import { type TinyOptions, tinyBinary, tinyHangingYolox, tinyYolox } from './tiny-onnx.ts';

const size = { width: 32, height: 32 };
/** Brightness at which the tiny detectors fail or hang. */
const poison = 255;
// One sure box in the middle of the second cell of the first grid.
const cells = Array.from({ length: 21 }, (_, i) => (i === 1 ? [0.5, 0.5, 0, 0, 0, 1] : [0, 0, 0, 0, -1, 1]));

function picture(brightness: number): Picture {
  const bytes = new Uint8Array(size.width * size.height * 3).fill(brightness);
  return { ...size, bytes, frameWidth: size.width, frameHeight: size.height };
}

/** The brightness that a detection tells: its score is the mean divided by 255. */
const brightnessOf = ([detection]: readonly Detection[]): number => Math.round((detection?.score ?? -1) * 255);

async function tinyDetector(options: Partial<TinyOptions>, make = tinyYolox): Promise<StoredModel> {
  return storeModel(make({ batch: 'N', ...size, ...options }, cells), { head: 'yolox', labels: ['person'] });
}

async function startPool(model: StoredModel, options: Omit<ModelPoolOptions, 'model'> = {}): Promise<ModelPool> {
  return ModelPool.start({ model, minScore: 0, ...options });
}

const brightnesses = Array.from({ length: 60 }, (_, i) => 20 + i * 3);
const coded = (code: string): unknown => expect.objectContaining({ code });

describe.each(['N', 1, 4] as const)('a model with batch %s', batch => {
  test('answers every picture with its own detections, on two replicas', async () => {
    await using pool = await startPool(await tinyDetector({ batch }), { replicas: 2, maxBatchSize: 5 });
    const answers = await Promise.all(brightnesses.map(value => pool.run(picture(value))));
    expect(answers.map(brightnessOf)).toEqual(brightnesses);
    const stats = pool.stats();
    expect(stats).toMatchObject({ calls: 60, restarts: 0 });
    const least = batch === 1 ? 60 : 60 / (batch === 4 ? 4 : 5);
    expect(stats.batches).toBeGreaterThanOrEqual(least);
    expect(stats.batches).toBeLessThanOrEqual(batch === 1 ? 60 : least + 8);
    expect(stats.busyMs).toBeGreaterThan(0);
    expect(stats.peakRssBytes).toBeGreaterThan(20e6);
  });

  test('a process that is killed is replaced, and nothing is lost', async () => {
    await using pool = await startPool(await tinyDetector({ batch, work: 20 }), { replicas: 2, maxBatchSize: 5 });
    const [first = 0] = pool.pids;
    let answered = 0;
    const answers = await Promise.all(
      brightnesses.map(async value => {
        const detections = await pool.run(picture(value));
        if (++answered === 10) process.kill(first, 'SIGKILL');
        return brightnessOf(detections);
      }),
    );
    expect(answers).toEqual(brightnesses);
    // The other replica may have done all the work before the killed one is back.
    await expect.poll(() => pool.pids.length, { timeout: 20_000 }).toBe(2);
    expect(pool.pids).not.toContain(first);
    expect(pool.stats().restarts).toBe(1);
    expect(brightnessOf(await pool.run(picture(77)))).toBe(77);
  });
});

test('the only process is killed: its pictures wait for the next', async () => {
  await using pool = await startPool(await tinyDetector({ work: 20 }));
  const answers = brightnesses.map(value => pool.run(picture(value)));
  await answers[3];
  for (const pid of pool.pids) process.kill(pid, 'SIGKILL');
  expect((await Promise.all(answers)).map(brightnessOf)).toEqual(brightnesses);
});

test('a picture that the model fails on has an error, those beside it have answers', async () => {
  await using pool = await startPool(await tinyDetector({}));
  const values = [10, 20, poison, 30, 40];
  const results = await Promise.allSettled(values.map(value => pool.run(picture(value))));
  expect(
    results.map(result => (result.status === 'fulfilled' ? brightnessOf(result.value) : result.reason.code)),
  ).toEqual([10, 20, 'CASCADE_MODEL_RUN_FAILED', 30, 40]);
  await expect(pool.run({ ...picture(1), width: 31 })).rejects.toEqual(coded('CASCADE_PICTURE_SIZE'));
  expect(pool.stats()).toMatchObject({ calls: 6, restarts: 0 });
});

test('a picture that hangs every process is given up, those beside it have answers', async () => {
  const model = await tinyDetector({}, tinyHangingYolox);
  await using pool = await startPool(model, { deadlineMs: 1000, replicas: 2 });
  const values = [10, 20, poison, 30, 40];
  const results = await Promise.allSettled(values.map(value => pool.run(picture(value))));
  expect(
    results.map(result => (result.status === 'fulfilled' ? brightnessOf(result.value) : result.reason.code)),
  ).toEqual([10, 20, 'CASCADE_MODEL_NO_ANSWER', 30, 40]);
  expect(brightnessOf(await pool.run(picture(50)))).toBe(50);
});

test('what waits is bounded, can be given up, and is rejected at the end', async () => {
  const pool = await startPool(await tinyDetector({ work: 30 }), { maxBatchSize: 1, maxQueue: 3 });
  const controller = new AbortController();
  const underWay = [pool.run(picture(1)), pool.run(picture(2), { signal: controller.signal })];
  // What comes in one turn of the event loop is handed on after it.
  await setImmediate();
  const waiting = [
    pool.run(picture(3), { signal: controller.signal }),
    pool.run(picture(4), { signal: controller.signal }),
    pool.run(picture(5)),
  ];
  await expect(pool.run(picture(6))).rejects.toEqual(coded('CASCADE_MODEL_QUEUE_FULL'));
  controller.abort(new Error('no longer wanted'));
  for (const given of [underWay[1], waiting[0], waiting[1]]) await expect(given).rejects.toThrow('no longer wanted');
  await expect(pool.run(picture(7), { signal: controller.signal })).rejects.toThrow('no longer wanted');
  expect(brightnessOf((await underWay[0]) ?? [])).toBe(1);
  const last = pool.run(picture(8));
  const ends = Promise.allSettled([waiting[2], last]);
  await Promise.all([pool[Symbol.asyncDispose](), pool[Symbol.asyncDispose]()]);
  const [, rejected] = await ends;
  expect(rejected).toMatchObject({ status: 'rejected', reason: { code: 'CASCADE_MODEL_CLOSED' } });
  await expect(pool.run(picture(9))).rejects.toEqual(coded('CASCADE_MODEL_CLOSED'));
  expect(pool.pids).toEqual([]);
  expect(pool.stats().calls).toBeGreaterThan(0);
});

test('what is due first is run first, and what cannot be in time is rejected', async () => {
  await using pool = await startPool(await tinyDetector({ work: 60 }), { maxBatchSize: 1 });
  await pool.run(picture(1));
  const order: string[] = [];
  const ask = async (name: string, deadlineMs?: number): Promise<void> => {
    await pool.run(picture(9), deadlineMs === undefined ? {} : { deadlineMs });
    order.push(name);
  };
  const patient = ['a', 'b', 'c', 'd', 'e'].map(name => ask(name));
  await setImmediate();
  const late = ask('late', 50_000);
  const soon = ask('soon', 40_000);
  // What a batch takes is known: there is no time for this one, which is told at once.
  await expect(ask('hopeless', 1)).rejects.toEqual(coded('CASCADE_MODEL_OVERLOADED'));
  await expect(ask('over', 0)).rejects.toEqual(coded('CASCADE_MODEL_OVERLOADED'));
  expect(order).toEqual([]);
  await Promise.all([...patient, late, soon]);
  // Two were with the process already.
  expect(order).toEqual(['a', 'b', 'soon', 'late', 'c', 'd', 'e']);
  expect(pool.stats()).toMatchObject({ shed: 2, calls: 8, queued: 0 });
});

test('beyond what it can do, it answers in time or says at once that it will not', async () => {
  const model = await tinyDetector({ work: 10 });
  await using pool = await startPool(model, { isAdaptive: true, maxBatchSize: 32, sloMs: 2000 });
  const timed = async (): Promise<number> => {
    const startedMs = performance.now();
    await pool.run(picture(9));
    return performance.now() - startedMs;
  };
  await timed();
  const results = await Promise.allSettled(Array.from({ length: 1000 }, timed));
  const answered = results.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []));
  const rejected = results.flatMap(one => (one.status === 'rejected' ? [one.reason.code] : []));
  expect(answered.length).toBeGreaterThan(0);
  for (const latencyMs of answered) expect(latencyMs).toBeLessThan(2100);
  // On a machine that does other things as well, what seemed possible may come to nothing.
  const codes = ['CASCADE_MODEL_OVERLOADED', 'CASCADE_MODEL_LATE'];
  expect(rejected.every(code => codes.includes(code))).toBe(true);
  expect(pool.stats().shed).toBe(rejected.length);
});

test('a model that is too slow is tried again', async () => {
  await using pool = await startPool(await tinyDetector({ work: 300 }), { maxBatchSize: 1, sloMs: 10 });
  for (let i = 0; i < 3; i++) {
    await expect(pool.run(picture(9))).rejects.toEqual(coded('CASCADE_MODEL_LATE'));
    // While it works on that there is no hope for others.
    await expect(pool.run(picture(9))).rejects.toEqual(
      coded(i === 0 ? 'CASCADE_MODEL_LATE' : 'CASCADE_MODEL_OVERLOADED'),
    );
    await pool.drained();
  }
});

test('a batch waits a little to be filled, when told to', async () => {
  await using pool = await startPool(await tinyDetector({}), { maxBatchSize: 4, batchDelayMs: 50 });
  const first = pool.ask({ kind: 'picture', picture: picture(1) });
  await setImmediate();
  const second = pool.ask({ kind: 'picture', picture: picture(2) });
  expect((await Promise.all([first, second])).map(({ batchSize }) => batchSize)).toEqual([2, 2]);
});

test('a batch that takes long is given to another process, and the first answer counts', async () => {
  const model = await tinyDetector({});
  await using pool = await startPool(model, { replicas: 2, maxBatchSize: 1, hedgeAfter: 0.95 });
  for (let i = 0; i < 40; i++) await pool.run(picture(i));
  const [straggler = 0] = pool.pids;
  process.kill(straggler, 'SIGSTOP');
  try {
    const answers = await Promise.all([50, 51, 52].map(value => pool.run(picture(value))));
    expect(answers.map(brightnessOf)).toEqual([50, 51, 52]);
    const { hedged } = pool.stats();
    expect(hedged.calls).toBeGreaterThanOrEqual(1);
    expect(hedged.won).toBeGreaterThanOrEqual(1);
  } finally {
    process.kill(straggler, 'SIGCONT');
  }
  await expect.poll(() => pool.stats().lostMs, { timeout: 20_000, interval: 5 }).toBeGreaterThan(0);
  expect(brightnessOf(await pool.run(picture(60)))).toBe(60);
});

test('processes are added while there is too much to do', async () => {
  const model = await tinyDetector({ work: 20 });
  await using pool = await startPool(model, { replicas: { min: 1, max: 2 }, maxBatchSize: 2, maxQueue: 100 });
  let isOver = false;
  const callers = Array.from({ length: 16 }, async () => {
    while (!isOver) await pool.run(picture(9));
  });
  expect(pool.stats().replicas).toBe(1);
  await expect.poll(() => pool.pids.length, { timeout: 30_000, interval: 20 }).toBe(2);
  isOver = true;
  await Promise.all(callers);
  expect(pool.stats()).toMatchObject({ replicas: 2, restarts: 0, failures: 0 });
});

test('a model that cannot be loaded does not start', async () => {
  const model = await tinyDetector({});
  const { declaration } = model;
  const wrongHash = { ...model, declaration: { ...declaration, sha256: 'f'.repeat(64) } };
  await expect(startPool(wrongHash, { replicas: 2 })).rejects.toEqual(coded('CASCADE_MODEL_HASH_MISMATCH'));
  await expect(startPool({ ...model, declaration: { ...declaration, labels: ['a', 'b'] } })).rejects.toEqual(
    coded('CASCADE_MODEL_TENSORS_MISMATCH'),
  );
  await writeFile(model.networkPath, 'not a model');
  await expect(startPool(model)).rejects.toEqual(coded('CASCADE_MODEL_HASH_MISMATCH'));
  const binary = await storeModel(tinyBinary({ batch: 'N', ...size }), { head: 'binary', labels: ['bright'] });
  await expect(startPool(binary)).rejects.toEqual(coded('CASCADE_MODEL_NOT_DETECTOR'));
});
