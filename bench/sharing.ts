// Four pipelines on one camera against one, at full speed: what they share is done once.
//
// Usage: node dist/bench/sharing.js [rounds=3]
import type { Decision } from '../cascade/index.ts';
import { syntheticModelsFolder } from '../fixtures/index.ts';
import { cascade, deploy, file, type Pipeline, pipeline } from '../streams-dsl/index.ts';
import { syntheticFootage } from './bench-footage.ts';
import { cpuSeconds } from './process-usage.ts';
import { interleaved } from './statistics.ts';
import { printTable } from './table.ts';

const rounds = Number(process.argv[2] ?? 3);
const path = await syntheticFootage('30s-480p', { profile: 'quiet', width: 854, height: 480, durationSeconds: 30 });

/** Four questions to one camera: what they differ in is asked of the answers alone. */
function alike(count: number): Pipeline<Decision>[] {
  return Array.from({ length: count }, (_, i) =>
    pipeline(
      `question-${i}`,
      file(path, { stream: 'camera' }),
      cascade({
        predicate: { label: 'person', minScore: 0.3 + 0.1 * i },
        reference: 'synthetic-detector',
        differenceDetector: { deltaDiff: 5, tDiffFrames: 5 },
        specializedModel: { model: 'synthetic-person', cLow: 0.1, cHigh: 0.9 },
        smoothingMs: 500 * i,
      }),
    ),
  );
}

/** Four cascades over one camera that differ in their thresholds: only decoding and the reference's answers are shared. */
function different(count: number): Pipeline<Decision>[] {
  return Array.from({ length: count }, (_, i) =>
    pipeline(
      `cascade-${i}`,
      file(path, { stream: 'camera' }),
      cascade({
        label: 'person',
        reference: 'synthetic-detector',
        differenceDetector: { deltaDiff: 5 + i, tDiffFrames: 5 },
        specializedModel: { model: 'synthetic-person', cLow: 0.1, cHigh: 0.9 },
      }),
    ),
  );
}

/** Processor seconds of the stream workers and of this process, from the first frame to the last. */
async function cost(pipelines: readonly Pipeline<Decision>[]): Promise<{ cpu: number; wall: number }> {
  await using deployment = deploy(pipelines, { models: syntheticModelsFolder() });
  const running = deployment.run();
  const streams = () => deployment.status().streams;
  let workers = 0;
  let started: { ms: number; main: NodeJS.CpuUsage; workers: number } | null = null;
  const watch = setInterval(() => {
    const pids = [...new Set(streams().flatMap(one => one.pids))];
    if (pids.length === 0 || streams().some(({ frames }) => frames === 0)) return;
    const seconds = cpuSeconds(pids);
    if (!Number.isNaN(seconds)) workers = seconds;
    started ??= { ms: performance.now(), main: process.cpuUsage(), workers };
  }, 20);
  await running;
  clearInterval(watch);
  if (started === null) return { cpu: Number.NaN, wall: Number.NaN };
  const { ms, main, workers: before }: { ms: number; main: NodeJS.CpuUsage; workers: number } = started;
  const { user, system } = process.cpuUsage(main);
  return { cpu: (user + system) / 1e6 + workers - before, wall: (performance.now() - ms) / 1000 };
}

const walls = new Map<string, number[]>();
const measured = (name: string, pipelines: () => Pipeline<Decision>[]) => async (): Promise<number> => {
  const { cpu, wall } = await cost(pipelines());
  walls.set(name, [...(walls.get(name) ?? []), wall]);
  return cpu;
};
const cpu = await interleaved(rounds, {
  one: measured('one', () => alike(1)),
  alike: measured('alike', () => alike(4)),
  different: measured('different', () => different(4)),
});
const wall = await interleaved(rounds, {
  one: async () => walls.get('one')?.shift() ?? Number.NaN,
  alike: async () => walls.get('alike')?.shift() ?? Number.NaN,
  different: async () => walls.get('different')?.shift() ?? Number.NaN,
});
const names = {
  one: 'one pipeline',
  alike: 'four questions to the same stages',
  different: 'four cascades with other thresholds',
};
printTable(
  `Pipelines on one 480p file, without the reference model's own time, median of ${rounds}`,
  (['one', 'alike', 'different'] as const).map(name => ({
    pipelines: names[name],
    'processor, s': cpu[name].toFixed(2),
    '÷ one': (cpu[name] / cpu.one).toFixed(2),
    'wall, s': wall[name].toFixed(2),
    'wall ÷ one': (wall[name] / wall.one).toFixed(2),
  })),
);
