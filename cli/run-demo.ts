import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  type CascadePlan,
  CascadeRun,
  type CascadeStats,
  type Decision,
  type Evaluation,
  evaluate,
  findModel,
  hashPlan,
  type LoadedPlan,
  labelPlan,
  preparePlan,
} from '../cascade/index.ts';
import { recordSyntheticFootage, syntheticModelsFolder } from '../fixtures/index.ts';
import { type Optimization, type OptimizeOptions, type OptimizerReport, optimize } from '../optimizer/index.ts';
import { decisionRow, JsonlSink, sinkFailure } from '../sinks/index.ts';
import { demoEarlierShare, demoFootage, demoPredicate, demoTargets } from './demo-plan.ts';
import { ProgressBar } from './progress-bar.ts';

/** One of the demo's two runs. */
export interface DemoRun {
  readonly decisions: readonly Decision[];
  readonly stats: CascadeStats;
  /** Frames a second from the first packet to the last label. */
  readonly framesPerSecond: number;
}

/** What the demo made and measured. */
export interface DemoResult {
  /** The later footage, which both runs answer for. */
  readonly path: string;
  /** How the plan was found on the earlier footage. */
  readonly optimization: OptimizerReport;
  readonly plan: CascadePlan;
  /** The reference model on every frame. */
  readonly reference: DemoRun;
  readonly cascade: DemoRun;
  /** The cascade's answers against the reference's. */
  readonly evaluation: Evaluation;
  /** Run seconds of the reference ÷ those of the cascade. */
  readonly speedUp: number;
}

/** How to run the demo. */
export interface DemoOptions {
  /** Folder for footage, labels and plan; made when it does not exist. */
  readonly folder: string;
  /** Length of the later footage in seconds, above 0; the plan is found on four times as much before it. */
  readonly seconds: number;
  /** Processes of the reference model, for both runs. Default 2. */
  readonly replicas?: number;
  readonly signal: AbortSignal;
  /** Told what begins. */
  readonly onStep: (step: string) => void;
}

/**
 * Films the synthetic camera, finds a plan on the earlier part, runs the reference on every frame of the later part and the
 * plan with the same workers, and compares.
 * @throws the signal's reason when it is aborted; what the optimizer, the runs and the outputs throw.
 */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { folder, seconds, signal, onStep } = options;
  const [earlier, path] = [join(folder, 'earlier.mp4'), join(folder, 'later.mp4')];
  const models = join(folder, 'models');
  await mkdir(folder, { recursive: true }).catch(cause => Promise.reject(sinkFailure(folder, cause)));
  const earlierSeconds = Math.round(demoEarlierShare * seconds);
  onStep(`filming ${earlierSeconds} s of a street that does not exist, and the ${seconds} s after them`);
  await film(earlier, { startSeconds: 0, durationSeconds: earlierSeconds }, signal);
  await film(path, { startSeconds: earlierSeconds, durationSeconds: seconds }, signal);
  const { folder: reference, declaration } = await findModel('synthetic-detector', syntheticModelsFolder());
  onStep(`finding the cheapest plan on the first ${earlierSeconds} s`);
  const { plan, report } = await findPlan(options, { earlier, models, reference });
  const labels = labelPlan({ name: 'person', predicate: demoPredicate, model: reference, declaration });
  onStep('asking the reference model about every frame of the later footage');
  const truth = await answer(options, path, labels, { what: 'reference', out: 'truth.jsonl', models });
  onStep('running the plan on it');
  const loaded = { plan, hash: hashPlan(plan), folder };
  const answers = await answer(options, path, loaded, { what: 'cascade', out: 'answers.jsonl', models });
  const optimization = {
    ...report,
    chosen: { ...report.chosen, measuredFramesPerSecond: answers.framesPerSecond },
  };
  return {
    path,
    plan,
    optimization,
    reference: truth,
    cascade: answers,
    evaluation: evaluate(answers.decisions, truth.decisions),
    speedUp: truth.stats.runSeconds / answers.stats.runSeconds,
  };
}

/** Time for training in ms: the demo's few minutes of footage hold little to learn from. */
const searchDurationMs = 20_000;

async function findPlan(
  { folder, replicas = 2, signal, onStep }: DemoOptions,
  { earlier, models, reference }: { earlier: string; models: string; reference: string },
): Promise<Optimization> {
  const options: OptimizeOptions = {
    inputs: [earlier],
    name: 'person',
    predicate: demoPredicate,
    reference,
    models,
    targets: demoTargets,
    planPath: join(folder, 'person.plan.json'),
    cacheFolder: join(folder, 'cache'),
    searchDurationMs,
    processes: { workers: 1, replicas, cores: availableParallelism() },
  };
  let progress: ProgressBar | null = null;
  let step = '';
  try {
    const found = await optimize(options, {
      signal,
      onStep: name => {
        progress?.[Symbol.dispose]();
        progress = null;
        step = name;
        onStep(`  ${name}`);
      },
      onProgress: share => {
        progress ??= new ProgressBar({ what: step, unit: '%' });
        progress.update(share, 1);
      },
    });
    signal.throwIfAborted();
    return found;
  } finally {
    (progress as ProgressBar | null)?.[Symbol.dispose]();
  }
}

async function film(
  path: string,
  time: { readonly startSeconds: number; readonly durationSeconds: number },
  signal: AbortSignal,
): Promise<void> {
  using progress = new ProgressBar({ what: 'filming' });
  const onProgress = (done: number, total: number): void => progress.update(done, total);
  await recordSyntheticFootage(path, { ...demoFootage, ...time }, { onProgress, signal });
}

async function answer(
  { folder, replicas = 2, signal }: DemoOptions,
  path: string,
  loaded: LoadedPlan,
  { what, out, models }: { what: string; out: string; models: string },
): Promise<DemoRun> {
  const plan = await preparePlan(loaded, { models });
  await using run = await CascadeRun.start({ plan, footage: { path }, replicas });
  await using sink = await JsonlSink.open({ path: join(folder, out), toJson: decisionRow });
  using progress = new ProgressBar({ what });
  const decisions: Decision[] = [];
  for await (const batch of run.decisions({ signal })) {
    decisions.push(...batch);
    await sink.write(batch);
    progress.update(decisions.length, run.table.timestampsUs.length);
  }
  signal.throwIfAborted();
  const stats = run.stats();
  return { decisions, stats, framesPerSecond: decisions.length / stats.runSeconds };
}
