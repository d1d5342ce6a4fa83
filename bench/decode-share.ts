// End-to-end rate of a cascade that asks no reference, as a share of bare decoding of the same file with the same threads.
//
// Usage: node dist/bench/decode-share.js [rounds=5]
import { evaluate, findModel } from '../cascade/index.ts';
import { syntheticModelsFolder } from '../fixtures/index.ts';
import { ffmpegDecodeFps, ownDecodeFps } from './bare-decode.ts';
import { realFootage, resizedFootage, syntheticFootage } from './bench-footage.ts';
import { planFor, type RunResult, realDetector, runPlan, syntheticDetector, truthOf } from './run-plan.ts';
import { sceneModel } from './scene-model.ts';
import { interleaved } from './statistics.ts';
import type { Subject } from './subject.ts';
import { printTable } from './table.ts';

const rounds = Number(process.argv[2] ?? 5);
/** Share of the footage that the scene and its threshold are taken from. */
const calibration = 0.3;

async function subjects(): Promise<Subject[]> {
  const list: Subject[] = [];
  const room = realFootage('one-by-one.mp4');
  if (room !== null) {
    const reference = await realDetector('pvb_2003.onnx', 'pvb');
    const query = { predicate: { label: 'person', minScore: 0.4 }, model: reference.folder };
    for (const [suffix, path] of [
      ['', room],
      [' at 480p', await resizedFootage(room, { width: 854, height: 480 })],
      [' at 720p', await resizedFootage(room, { width: 1280, height: 720 })],
    ] as const) {
      if (path === null) continue;
      const specialized = await sceneModel(path, await truthOf(path, query, { replicas: 2 }), calibration);
      list.push({ name: `one-by-one.mp4${suffix}`, path, query, reference, specialized, deltaDiff: 4 });
    }
  }
  const reference = await syntheticDetector();
  const query = { predicate: { label: 'person', minScore: 0.5, minHeight: 0.12 }, model: reference.folder };
  // About 0.7 Mbit/s, as cameras send their small stream; a keyframe costs 15 other frames then, at 0.2 Mbit/s 8.
  const encoding = { crf: 20, preset: 'veryfast', keyframeIntervalSeconds: 2 } as const;
  const path = await syntheticFootage('quiet', {
    profile: 'quiet',
    frameRateFps: 25,
    durationSeconds: 120,
    ...encoding,
  });
  const specialized = await findModel('synthetic-person', syntheticModelsFolder());
  list.push({ name: 'synthetic quiet 360p', path, query, reference, specialized, deltaDiff: 0.5 });
  return list;
}

const rows: Record<string, string | number>[] = [];
const floors: Record<string, string | number>[] = [];
for (const { name, path, query, reference, specialized: model, deltaDiff } of await subjects()) {
  const truth = await truthOf(path, query, { replicas: 2 });
  // Both thresholds in one place: the model decides every frame.
  const specializedModel = { model: model.folder, sha256: model.declaration.sha256, cLow: 0.5, cHigh: 0.5 };
  const size = { width: 64, height: 64, format: 'gray' };
  const differenceDetector = {
    detector: { metric: { kind: 'global' }, ...size },
    reference: { kind: 'previous', tDiffFrames: 10 },
    deltaDiff,
  };
  const plan = (stages: object): ReturnType<typeof planFor> =>
    planFor(query, reference, { specializedModel, ...stages });
  const plans = {
    'every frame': plan({ skip: { kind: 'every', tSkip: 1 }, differenceDetector }),
    'every 5th': plan({ skip: { kind: 'every', tSkip: 5 }, differenceDetector }),
    'keyframes, refined': plan({ skip: { kind: 'keyframes' } }),
  };
  const last = new Map<string, RunResult>();
  const measure = (key: keyof typeof plans) => async (): Promise<number> => {
    const result = await runPlan(path, plans[key]);
    last.set(key, result);
    return result.fps;
  };
  const fps = await interleaved(rounds, {
    own: () => ownDecodeFps(path),
    keyframes: () => ownDecodeFps(path, 'keyframes'),
    ffmpeg: async () => (await ffmpegDecodeFps(path, truth.length)) ?? Number.NaN,
    'every frame': measure('every frame'),
    'every 5th': measure('every 5th'),
    'keyframes, refined': measure('keyframes, refined'),
  });
  floors.push({
    footage: name,
    'own decode': Math.round(fps.own),
    'keyframes alone': Math.round(fps.keyframes),
    '÷ own': (fps.keyframes / fps.own).toFixed(2),
  });
  const later = <Row extends { frame: number }>(all: readonly Row[]): Row[] =>
    all.filter(({ frame }) => frame >= truth.length * calibration);
  for (const key of Object.keys(plans) as (keyof typeof plans)[]) {
    const decisions = last.get(key)?.decisions ?? [];
    const { smoothed } = evaluate(later(decisions), later(truth));
    rows.push({
      footage: name,
      plan: key,
      'frames/s': Math.round(fps[key]),
      'own decode': Math.round(fps.own),
      'ffmpeg decode': Math.round(fps.ffmpeg),
      '÷ own': (fps[key] / fps.own).toFixed(2),
      '÷ ffmpeg': (fps[key] / fps.ffmpeg).toFixed(2),
      'FN %': percent(smoothed.falseNegativeRate),
      'FP %': percent(smoothed.falsePositiveRate),
      'looked at': decisions.filter(({ decidedBy }) => decidedBy !== 'skipped').length,
    });
  }
}
printTable('Decoding keyframes alone: what keyframes with refinement cannot exceed', floors);
printTable(`Cascade without reference calls against bare decoding, 1 thread each, median of ${rounds}`, rows);

function percent(rate: number | null): string {
  return rate === null ? '-' : (rate * 100).toFixed(1);
}
