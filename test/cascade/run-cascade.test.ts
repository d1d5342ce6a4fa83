import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addModel,
  type CascadePlan,
  CascadeRun,
  createDifferenceDetector,
  type Decision,
  type Detection,
  decide,
  evaluatePredicate,
  findModel,
  hashPlan,
  LoadedModel,
  type Picture,
  parsePlan,
  pictureRequest,
  preparePlan,
  type StoredModel,
  smooth,
} from '../../cascade/index.ts';
import { recordSyntheticFootage, SyntheticCamera, syntheticModelsFolder, yuvToRgb } from '../../fixtures/index.ts';
import { encodeImage, type Frame, type FrameTable, type GroupOfPictures, openFootage } from '../../ingest/index.ts';
import { tinyBinary } from './models/tiny-onnx.ts';

const predicate = { label: 'person', minScore: 0.4 };
const detector = { metric: { kind: 'global' }, width: 64, height: 64, format: 'gray' } as const;
const frameCount = 150;

let folder: string;
let path: string;
let reference: StoredModel;
let specialized: StoredModel;
/** Picture of an empty scene, as the difference detector sees it, and its file. */
let scene: Uint8Array;
let sceneReference: { kind: 'empty-scene'; image: string; sha256: string };
/** Confidence that half of the frames exceed: the specialized model of these tests knows nothing but brightness. */
let middle: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-run-'));
  path = join(folder, 'busy.mp4');
  const camera = { seed: 5, profile: 'busy', width: 320, height: 180, durationSeconds: frameCount / 25 } as const;
  await recordSyntheticFootage(path, { ...camera, keyframeIntervalSeconds: 0.8, bFrames: 2 });
  reference = await findModel('synthetic-detector', syntheticModelsFolder());
  const onnxPath = join(folder, 'brightness.onnx');
  await writeFile(onnxPath, tinyBinary({ batch: 'N', width: 50, height: 50, dtype: 'uint8', layout: 'NHWC' }));
  specialized = await addModel({ onnxPath, folder, name: 'brightness', head: 'binary', labels: ['person'] });
  const empty = new SyntheticCamera(camera).renderEmpty(0);
  const png = await encodeImage({ width: 320, height: 180, bytes: new Uint8Array(yuvToRgb(empty)) }, { format: 'png' });
  const image = join(folder, 'scene.png');
  await writeFile(image, png);
  sceneReference = { kind: 'empty-scene', image, sha256: createHash('sha256').update(png).digest('hex') };
  await using still = await openFootage({ path: image });
  for await (const frame of still.frames({ from: 0, to: 1 }, () => true)) {
    scene = frame.pixels(detector);
    frame[Symbol.dispose]();
  }
  const all = await simulate(planOf({ specializedModel: { cLow: 0, cHigh: 0 }, skip: { kind: 'every', tSkip: 1 } }));
  const confidences = all.map(({ confidence }) => confidence ?? 0).sort((a, b) => a - b);
  middle = confidences[frameCount / 2] ?? 0;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function planOf(stages: {
  skip: CascadePlan['skip'];
  deltaDiff?: number;
  /** What frames are compared with. Default: earlier frames. */
  reference?: { kind: 'empty-scene'; image: string; sha256: string };
  specializedModel?: { cLow: number; cHigh: number };
}): CascadePlan {
  const { deltaDiff, specializedModel } = stages;
  return parsePlan(
    {
      schema: 'saccade/plan/1',
      name: 'test',
      predicate,
      skip: stages.skip,
      differenceDetector:
        deltaDiff === undefined
          ? null
          : { detector, deltaDiff, reference: stages.reference ?? { kind: 'previous', tDiffFrames: 7 } },
      specializedModel: specializedModel && {
        model: specialized.folder,
        sha256: specialized.declaration.sha256,
        ...specializedModel,
      },
      referenceModel: { model: reference.folder, sha256: reference.declaration.sha256 },
    },
    'test',
  );
}

/** What the simulation says of a frame. */
interface SimulatedDecision extends Pick<Decision, 'label' | 'rawLabel' | 'decidedBy'> {
  readonly confidence: number | null;
}

