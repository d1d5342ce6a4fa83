// Whether the bounds that plans state hold: a plan is chosen on a random part of long synthetic footage and measured on the
// rest, many times over; beside it NoScope's way of choosing, by estimates alone (§6).
//
// Usage: node dist/bench/coverage.js [splits=100] [hours=4]
import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { coverageOfSplits, optimize } from '../optimizer/index.ts';
import { benchFolder, syntheticFootage } from './bench-footage.ts';
import { syntheticDetector } from './run-plan.ts';
import { median } from './statistics.ts';
import { printTable } from './table.ts';

const splits = Number(process.argv[2] ?? 100);
const hours = Number(process.argv[3] ?? 4);
/** Enough for events to be seen: they last seconds. */
const frameRateFps = 2;
/** A minute: events are shorter. */
const pieceRows = 60 * frameRateFps;
const folder = join(benchFolder, 'coverage');

await mkdir(folder, { recursive: true });
const reference = await syntheticDetector();
const rows: Record<string, string | number>[] = [];
for (const profile of ['quiet', 'busy'] as const) {
  const durationSeconds = hours * 3600;
  const path = await syntheticFootage(`${profile}-${hours}h`, { seed: 3, profile, frameRateFps, durationSeconds });
  const planPath = join(folder, `${profile}.plan.json`);
  await rm(planPath, { force: true });
  const { search } = await optimize(
    {
      inputs: [path],
      name: profile,
      predicate: { label: 'person', minScore: 0.5, minHeight: 0.12 },
      reference: reference.folder,
      models: join(folder, 'models'),
      targets: { falseNegativeRate: 0.01, falsePositiveRate: 0.01, confidence: 0.95 },
      planPath,
      cacheFolder: join(folder, 'cache'),
      sampling: { labelFps: frameRateFps, budget: { frames: durationSeconds * frameRateFps } },
      processes: { workers: 1, replicas: 1, cores: availableParallelism() },
    },
    { onStep: step => console.error(`${profile}: ${step}`) },
  );
  const count = Math.floor(search.table.part.truth.length / pieceRows);
  for (const errorRate of [0.01, 0.05]) {
    const targets = { falseNegativeRate: errorRate, falsePositiveRate: errorRate, confidence: 0.95 };
    const pieces = Math.floor(count / 3);
    const { runs, ...shares } = coverageOfSplits({ ...search, targets, splits, pieceRows, pieces, seed: 1 });
    const percent = (share: number): string => (100 * share).toFixed(0);
    rows.push({
      footage: profile,
      'target %': 100 * errorRate,
      'chosen on, min': pieces,
      'judged on, min': count - pieces,
      'bounds hold %': percent(shares.boundsHold),
      'targets kept %': percent(shares.targetsKept),
      'by estimates alone %': percent(shares.naiveTargetsKept),
      'frames/s': Math.round(median(runs.map(({ chosen: { plan } }) => plan.cost.framesPerSecond))),
      'by estimates alone, frames/s': Math.round(
        median(runs.flatMap(({ naive }) => naive?.plan.cost.framesPerSecond ?? [])),
      ),
      'bounded %': percent(runs.filter(({ chosen: { plan } }) => plan.status === 'bounded').length / runs.length),
    });
  }
}
printTable(`Plans chosen on ${splits} random thirds of ${hours} h of footage, judged on the rest`, rows);
