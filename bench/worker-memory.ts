// Resident memory of a stream worker over 20,000 frames.
//
// Usage: node dist/bench/worker-memory.js
import { CascadeRun, hashPlan, preparePlan } from '../cascade/index.ts';
import { benchFolder, syntheticFootage } from './bench-footage.ts';
import { planFor, syntheticDetector } from './run-plan.ts';
import { printTable } from './table.ts';

const everyFrames = 2000;
const path = await syntheticFootage('long-360p', { profile: 'quiet', width: 640, height: 360, durationSeconds: 800 });
const reference = await syntheticDetector();
const query = { predicate: { label: 'person', minScore: 0.5 }, model: reference.folder };
const differenceDetector = {
  detector: { metric: { kind: 'global' }, width: 64, height: 64, format: 'gray' },
  reference: { kind: 'previous', tDiffFrames: 10 },
  deltaDiff: 40,
};
const plan = planFor(query, reference, { skip: { kind: 'every', tSkip: 1 }, differenceDetector });
const prepared = await preparePlan({ plan, hash: hashPlan(plan), folder: process.cwd() }, { models: benchFolder });
await using run = await CascadeRun.start({ plan: prepared, footage: { path } });
const rows: Record<string, string | number>[] = [];
let frames = 0;
for await (const batch of run.decisions()) {
  const before = Math.floor(frames / everyFrames);
  frames += batch.length;
  if (Math.floor(frames / everyFrames) === before) continue;
  rows.push({ frames, 'stream worker now, MB': (run.streamWorkerRssBytes / 1e6).toFixed(0) });
}
printTable('Resident memory of a stream worker, 360p, every frame looked at', rows);
