// What the optimizer finds on real and synthetic footage: plans found on the earlier part, run on the later part beside the
// reference on every frame, on every k-th frame, and behind a motion gate; and what each kind of stage is worth.
//
// Usage: node dist/bench/optimize.js [query …]
//        SACCADE_BASELINE_PYTHON=…/bin/python adds the motion gate that a Python user would write (peers/baseline_loop.py)
import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  type CascadePlan,
  CascadeRun,
  type Decision,
  evaluate,
  hashPlan,
  labelPlan,
  preparePlan,
} from '../cascade/index.ts';
import { type Baseline, describeStructure, type Optimization, optimize } from '../optimizer/index.ts';
import { ablatePlan } from './ablate-plan.ts';
import { benchFolder } from './bench-footage.ts';
import { motionGate } from './motion-gate.ts';
import { type OptimizeQuery, optimizeQueries } from './optimize-queries.ts';
import { planFor, truthOf } from './run-plan.ts';
import { printTable } from './table.ts';

const chosen = process.argv.slice(2);
const processes = { workers: 1, replicas: 1, cores: availableParallelism() };
const folder = join(benchFolder, 'optimize');

interface LaterRun {
  readonly framesPerSecond: number;
  readonly referenceCalls: number;
  readonly decisions: readonly Decision[];
}

await mkdir(folder, { recursive: true });
for (const query of await optimizeQueries(chosen)) {
  const planPath = join(folder, `${query.id}.plan.json`);
  await rm(planPath, { force: true });
  const found = await find(query, planPath);
  printSteps(query, found);
  await printLater(query, found);
  printTable(
    `${query.name}: one kind of stage more or less (predicted rate; errors where it was chosen)`,
    ablatePlan(found.search),
  );
}

function find(query: OptimizeQuery, planPath: string): Promise<Optimization> {
  const { earlier, predicate, reference, targets, id, labelFps } = query;
  return optimize(
    {
      inputs: [earlier],
      name: id,
      predicate,
      reference: reference.folder,
      models: join(folder, 'models'),
      targets: { ...targets, confidence: 0.95 },
      planPath,
      cacheFolder: join(folder, 'cache'),
      sampling: { labelFps },
      processes,
    },
    {
      onStep: step => console.error(`${query.name}: ${step}`),
      onNotice: text => console.log(`${query.name}: ${text}`),
    },
  );
}

function printSteps({ name }: OptimizeQuery, { plan, report }: Optimization): void {
  const labeling = report.steps.find(step => step.name === 'asking the reference model')?.seconds ?? 0;
  const total = report.steps.reduce((sum, { seconds }) => sum + seconds, 0);
  const { threshold, test } = report.chosen.errors;
  const rate = (value: number | null): string => (value === null ? '-' : (100 * value).toFixed(2));
  printTable(
    `${name}: plan found in ${(total - labeling).toFixed(0)} s, labeling apart (${labeling.toFixed(0)} s); ${plan.expected?.status}`,
    [
      { part: 'where it was chosen', errors: threshold },
      ...(test === null ? [] : [{ part: 'untouched test part', errors: test }]),
    ].map(({ part, errors: { falseNegative, falsePositive } }) => ({
      plan: describeStructure(report.chosen.structure),
      part,
      'FN %': rate(falseNegative.estimate),
      'FN at most %': rate(falseNegative.bound),
      'FP %': rate(falsePositive.estimate),
      'FP at most %': rate(falsePositive.bound),
    })),
  );
}