interface SimulationStages {
  readonly plan: CascadePlan;
  readonly table: FrameTable;
  /** Difference from another frame, or from the empty scene. */
  difference(frame: number, other: number | 'scene'): number;
  confidence(frame: number): Promise<number>;
  detections(frame: number): Promise<readonly Detection[]>;
}

/**
 * The cascade by its definition: one frame after the other, in one process, every frame decoded and kept. The cheap
 * stages see keyframes as they come alone, without smoothed edges between blocks; the reference sees them as they are.
 */
async function simulate(plan: CascadePlan): Promise<SimulatedDecision[]> {
  await using footage = await openFootage({ path });
  const frames: Frame[] = [];
  for await (const frame of footage.frames({ from: 0, to: frameCount }, () => true)) frames.push(frame);
  const groups: GroupOfPictures[] = [];
  const seen = [...frames];
  if (plan.skip.kind === 'keyframes') {
    for await (const group of footage.groups({ from: 0, to: frameCount })) {
      groups.push(group);
      if (group.keyframe !== undefined) seen[group.range.from] = group.keyframe;
    }
  }
  await using referenceModel = await LoadedModel.load(reference);
  await using specializedModel = await LoadedModel.load(specialized);
  const score = createDifferenceDetector(detector);
  const picture = (index: number, stored: StoredModel): Picture => {
    const frame = (stored === reference ? frames : seen)[index];
    if (frame === undefined) throw new Error(`frame ${index} is missing`);
    const request = pictureRequest(stored.declaration, frame);
    const { width: frameWidth, height: frameHeight } = frame;
    return { width: request.width, height: request.height, bytes: frame.pixels(request), frameWidth, frameHeight };
  };
  const small = seen.map(frame => frame.pixels(detector));
  const decisions = await simulateStages({
    plan,
    table: footage.table,
    difference: (frame, other) =>
      score.score(small[frame] ?? new Uint8Array(), (other === 'scene' ? scene : small[other]) ?? new Uint8Array()),
    confidence: async frame => (await specializedModel.confidences([picture(frame, specialized)]))[0] ?? Number.NaN,
    detections: async frame => {
      const [result] = await referenceModel.run([picture(frame, reference)]);
      return result?.kind === 'detections' ? result.detections : [];
    },
  });
  for (const frame of frames) frame[Symbol.dispose]();
  for (const group of groups) group[Symbol.dispose]();
  return decisions;
}

async function simulateStages(stages: SimulationStages): Promise<SimulatedDecision[]> {
  const { plan, table } = stages;
  const raw: boolean[] = [];
  const decidedBy: Decision['decidedBy'][] = [];
  const confidences: (number | null)[] = [];
  const looked: number[] = [];
  const look = async (frame: number, comparable: readonly number[]): Promise<void> => {
    const isScene = plan.differenceDetector?.reference.kind === 'empty-scene';
    const earlier = isScene ? 'scene' : comparable.findLast(other => other <= frame - 7);
    const difference = earlier === undefined ? null : stages.difference(frame, earlier);
    const confidence = plan.specializedModel === null ? null : await stages.confidence(frame);
    const { deltaDiff = null } = plan.differenceDetector ?? {};
    const { cLow = null, cHigh = null } = plan.specializedModel ?? {};
    const verdict = decide({ deltaDiff, cLow, cHigh }, { difference, confidence });
    confidences[frame] = confidence;
    decidedBy[frame] = verdict === 'ask-reference' ? 'referenced' : (verdict as 'unchanged' | 'rejected' | 'accepted');
    if (verdict === 'ask-reference') raw[frame] = evaluatePredicate(predicate, await stages.detections(frame)).label;
    else if (verdict === 'unchanged') raw[frame] = typeof earlier === 'number' && raw[earlier] === true;
    else raw[frame] = verdict === 'accepted';
  };
  if (plan.skip.kind === 'every') {
    for (let frame = 0; frame < frameCount; frame += plan.skip.tSkip) {
      await look(frame, looked);
      looked.push(frame);
    }
  } else {
    const keyframes = [...table.keyframes];
    for (const keyframe of keyframes) {
      await look(keyframe, looked);
      looked.push(keyframe);
    }
    for (const [i, keyframe] of keyframes.entries()) {
      const next = keyframes[i + 1];
      if (next !== undefined && raw[next] === raw[keyframe]) continue;
      const inside = keyframes.filter(other => other <= keyframe);
      for (let frame = keyframe + 1; frame < (next ?? frameCount); frame++) {
        await look(frame, inside);
        inside.push(frame);
      }
    }
  }
  for (let frame = 0; frame < frameCount; frame++) {
    if (decidedBy[frame] !== undefined) continue;
    decidedBy[frame] = 'skipped';
    raw[frame] = frame > 0 && raw[frame - 1] === true;
  }
  const labels = smooth(table.timestampsUs, raw, plan.smoothingMs);
  return raw.map((rawLabel, i) => ({
    confidence: confidences[i] ?? null,
    label: labels[i] === true,
    rawLabel,
    decidedBy: decidedBy[i] ?? 'failed',
  }));
}

