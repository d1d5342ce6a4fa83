// One file over several stream workers against one.
//
// Usage: node dist/bench/segments.js [rounds=5]
import { availableParallelism } from 'node:os';
import { findModel } from '../cascade/index.ts';
import { syntheticModelsFolder } from '../fixtures/index.ts';
import { syntheticFootage } from './bench-footage.ts';
import { planFor, runPlan, syntheticDetector } from './run-plan.ts';
import { interleaved } from './statistics.ts';
import { printTable } from './table.ts';

const rounds = Number(process.argv[2] ?? 5);
const reference = await syntheticDetector();
const query = { predicate: { label: 'person', minScore: 0.5, minHeight: 0.12 }, model: reference.folder };
const quiet = { profile: 'quiet', frameRateFps: 25, keyframeIntervalSeconds: 2 } as const;
const path = await syntheticFootage('720p-long', { ...quiet, width: 1280, height: 720, durationSeconds: 240 });
const model = await findModel('synthetic-person', syntheticModelsFolder());
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
