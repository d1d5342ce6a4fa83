import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ModelWork } from '../../../cascade/models/model-work.ts';
import { ModelServer } from '../../../cascade/serving/model-server.ts';
import { temporaryFolder } from '../models/model-folder.ts';
import { addBright, addDark, grayImage } from './small-models.ts';

/** Works that differ, so that none is remembered. */
const works = async (count: number): Promise<ModelWork[]> =>
  Promise.all(
    Array.from({ length: count }, async (_, i) => ({ kind: 'image', bytes: await grayImage(10 + i) }) as const),
  );

test('10,000 equal requests are one inference', async () => {
  const folder = await temporaryFolder();
  await addBright(folder);
  await using server = await ModelServer.open({ folder: join(folder, 'models') });
  const model = server.model('bright');
  const bytes = await grayImage(51);
  const asked = await Promise.all(
    Array.from({ length: 10_000 }, () =>
      model.ask({ kind: 'image', bytes: Uint8Array.from(bytes) }, { deadlineMs: 60_000 }),
    ),
  );
  expect(asked.filter(({ isCached }) => !isCached)).toHaveLength(1);
  expect(new Set(asked.map(({ answer }) => JSON.stringify(answer))).size).toBe(1);
  expect(server.stats()).toMatchObject([{ name: 'bright', version: 1, calls: 1 }]);
  expect(server.cacheStats).toMatchObject({ misses: 1, joined: 9999 });
  // Another picture, or the same one asked otherwise, is another question.
  const picture = { width: 8, height: 6, bytes: new Uint8Array(144).fill(51), frameWidth: 16, frameHeight: 12 };
  expect(await model.ask({ kind: 'picture', picture })).toMatchObject({ isCached: false });
  expect(await model.ask({ kind: 'image', bytes: await grayImage(52) })).toMatchObject({ isCached: false });
  expect(await model.ask({ kind: 'image', bytes })).toMatchObject({ isCached: true });
});

test('a joined request has its own deadline, and is not given up with the one that it joined', async () => {
  const folder = await temporaryFolder();
  await addBright(folder, { work: 400 });
  await using server = await ModelServer.open({ folder: join(folder, 'models'), replicas: { min: 1, max: 1 } });
  const model = server.model('bright');
  const [one, two] = await works(2);
  if (one === undefined || two === undefined) throw new Error('no works');
  const patient = model.ask(two);
  const hasty = model.ask(two, { deadlineMs: 20 });
  await expect(hasty).rejects.toMatchObject({ code: 'CASCADE_MODEL_LATE' });
  expect(await patient).toMatchObject({ isCached: false });
  // What batches take is known by now, so this one is told at once that there is no hope.
  const [first, second] = await Promise.allSettled([model.ask(one, { deadlineMs: 20 }), model.ask(one)]);
  expect(first).toMatchObject({ status: 'rejected', reason: { code: 'CASCADE_MODEL_OVERLOADED' } });
  expect(second).toMatchObject({ status: 'fulfilled', value: { version: 1 } });
});

test('a new version is shadowed, promoted and rolled back under load, and no request fails', async () => {
  const folder = await temporaryFolder();
  await addBright(folder);
  await addDark(folder);
  const options = { folder: join(folder, 'models'), models: ['bright@1'], replicas: { min: 1, max: 1 }, cacheBytes: 0 };
  await using server = await ModelServer.open(options);
  const model = server.model('bright');
  const some = await works(40);
  let isOver = false;
  const answered = new Map<number, number>();
  const failures: unknown[] = [];
  const caller = async (start: number): Promise<void> => {
    for (let i = start; !isOver; i++) {
      const at = i % some.length;
      try {
        const { answer, version } = await model.ask(some[at] as ModelWork);
        answered.set(version, (answered.get(version) ?? 0) + 1);
        const share = (10 + at) / 255;
        const expected = version === 2 ? 1 - share : share;
        if (answer.kind !== 'confidence' || Math.abs(answer.confidence - expected) > 0.01) failures.push(answer);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  const callers = Array.from({ length: 8 }, (_, i) => caller(i * 5));
  const count = (version: number): number => answered.get(version) ?? 0;
  const seen = async (version: number): Promise<void> => {
    const before = count(version);
    await expect.poll(() => count(version) - before, { timeout: 20_000, interval: 5 }).toBeGreaterThan(100);
  };
  await seen(1);
  await server.shadow('bright', 2, 0.25);
  await expect.poll(() => server.comparisons[0]?.compared ?? 0, { timeout: 20_000, interval: 5 }).toBeGreaterThan(50);
  const [comparison] = server.comparisons;
  // All are darker than the middle, so that the two never say the same.
  expect(comparison).toMatchObject({ name: 'bright', version: 1, shadow: 2, share: 0.25, agreed: 0, failures: 0 });
  expect(comparison?.meanModelMs.shadow).toBeGreaterThan(0);
  expect(count(2)).toBe(0);
  const labels = async (): Promise<string[]> =>
    (await server.index()).map(row => `${row.version} ${row.labels.join()}`);
  expect(await labels()).toEqual(['1 stable', '2 canary']);
  await server.promote('bright', 2);
  expect(model.version).toBe(2);
  expect(await labels()).toEqual(['1 previous', '2 stable']);
  await seen(2);
  await server.rollback('bright');
  expect(model.version).toBe(1);
  expect(await labels()).toEqual(['1 stable', '2 previous']);
  await seen(1);
  await server.promote('bright', 2);
  await server.unload('bright', 1);
  expect(await labels()).toEqual(['1 ', '2 stable']);
  await seen(2);
  await expect(server.rollback('bright')).rejects.toMatchObject({ code: 'CASCADE_MODEL_NOT_SERVED' });
  await server.load('bright', 1);
  expect(await labels()).toEqual(['1 ', '2 stable']);
  isOver = true;
  await Promise.all(callers);
  expect(failures).toEqual([]);
});