async function start(
  plan: CascadePlan,
  options: Partial<Parameters<typeof CascadeRun.start>[0]> = {},
): Promise<CascadeRun> {
  const prepared = await preparePlan({ plan, hash: hashPlan(plan), folder }, { models: folder });
  return CascadeRun.start({ plan: prepared, footage: { path }, ...options });
}

async function runAll(
  plan: CascadePlan,
  options: Partial<Parameters<typeof CascadeRun.start>[0]> = {},
): Promise<Decision[]> {
  await using run = await start(plan, options);
  const decisions: Decision[] = [];
  for await (const batch of run.decisions()) decisions.push(...batch);
  return decisions;
}

const outline = ({ label, rawLabel, decidedBy }: Pick<Decision, 'label' | 'rawLabel' | 'decidedBy'>): unknown => ({
  label,
  rawLabel,
  decidedBy,
});

/** Plans that exercise every stage and skip rule. */
const plans: Record<string, () => CascadePlan> = {
  'reference on every 4th frame': () => planOf({ skip: { kind: 'every', tSkip: 4 } }),
  'difference detector': () => planOf({ skip: { kind: 'every', tSkip: 2 }, deltaDiff: 40 }),
  'difference from the empty scene': () =>
    planOf({ skip: { kind: 'every', tSkip: 2 }, deltaDiff: 60, reference: sceneReference }),
  'all stages': () =>
    planOf({
      skip: { kind: 'every', tSkip: 3 },
      deltaDiff: 20,
      specializedModel: { cLow: middle - 0.002, cHigh: middle + 0.002 },
    }),
  'keyframes with refinement': () => planOf({ skip: { kind: 'keyframes' }, deltaDiff: 20 }),
};

describe.each(Object.keys(plans))('a cascade: %s', name => {
  const plan = (): CascadePlan => plans[name]?.() ?? planOf({ skip: { kind: 'every', tSkip: 1 } });

  it('decides as its definition does', async () => {
    const expected = (await simulate(plan())).map(outline);
    const decisions = await runAll(plan());
    expect(decisions.map(({ frame }) => frame)).toEqual(expected.map((_, i) => i));
    expect(decisions.map(outline)).toEqual(expected);
  });

  it('decides the same with several workers and replicas', async () => {
    expect((await runAll(plan(), { workers: 3, replicas: 2 })).map(outline)).toEqual(
      (await runAll(plan())).map(outline),
    );
  });

  it('goes on after an interruption as if there had been none', async () => {
    const whole = await runAll(plan());
    for (const cut of [1, 60, 149]) {
      expect(await runAll(plan(), { history: whole.slice(0, cut) })).toEqual(whole.slice(cut));
    }
  });

  it('decides the same when its workers are killed', async () => {
    const whole = await runAll(plan());
    await using run = await start(plan(), { workers: 2 });
    const decisions: Decision[] = [];
    let kills = 0;
    for await (const batch of run.decisions()) {
      decisions.push(...batch);
      if (decisions.length > kills * 50 && kills < 2) {
        const { streamWorkers, modelWorkers } = run.pids;
        for (const pid of [streamWorkers[kills], modelWorkers[0]]) if (pid !== undefined) process.kill(pid, 'SIGKILL');
        kills++;
      }
    }
    expect(decisions).toEqual(whole);
    expect(run.stats().restarts).toBeGreaterThan(0);
  });
});

