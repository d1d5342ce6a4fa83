import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  CascadeRun,
  type Detection,
  findModel,
  LabelCache,
  LoadedModel,
  pictureRequest,
} from '../../../cascade/index.ts';
import { recordSyntheticFootage, syntheticModelsFolder } from '../../../fixtures/index.ts';
import { openFootage } from '../../../ingest/index.ts';
import {
  defaultLabelFrames,
  type FootageSource,
  type LabelProgress,
  type LabelSourcesOptions,
  labelSources,
  labelStep,
  openSources,
  type ReferenceLabels,
} from '../../../optimizer/index.ts';
import { madeUpSource } from './made-up-source.ts';

const frameCount = 60;
const models = syntheticModelsFolder();
const query = { reference: 'synthetic-detector', models, predicate: { label: 'person' } } as const;
let folder: string;
let path: string;
let sources: FootageSource[];
let cacheFolder: string;
/** What the reference says of every frame, asked one by one in this process. */
const truth: (readonly Detection[])[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-labels-'));
  path = join(folder, 'busy.mp4');
  const camera = {
    profile: 'busy',
    width: 160,
    height: 96,
    frameRateFps: 10,
    durationSeconds: frameCount / 10,
  } as const;
  await recordSyntheticFootage(path, { ...camera, keyframeIntervalSeconds: 1 });
  sources = await openSources([path]);
  const stored = await findModel('synthetic-detector', models);
  await using model = await LoadedModel.load(stored);
  await using footage = await openFootage({ path });
  for await (const frame of footage.frames({ from: 0, to: frameCount }, () => true)) {
    using owned = frame;
    const request = pictureRequest(stored.declaration, owned);
    const { width: frameWidth, height: frameHeight } = owned;
    const picture = { ...request, bytes: owned.pixels(request), frameWidth, frameHeight };
    const [result] = await model.run([picture]);
    truth.push(result?.kind === 'detections' ? result.detections : []);
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
  cacheFolder = await mkdtemp(join(folder, 'cache-'));
});

afterEach(() => {
  vi.restoreAllMocks();
});

function label(options: Partial<LabelSourcesOptions> = {}): Promise<ReferenceLabels> {
  return labelSources({ ...query, sources, step: 1, cacheFolder, ...options });
}

/** Frames of the file that the cache holds, in the order in which they were answered. */
async function cachedFrames(): Promise<number[]> {
  const [name = ''] = await readdir(cacheFolder);
  const lines = (await readFile(join(cacheFolder, name), 'utf8')).trim().split('\n').slice(1);
  return lines.map(line => (JSON.parse(line) as { frame: number }).frame);
}

const byFrame = (frames: readonly number[]): Map<number, readonly Detection[]> =>
  new Map(frames.map(frame => [frame, truth[frame] ?? []]));
const count = (from: number, to: number, step = 1): number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);