/** Runs the plan and what users do without us over the later footage, one after the other, and compares. */
async function printLater(query: OptimizeQuery, { plan, report }: Optimization): Promise<void> {
  const { later, predicate, reference, from, truthEvery } = query;
  const asked = { predicate, model: reference.folder };
  const truth = await truthOf(later, asked, { replicas: 2, every: truthEvery });
  const judged = truth.filter(({ frame }) => frame >= from && frame % truthEvery === 0);
  const reached = bestBaseline(report.baselines, query);
  const everyKth = (tSkip: number): CascadePlan => planFor(asked, reference, { skip: { kind: 'every', tSkip } });
  const whole = await runLater(later, labelPlanOf(query), 400);
  const runs: { how: string; run: LaterRun | null; answers: ReadonlyMap<number, boolean> }[] = [];
  const add = (how: string, run: LaterRun): void => {
    runs.push({ how, run, answers: new Map(run.decisions.map(({ frame, label }) => [frame, label])) });
  };
  add('plan', await runLater(later, plan));
  if (reached !== null) add(`reference on every ${reached}th`, await runLater(later, everyKth(reached)));
  add('reference on every 10th', await runLater(later, everyKth(10)));
  const gate = await motionGate(query);
  const rows = [
    ...runs.map(({ how, run, answers }) => ({
      how,
      fps: run?.framesPerSecond ?? 0,
      calls: run?.referenceCalls ?? 0,
      answers,
    })),
    ...(gate === null
      ? []
      : [
          {
            how: 'MOG2 gate, answer held (Python)',
            fps: gate.framesPerSecond,
            calls: gate.calls,
            answers: gate.answers,
          },
        ]),
  ];
  const total = truth.length;
  printTable(`${query.name}: the later part`, [
    {
      how: 'reference on every frame',
      'frames/s': whole.framesPerSecond.toFixed(1),
      'speed-up': '1.0',
      calls: total,
      'FN %': '-',
      'FP %': '-',
    },
    ...rows.map(({ how, fps, calls, answers }) => {
      const answered = judged.map(one => ({ ...one, label: answers.get(one.frame) ?? false }) as Decision);
      const { falseNegativeRate, falsePositiveRate } = evaluate(answered, judged).smoothed;
      const percent = (value: number | null): string => (value === null ? '-' : (100 * value).toFixed(2));
      return {
        how,
        'frames/s': fps.toFixed(1),
        'speed-up': (fps / whole.framesPerSecond).toFixed(1),
        calls,
        'FN %': percent(falseNegativeRate),
        'FP %': percent(falsePositiveRate),
      };
    }),
  ]);
  const measured = runs[0]?.run?.framesPerSecond ?? Number.NaN;
  console.log(
    `predicted ${report.chosen.cost.framesPerSecond.toFixed(0)} frames/s, measured ${measured.toFixed(0)}: ${(report.chosen.cost.framesPerSecond / measured).toFixed(2)}`,
  );
}

/** The longest interval at which asking the reference alone kept the targets where the plan was chosen. */
function bestBaseline(baselines: readonly Baseline[], { targets }: OptimizeQuery): number | null {
  const kept = baselines.filter(
    ({ every, errors: { falseNegative, falsePositive } }) =>
      every > 1 &&
      (falseNegative.estimate ?? 0) <= targets.falseNegativeRate &&
      (falsePositive.estimate ?? 0) <= targets.falsePositiveRate,
  );
  return kept.at(-1)?.every ?? null;
}

function labelPlanOf({ predicate, reference }: OptimizeQuery): CascadePlan {
  return labelPlan({ name: 'all', predicate, model: reference.folder, declaration: reference.declaration }).plan;
}

async function runLater(path: string, plan: CascadePlan, most = Number.POSITIVE_INFINITY): Promise<LaterRun> {
  const loaded = { plan, hash: hashPlan(plan), folder };
  const prepared = await preparePlan(loaded, { models: join(folder, 'models') });
  await using run = await CascadeRun.start({ plan: prepared, footage: { path }, ...processes });
  const decisions: Decision[] = [];
  for await (const batch of run.decisions()) {
    decisions.push(...batch);
    if (decisions.length >= most) break;
  }
  const { runSeconds, referenceCalls } = run.stats();
  return { decisions, referenceCalls, framesPerSecond: decisions.length / runSeconds };
}