describe('a cascade', () => {
  it('uses every stage in these tests', async () => {
    const seen = new Set<string>();
    for (const plan of Object.values(plans)) for (const { decidedBy } of await runAll(plan())) seen.add(decidedBy);
    expect([...seen].sort()).toEqual(['accepted', 'referenced', 'rejected', 'skipped', 'unchanged']);
  });

  it('does not ask what is known, and decodes nothing when all is', async () => {
    const plan = planOf({ skip: { kind: 'every', tSkip: 4 } });
    const known = new Map<number, readonly Detection[]>();
    const whole = await runAll(plan, { onAnswer: (frame, detections) => known.set(frame, detections) });
    expect(known.size).toBe(Math.ceil(frameCount / 4));
    await using run = await start(plan, { known });
    const decisions: Decision[] = [];
    for await (const batch of run.decisions()) decisions.push(...batch);
    expect(decisions).toEqual(whole);
    expect(run.stats()).toMatchObject({ referenceCalls: 0, busySeconds: { decode: 0 } });
    known.delete(100);
    const asked: number[] = [];
    expect(await runAll(plan, { known, onAnswer: frame => asked.push(frame) })).toEqual(whole);
    expect(asked).toEqual([100]);
  });

  it('hands out what is certain and ends when it is aborted', async () => {
    await using run = await start(planOf({ skip: { kind: 'every', tSkip: 1 } }));
    const controller = new AbortController();
    const frames: number[] = [];
    for await (const batch of run.decisions({ signal: controller.signal })) {
      frames.push(...batch.map(({ frame }) => frame));
      if (frames.length > 10) controller.abort();
    }
    expect(frames.length).toBeLessThan(frameCount);
    expect(frames).toEqual(frames.map((_, i) => i));
  });

  it('answers every frame of footage that is damaged in the middle, and counts the damage', async () => {
    const bytes = await readFile(path);
    for (let at = Math.floor(bytes.length * 0.4); at < bytes.length * 0.5; at += 7) bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    const damaged = join(folder, 'damaged.mp4');
    await writeFile(damaged, bytes);
    for (const skip of [{ kind: 'every', tSkip: 1 }, { kind: 'keyframes' }] as const) {
      const plan = planOf({ skip, specializedModel: { cLow: middle, cHigh: middle } });
      await using run = await start(plan, { footage: { path: damaged } });
      const decisions: Decision[] = [];
      for await (const batch of run.decisions()) decisions.push(...batch);
      expect(decisions.map(({ frame }) => frame)).toEqual(Array.from({ length: frameCount }, (_, i) => i));
      if (skip.kind === 'keyframes') continue;
      const { refusedPackets, concealedFrames } = run.stats().damage;
      const failed = decisions.filter(({ decidedBy }) => decidedBy === 'failed');
      expect(refusedPackets + concealedFrames + failed.length).toBeGreaterThan(0);
      for (const one of failed) expect(one).toMatchObject({ code: 'CASCADE_FRAME_LOST' });
    }
  });

  it('says what is wrong with the footage and leaves no process behind', async () => {
    const text = join(folder, 'text.mp4');
    await writeFile(text, 'this is no video');
    const plan = planOf({ skip: { kind: 'every', tSkip: 1 } });
    await expect(runAll(plan, { footage: { path: text }, workers: 2 })).rejects.toMatchObject({
      code: 'INGEST_NOT_A_VIDEO',
    });
    const missing = { path: join(folder, 'missing.mp4') };
    await expect(runAll(plan, { footage: missing })).rejects.toMatchObject({ code: 'INGEST_FILE_NOT_FOUND' });
  });
});
