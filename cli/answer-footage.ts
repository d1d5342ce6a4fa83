import { type CascadeOptions, CascadeRun, type CascadeStats, type Decider } from '../cascade/index.ts';
import { prepareDecisionLog, prepareIntervalLog, type RunRecord } from '../sinks/index.ts';
import { type ControlledStream, controlledStream } from './control/controlled-stream.ts';
import { PauseSwitch } from './control/pause-switch.ts';
import { serveControl } from './control/serve-control.ts';
import { DecisionTally } from './decision-tally.ts';
import { ProgressBar } from './progress-bar.ts';
import { existingOutputOf, type RunValues } from './run-options.ts';

/** What to run and where the answers go. */
export interface AnswerOptions {
  /** The run; `history` comes from the output. */
  readonly run: Omit<CascadeOptions, 'history'>;
  readonly values: RunValues;
  /** Name of the stream in the output. */
  readonly stream: string;
  /** SHA-256 of the footage in hex. */
  readonly footageSha256: string;
  /** What the progress bar says. */
  readonly what: string;
  readonly signal: AbortSignal;
}

/** What a run did. */
export interface AnsweredFootage {
  /** Frames of the footage. */
  readonly frames: number;
  /** Frames in the output, those of an earlier run included. */
  readonly answered: number;
  /** Frames that were in the output before. */
  readonly resumedFrom: number;
  /** Whether it was ended early by Ctrl-C. */
  readonly interrupted: boolean;
  /** Frames with label true. */
  readonly positives: number;
  /** Frames by who answered, all deciders, in the order of the cascade. */
  readonly decidedBy: Readonly<Record<Decider, number>>;
  readonly stats: CascadeStats;
}

/**
 * Runs a cascade and writes its decisions, and its intervals where asked for.
 * @throws what the run and the outputs throw; what was written before stays valid.
 */
export async function answerFootage(options: AnswerOptions): Promise<AnsweredFootage> {
  const { run: cascade, values, stream, footageSha256, what, signal } = options;
  const { plan, hash } = cascade.plan;
  const record: RunRecord = { schema: 'saccade/run/1', footage: footageSha256, plan: hash, stream };
  const existing = existingOutputOf(values);
  const tally = new DecisionTally(plan.name);
  const log = await prepareDecisionLog({
    path: values.out,
    record,
    existing,
    onHistory: decision => tally.addHistory(decision),
  });
  const intervalLog =
    values.intervals === undefined ? null : await prepareIntervalLog({ path: values.intervals, record, existing });
  await using run = await CascadeRun.start({ ...cascade, history: tally.history });
  await using decisions = await log.open();
  await using intervals = (await intervalLog?.open()) ?? null;
  await intervals?.write(tally.takeIntervals());
  const frames = run.table.timestampsUs.length;
  {
    using progress = new ProgressBar({ what });
    const pause = new PauseSwitch(stream);
    const told = (): ControlledStream => ({
      stream,
      isPaused: pause.isPaused,
      frames: tally.answered,
      lastUs: null,
      query: plan.name,
      dropped: tally.dropped,
      camera: null,
      pids: run.pids.streamWorkers,
    });
    const isQuiet = values.json === true;
    await using _control = await serveControl(controlledStream(cascade.footage.path, pause, told), { isQuiet });
    for await (const batch of run.decisions({ signal })) {
      await pause.passed(signal);
      for (const decision of batch) tally.add(decision);
      await decisions.write(batch);
      await intervals?.write(tally.takeIntervals());
      progress.update(tally.answered, frames);
    }
  }
  if (tally.answered === frames) tally.endIntervals();
  await intervals?.write(tally.takeIntervals());
  await decisions.flush();
  await intervals?.flush();
  return {
    frames,
    answered: tally.answered,
    resumedFrom: tally.history.length,
    interrupted: signal.aborted && tally.answered < frames,
    positives: tally.positives,
    decidedBy: tally.decidedBy,
    stats: run.stats(),
  };
}
