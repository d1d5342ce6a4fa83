// How much faster a cascade with a plan written by hand is than its reference on every frame, and with which errors.
// Scene and thresholds come from the first 30 % of each clip; errors are counted on the rest.
//
// Usage: node dist/bench/speedup.js [rounds=3] [frames=all]
//        frames: the reference and the Python loop stop after so many, since each frame costs them the same
//        SACCADE_BASELINE_PYTHON=…/bin/python adds the loop that a Python user would write (peers/baseline_loop.py)
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { evaluate, type Predicate } from '../cascade/index.ts';
import { dataFolder, realFootage } from './bench-footage.ts';
import { planFor, type RunResult, realDetector, runPlan, runReference, truthOf } from './run-plan.ts';
import { sceneModel } from './scene-model.ts';
import { interleaved } from './statistics.ts';
import { printTable } from './table.ts';

const rounds = Number(process.argv[2] ?? 3);
const slowFrames = Number(process.argv[3] ?? Number.POSITIVE_INFINITY);
const calibration = 0.3;
const processes = { workers: 1, replicas: 1 };
const pvb = await realDetector('pvb_2003.onnx', 'pvb');
const vehicle: Predicate = { label: 'vehicle', minScore: 0.4 };
const person: Predicate = { label: 'person', minScore: 0.4 };

const rows: Record<string, string | number>[] = [];
// Small far-off people differ little from the empty scene, so the second clip's plan trusts the model less and skips more.
for (const [name, predicate, classes, { tSkip, cLow, cHigh }] of [
  ['one-by-one.mp4', person, 'person', { tSkip: 3, cLow: 0.3, cHigh: 0.9 }],
  ['person-bicycle-car.mp4', { any: [person, vehicle] }, 'person,vehicle', { tSkip: 10, cLow: 0.03, cHigh: 0.95 }],
] as const) {
  const path = realFootage(name);
  if (path === null) continue;
  const query = { predicate, model: pvb.folder };
  const truth = await truthOf(path, query, { replicas: 2 });
  const model = await sceneModel(path, truth, calibration);
  const specializedModel = { model: model.folder, sha256: model.declaration.sha256, cLow, cHigh };
  const plan = planFor(query, pvb, { skip: { kind: 'every', tSkip }, specializedModel });
  const results = new Map<string, RunResult>();
  const keep = (key: string, result: RunResult): number => {
    results.set(key, result);
    return truth.length / result.fps;
  };
  const baseline = baselineOf(path, classes);
  const seconds = await interleaved(rounds, {
    reference: async () => keep('reference', await runReference(path, query, { ...processes, frames: slowFrames })),
    cascade: async () => keep('cascade', await runPlan(path, plan, processes)),
    everyTenth: async () =>
      keep('everyTenth', await runPlan(path, planFor(query, pvb, { skip: { kind: 'every', tSkip: 10 } }), processes)),
    python: async () => truth.length / ((await baseline()) ?? Number.NaN),
  });
  for (const [label, key] of [
    ['reference on every frame', 'reference'],
    ['reference on every 10th frame', 'everyTenth'],
    ['cascade', 'cascade'],
    ['Python loop, every frame', 'python'],
  ] as const) {
    const result = results.get(key);
    const frames = truth.length;
    const later = result?.decisions.filter(({ frame }) => frame >= frames * calibration) ?? [];
    // The reference and the Python loop, which runs the same model, are the truth.
    const isTruth = key === 'reference' || key === 'python';
    const rates = evaluate(isTruth ? [] : later, isTruth ? [] : truth.slice(truth.length - later.length)).smoothed;
    rows.push({
      footage: name,
      how: label,
      seconds: seconds[key].toFixed(2),
      'frames/s': (frames / seconds[key]).toFixed(1),
      'speed-up': (seconds.reference / seconds[key]).toFixed(1),
      'reference calls': isTruth ? frames : (result?.stats.referenceCalls ?? frames),
      'FN %': rates.falseNegativeRate === null ? '-' : (100 * rates.falseNegativeRate).toFixed(1),
      'FP %': rates.falsePositiveRate === null ? '-' : (100 * rates.falsePositiveRate).toFixed(1),
    });
  }
}
printTable(
  `Speed-up over the reference on every frame, one stream and one model worker each, median of ${rounds}`,
  rows,
);

/** Rate of the Python loop over a file with the same detector, frames/s by its own clock; null where it is missing. */
function baselineOf(path: string, classes: string): () => Promise<number | null> {
  const python = process.env['SACCADE_BASELINE_PYTHON'];
  if (python === undefined) {
    console.log('skipped: the Python loop; set SACCADE_BASELINE_PYTHON to a Python with opencv and onnxruntime');
    return async () => null;
  }
  const script = join(dataFolder(), '..', 'peers', 'baseline_loop.py');
  return async () => {
    const some = Number.isFinite(slowFrames) ? ['--frames', String(slowFrames)] : [];
    const { stdout } = await promisify(execFile)(python, [script, path, '--model', 'pvb', '--query', classes, ...some]);
    const [, frames, seconds] = /(\d+) frames, ([\d.]+) s,/.exec(stdout) ?? [];
    return Number(frames) / Number(seconds);
  };
}
