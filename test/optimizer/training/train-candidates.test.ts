import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LoadedModel } from '../../../cascade/index.ts';
import {
  type ClassifierCandidate,
  classifierCandidate,
  randomSource,
  scoreClassifiers,
  storeClassifier,
  type TrainCandidatesOptions,
  type TrainingProgress,
  type TrainingResult,
  trainCandidates,
} from '../../../optimizer/index.ts';
import { ClassifierWorkers } from '../../../optimizer/training/classifier-workers.ts';
import { type RungState, trainRung } from '../../../optimizer/training/train-rung.ts';
import { areaUnderCurve, toyCandidate, toyData, toyLinear, toyPictures, toyView } from './toy-pictures.ts';

const grid = [
  toyCandidate([8, 8], 'raw'),
  toyCandidate([8, 8], 'scene'),
  classifierCandidate({ network: toyLinear, normalization: 'scene', view: toyView }),
  toyCandidate([1, 1], 'raw'),
];
const targets = { falseNegativeRate: 0.02, falsePositiveRate: 0.02 };
/** Nominal: about 150 steps for each of the grid, then 300; on an idle machine a small part of it. */
const searchDurationMs = 13_000;
/** On a busy machine it may be many times that. */
const mostDurationMs = 120_000;

let folder: string;
let options: TrainCandidatesOptions;
let result: TrainingResult;
const told: TrainingProgress[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-candidates-'));
  options = {
    ...(await toyData(folder, randomSource(5))),
    grid,
    targets,
    searchDurationMs,
    mostDurationMs,
    workers: 2,
  };
  result = await trainCandidates({ ...options, onProgress: progress => told.push(progress) });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('trainCandidates', () => {
  it('learns to find the square', async () => {
    const [best] = result.classifiers;
    const { pictures, labels } = toyPictures(300, randomSource(99));
    const path = join(folder, 'test.raw');
    await writeFile(path, pictures);
    const model = await storeClassifier({
      model: best?.model ?? new Uint8Array(),
      folder: join(folder, 'models'),
      name: 'square',
      label: 'square',
    });
    const [scored] = await scoreClassifiers({
      models: [{ model, pictures: { path, request: toyView.request, rows: 300 } }],
    });
    expect(areaUnderCurve(scored?.scores ?? [], labels)).toBeGreaterThan(0.95);
    expect(scored?.frameUs).toBeGreaterThan(0);

    // the same as LoadedModel gives here, picture by picture
    await using loaded = await LoadedModel.load(model);
    const { width, height } = toyView.request;
    const bytes = pictures.subarray(0, width * height * 3);
    const [first] = await loaded.confidences([{ width, height, bytes, frameWidth: width, frameHeight: height }]);
    expect(scored?.scores[0]).toBeCloseTo(first ?? -1, 5);
  });

  it('goes on with the better half, and returns the others too', () => {
    const { classifiers, stoppedByClock } = result;
    expect(stoppedByClock).toBe(false);
    expect(classifiers.length).toBe(grid.length);
    const shares = classifiers.map(({ validation }) => validation.meanShare);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    const fewest = Math.min(...classifiers.map(({ steps }) => steps));
    const dropped = classifiers.filter(({ steps }) => steps === fewest);
    expect(dropped.length).toBe(2);
    const kept = classifiers.filter(({ steps }) => steps > fewest);
    expect(kept.length).toBe(2);
    for (const { steps } of kept) expect(steps).toBeGreaterThanOrEqual(2.9 * fewest);
  });

  it('tells how far it is', () => {
    const shares = told.map(({ share }) => share);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(told.at(-1)).toMatchObject({ rung: 2, rungs: 2, candidates: 2, share: 1 });
    expect(told.at(-1)?.referenceShare).toBe(result.classifiers[0]?.validation.referenceShare);
  });

  it('gives the same models for the same seed, byte by byte', async () => {
    const hashes = ({ classifiers }: TrainingResult): string[] =>
      classifiers.map(({ model }) => createHash('sha256').update(model).digest('hex'));
    expect(hashes(await trainCandidates(options))).toEqual(hashes(result));
  });

  it('returns what is trained so far when it is stopped', async () => {
    const controller = new AbortController();
    const stopped = await trainCandidates({
      ...options,
      workers: 1,
      signal: controller.signal,
      onProgress: ({ referenceShare }) => {
        if (referenceShare !== null) controller.abort();
      },
    });
    expect(stopped.classifiers.length).toBeGreaterThan(0);
    expect(stopped.classifiers.length).toBeLessThan(grid.length);
    expect(stopped.stoppedByClock).toBe(false);
    const none = await trainCandidates({ ...options, signal: AbortSignal.abort() });
    expect(none.classifiers).toEqual([]);
  });

  it('ends when it takes too long, and says so', async () => {
    const stopped = await trainCandidates({ ...options, mostDurationMs: 1 });
    expect(stopped).toEqual({ classifiers: [], stoppedByClock: true });
  });

  it('has nothing to learn from rows of one class', async () => {
    const train = options.train.map(part => ({ ...part, labels: part.labels.map(() => 0) }));
    expect(await trainCandidates({ ...options, train })).toEqual({ classifiers: [], stoppedByClock: false });
  });

  it('needs a scene for models that subtract it', async () => {
    await expect(trainCandidates({ ...options, scenes: [] })).rejects.toThrow('no scene for cnn2-8-8-scene-whole');
  });
});

describe('trainRung', () => {
  it('hangs on the seed, and goes on from where the last rung ended', async () => {
    const [candidate] = grid as [ClassifierCandidate];
    const { pictures, labels } = toyPictures(40, randomSource(3));
    const set = { crops: pictures, cropBytes: pictures.length / 40, labels, weights: new Float32Array(40).fill(1) };
    const data = { train: set, validation: set, scene: null };
    const train = (seed: number, state: RungState | null) =>
      trainRung({ candidate, steps: 3, state, seed, targets }, data, () => undefined);
    const first = await train(1, null);
    expect(await train(1, null)).toEqual(first);
    expect((await train(2, null)).training.parameters).not.toEqual(first.training.parameters);
    const second = await train(1, first);
    expect(second.training.steps).toBe(6);
    const drift = second.training.parameters.map((value, i) => Math.abs(value - (first.training.parameters[i] ?? 0)));
    expect(Math.max(...drift)).toBeLessThan(0.05); // Adam moves a parameter by about the rate a step
  });
});

describe('ClassifierWorkers', () => {
  const job = { kind: 'score', name: 'a model' } as const;

  it('says which job a process died of', async () => {
    await using pool = new ClassifierWorkers({
      workers: 1,
      launcher: (_, events) => {
        queueMicrotask(() => events.onEnvelope({ kind: 'ready' }));
        return {
          pid: 1,
          send: (_message, onTaken) => {
            onTaken();
            events.onExit({ code: null, signal: 'SIGKILL', outputTail: 'out of memory' });
            return true;
          },
          disconnect: () => undefined,
          kill: () => undefined,
        };
      },
    });
    const running = pool.run<'score'>([{ ...job, model: {} as never, pictures: {} as never }]);
    await expect(running).rejects.toMatchObject({
      code: 'OPTIMIZER_WORKER_DIED',
      message: expect.stringMatching(/a model died: .*SIGKILL.*out of memory/),
    });
  });

  it('passes on what a job throws', async () => {
    const [best] = result.classifiers;
    const stored = await storeClassifier({
      model: best?.model ?? new Uint8Array(),
      folder: join(folder, 'others'),
      name: 'square',
      label: 'square',
    });
    await rm(stored.networkPath);
    const pictures = { path: join(folder, 'none'), request: toyView.request, rows: 1 };
    await expect(scoreClassifiers({ models: [{ model: stored, pictures }] })).rejects.toMatchObject({
      code: 'CASCADE_MODEL_FILE_MISSING',
    });
  });
});