describe('labelSources', () => {
  it('gives what the reference says of every frame', async () => {
    const progress: LabelProgress[] = [];
    const labels = await label({ onProgress: one => progress.push(one), workers: 2, replicas: 2 });
    expect(labels).toEqual({ step: 1, detections: [byFrame(count(0, frameCount))] });
    expect(truth.some(detections => detections.length > 0)).toBe(true);
    expect(progress[0]).toEqual({ done: 0, total: frameCount, framesPerSecond: null, secondsLeft: null });
    expect(progress.map(({ done }) => done)).toEqual([...count(0, frameCount + 1), frameCount]);
    expect(progress.at(-1)).toMatchObject({ done: frameCount, secondsLeft: 0 });
  });

  it('asks about every step-th frame of a range alone, counted from its first', async () => {
    const starts = vi.spyOn(CascadeRun, 'start');
    const ranges = await openSources([`${path}#t=1.3,2.9`, `${path}#t=4.5`]);
    const { detections } = await label({ sources: ranges, step: 4 });
    expect(detections).toEqual([byFrame([13, 17, 21, 25]), byFrame([45, 49, 53, 57])]);
    expect((await cachedFrames()).sort((a, b) => a - b)).toEqual([13, 17, 21, 25, 45, 49, 53, 57]);
    // Nothing outside the ranges was decoded.
    const runs = await Promise.all(starts.mock.results.map(({ value }) => value as Promise<CascadeRun>));
    expect(runs.map(run => run.table.timestampsUs.length)).toEqual([16, 15]);
  });

  it('asks nothing twice: not for another query, another step, or a range within', async () => {
    await label({ step: 2 });
    const starts = vi.spyOn(CascadeRun, 'start');
    await label({ step: 4, predicate: { not: { label: 'vehicle' } } });
    const inner = await openSources([`${path}#t=2,5`]);
    expect((await label({ sources: inner, step: 2 })).detections).toEqual([byFrame(count(20, 50, 2))]);
    expect(starts).not.toHaveBeenCalled();
    expect((await label()).detections).toEqual([byFrame(count(0, frameCount))]);
    expect((await cachedFrames()).slice(30).sort((a, b) => a - b)).toEqual(count(1, frameCount, 2));
  });

  it('goes on after an interruption with what is missing', async () => {
    const controller = new AbortController();
    const reason = new Error('Ctrl-C');
    const interrupted = label({
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done === 20) controller.abort(reason);
      },
    });
    await expect(interrupted).rejects.toBe(reason);
    const kept = (await cachedFrames()).length;
    expect(kept).toBeGreaterThanOrEqual(20);
    expect(kept).toBeLessThan(frameCount);
    const progress: LabelProgress[] = [];
    const labels = await label({ onProgress: one => progress.push(one) });
    expect(labels.detections).toEqual([byFrame(count(0, frameCount))]);
    expect(progress[0]?.done).toBe(kept);
    expect((await cachedFrames()).sort((a, b) => a - b)).toEqual(count(0, frameCount));
  });

  it('asks again for what is corrupt in the cache', async () => {
    await label();
    const [name = ''] = await readdir(cacheFolder);
    const lines = (await readFile(join(cacheFolder, name), 'utf8')).split('\n');
    const spoilt = lines.map((line, i) => (i === 7 ? line.slice(0, 20) : i === 30 ? '{"frame":-1}' : line));
    await writeFile(join(cacheFolder, name), spoilt.join('\n'));
    const labels = await label();
    expect(labels.detections).toEqual([byFrame(count(0, frameCount))]);
    const frames = (await readFile(join(cacheFolder, name), 'utf8')).trim().split('\n').length;
    expect(frames).toBe(1 + frameCount + 2);
  });

  it('says when answers cannot be kept, at once and while it runs', async () => {
    const file = join(cacheFolder, 'file');
    await writeFile(file, '');
    await expect(label({ cacheFolder: join(file, 'labels') })).rejects.toMatchObject({
      code: 'CASCADE_LABEL_CACHE_UNUSABLE',
    });
    await rm(file);
    const full = new Error('no space left on device');
    const flush = vi.spyOn(LabelCache.prototype, 'flush').mockRejectedValue(full);
    await expect(label()).rejects.toBe(full);
    flush.mockRestore();
    expect((await label()).detections).toEqual([byFrame(count(0, frameCount))]);
  });

  it('lists what the reference knows when it does not know the label', async () => {
    const asking = label({ predicate: { label: 'unicorn' } });
    await expect(asking).rejects.toMatchObject({ code: 'CASCADE_PLAN_LABEL_UNKNOWN' });
    await expect(asking).rejects.toThrow('person, vehicle');
  });
});

describe('labelStep', () => {
  const tenMinutes = madeUpSource({ frames: 15_000, frameRateFps: 25 });
  const tenHours = madeUpSource({ frames: 900_000, frameRateFps: 25 });
  it.each([
    [[tenMinutes], {}, 1], // all of it
    [[madeUpSource({ frames: defaultLabelFrames })], {}, 1], // just all
    [[madeUpSource({ frames: defaultLabelFrames + 1 })], {}, 2],
    [[tenHours], {}, 45], // 900,000 ÷ 20,000
    [[tenMinutes, tenHours], {}, 46], // together
    [[madeUpSource({ frames: 900_000, range: { from: 10_000, to: 25_000 } })], {}, 1], // only the range counts
    [[tenMinutes], { labelFps: 5 }, 5],
    [[tenMinutes], { labelFps: 10 }, 3], // 2.5, rounded
    [[tenMinutes], { labelFps: 100 }, 1], // not more than there are
    [[tenHours], { labelFps: 5 }, 45], // the default limit holds too
    [[tenMinutes], { budget: { frames: 2000 } }, 8], // 7.5 would be more than 2,000
    [[tenMinutes], { budget: { footageSeconds: 60 } }, 10], // as many frames as a minute has
    [[tenHours], { budget: { frames: 1e9 } }, 1], // the limit lifted
    [[tenMinutes], { budget: { frames: 0.1 } }, 15_000], // one frame at least
  ])('of %#', (footage, sampling, expected) => {
    expect(labelStep(footage, sampling)).toBe(expected);
  });
});
