import { mkdir, writeFile } from 'node:fs/promises';
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
import { decisionRow, JsonlSink, sinkFailure } from '../sinks/index.ts';
import { demoFootage, demoPlan, demoPredicate } from './demo-plan.ts';
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
  /** The footage. */
  readonly path: string;
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
  /** Length of the footage in seconds, above 0. Default 150. */
  readonly seconds?: number;
  /** Processes of the reference model, for both runs. Default 2. */
  readonly replicas?: number;
  readonly signal: AbortSignal;
  /** Told what begins. */
  readonly onStep: (step: string) => void;
}

/**
 * Films the synthetic camera, runs the reference on every frame and the cascade with the same workers, and compares.
 * @throws the signal's reason when it is aborted; what the runs and the outputs throw.
 */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { folder, seconds = demoFootage.durationSeconds, signal, onStep } = options;
  const path = join(folder, 'camera.mp4');
  const models = syntheticModelsFolder();
  const [reference, specialized] = await Promise.all([
    findModel('synthetic-detector', models),
    findModel('synthetic-person', models),
  ]);
  const plan = demoPlan(reference, specialized);
  await mkdir(folder, { recursive: true }).catch(cause => Promise.reject(sinkFailure(folder, cause)));
  onStep(`filming ${seconds} s of a street that does not exist`);
  await film(path, seconds, signal);
  const planPath = join(folder, 'person.plan.json');
  const text = `${JSON.stringify(plan, undefined, 2)}\n`;
  await writeFile(planPath, text).catch(cause => Promise.reject(sinkFailure(planPath, cause)));
  const { declaration } = reference;
  const labels = labelPlan({ name: 'person', predicate: demoPredicate, model: 'synthetic-detector', declaration });
  onStep('asking the reference model about every frame');
  const truth = await answer(options, path, labels, { what: 'reference', out: 'truth.jsonl', models });
  onStep('running the cascade');
  const loaded = { plan, hash: hashPlan(plan), folder };
  const answers = await answer(options, path, loaded, { what: 'cascade', out: 'answers.jsonl', models });
  return {
    path,
    plan,
    reference: truth,
    cascade: answers,
    evaluation: evaluate(answers.decisions, truth.decisions),
    speedUp: truth.stats.runSeconds / answers.stats.runSeconds,
  };
}

async function film(path: string, durationSeconds: number, signal: AbortSignal): Promise<void> {
  using progress = new ProgressBar({ what: 'filming' });
  const onProgress = (done: number, total: number): void => progress.update(done, total);
  await recordSyntheticFootage(path, { ...demoFootage, durationSeconds }, { onProgress, signal });
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
