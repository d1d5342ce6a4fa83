import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addModel, findModel, type StoredModel } from '../../../cascade/index.ts';
import { recordSyntheticFootage, syntheticModelsFolder } from '../../../fixtures/index.ts';
import { openFootage } from '../../../ingest/index.ts';
import { differenceCandidates, type MeasureCostsOptions, measureCosts } from '../../../optimizer/index.ts';
import { tinyBinary } from '../../cascade/models/tiny-onnx.ts';

const frameCount = 100;
let folder: string;
let options: MeasureCostsOptions;
let brightness: StoredModel;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-costs-'));
  const path = join(folder, 'camera.mp4');
  const camera = { width: 96, height: 64, durationSeconds: frameCount / 25 };
  await recordSyntheticFootage(path, { ...camera, keyframeIntervalSeconds: 1 });
  const onnxPath = join(folder, 'brightness.onnx');
  await writeFile(onnxPath, tinyBinary({ batch: 'N', width: 20, height: 20, dtype: 'uint8', layout: 'NHWC' }));
  brightness = await addModel({ onnxPath, folder, name: 'brightness', head: 'binary', labels: ['person'] });
  await using footage = await openFootage({ path });
  options = {
    sources: [{ footage: { path, streamId: 'camera' }, table: footage.table }],
    stretches: [{ source: 0, range: { from: 0, to: frameCount } }],
    referenceModel: await findModel('synthetic-detector', syntheticModelsFolder()),
    differences: differenceCandidates({ frameRateFps: 25, skips: [{ kind: 'every', tSkip: 1 }] }),
    classifiers: [
      { id: 'brightness', model: brightness },
      { id: 'person', model: await findModel('synthetic-person', syntheticModelsFolder()) },
    ],
    processes: { workers: 1, replicas: 1, cores: 2 },
    durationMs: 50,
  };
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it('measures every stage', async () => {
  const processes = { workers: 2, replicas: 2, cores: 2 };
  const { differenceUs, specializedUs, ...others } = await measureCosts({ ...options, processes });
  expect(Object.keys(differenceUs)).toEqual(options.differences.map(({ id }) => id));
  expect(Object.keys(specializedUs)).toEqual(['brightness', 'person']);
  expect(Object.keys(others).sort()).toEqual(
    ['decodeUs', 'keyframeUs', 'demuxUs', 'referenceSendUs', 'referenceUs', 'decisionUs'].sort(),
  );
  for (const cost of [differenceUs, specializedUs, others].flatMap(costs => Object.values(costs))) {
    // µs: a stage that takes more than a second a frame, or less than a cycle, has the wrong unit.
    expect(cost).toBeGreaterThan(1e-3);
    expect(cost).toBeLessThan(1e6);
  }
  expect(others.demuxUs).toBeLessThan(others.keyframeUs * (1 + 1e-9));
});

it('ends its processes when something is wrong, and when it is told to', async () => {
  const before = await childProcesses();
  const missing = { ...brightness, networkPath: join(folder, 'none.onnx') };
  const broken = { ...options, classifiers: [{ id: 'missing', model: missing }] };
  await expect(measureCosts(broken)).rejects.toMatchObject({ code: 'CASCADE_MODEL_FILE_MISSING' });
  await expect(measureCosts({ ...options, referenceModel: brightness })).rejects.toMatchObject({
    code: 'CASCADE_MODEL_NOT_DETECTOR',
  });
  const reason = new Error('enough');
  await expect(measureCosts({ ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const soon = new AbortController();
  const running = measureCosts({ ...options, processes: { workers: 2, replicas: 1, cores: 2 }, signal: soon.signal });
  setImmediate(() => soon.abort(reason));
  await expect(running).rejects.toBe(reason);
  expect(await childProcesses()).toEqual(before);
});

/** Ids of the processes that this one has started and that run; none where /proc is missing. */
async function childProcesses(): Promise<string[]> {
  if (!existsSync('/proc/self/task')) return [];
  const threads = await readdir('/proc/self/task');
  const lists = await Promise.all(
    threads.map(id => readFile(`/proc/self/task/${id}/children`, 'utf8').catch(() => '')),
  );
  return lists.flatMap(list => list.split(' ').filter(id => id !== '')).sort();
}
