// One file over several stream workers against one.
//
// Usage: node dist/bench/segments.js [rounds=5]
import { availableParallelism } from 'node:os';
import { syntheticFootage } from './bench-footage.ts';
import { planFor, runPlan, syntheticDetector, truthOf } from './run-plan.ts';
import { sceneModel } from './scene-model.ts';
import { interleaved } from './statistics.ts';
import { printTable } from './table.ts';

const rounds = Number(process.argv[2] ?? 5);
const reference = await syntheticDetector();
const query = { predicate: { label: 'person', minScore: 0.5, minHeight: 0.12 }, model: reference.folder };
const quiet = { profile: 'quiet', frameRateFps: 25, keyframeIntervalSeconds: 2 } as const;
const path = await syntheticFootage('720p-long', { ...quiet, width: 1280, height: 720, durationSeconds: 240 });
const sample = await syntheticFootage('720p', { ...quiet, width: 1280, height: 720, durationSeconds: 60 });
const model = await sceneModel(sample, await truthOf(sample, query, { replicas: 2 }), 1);
const specializedModel = { model: model.folder, sha256: model.declaration.sha256, cLow: 0.5, cHigh: 0.5 };
const plan = planFor(query, reference, { skip: { kind: 'every', tSkip: 5 }, specializedModel });

const counts = [1, 2, 4].filter(count => count <= Math.max(2, availableParallelism()));
const measurements = counts.map(
  count => [`${count}`, async () => (await runPlan(path, plan, { workers: count })).fps] as const,
);
const fps = await interleaved(rounds, Object.fromEntries(measurements));
const one = fps['1'] ?? Number.NaN;
printTable(
  `One 720p file over several stream workers on ${availableParallelism()} cores, median of ${rounds}`,
  Object.entries(fps).map(([workers, rate]) => ({
    workers,
    'frames/s': Math.round(rate),
    '÷ one': (rate / one).toFixed(2),
  })),
);
