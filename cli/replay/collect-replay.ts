import {
  type Decision,
  type EvaluatedDecision,
  evaluate,
  type LoadedPlan,
  predicateLabels,
  preparePlan,
} from '../../cascade/index.ts';
import { type OpenFootageOptions, probeFootage } from '../../ingest/index.ts';
import { describePredicate } from '../../optimizer/index.ts';
import { decisionSchema, readDecisions, readJsonl, sinkErrors } from '../../sinks/index.ts';
import { collectDecisions } from '../collect-decisions.ts';
import type { ProcessValues } from '../run-options.ts';
import type { Replay } from './replay-data.ts';

/** Where decisions and truth come from. */
export interface CollectReplayOptions {
  readonly loaded: LoadedPlan;
  readonly footage: OpenFootageOptions;
  readonly processes: ProcessValues;
  /** Decisions of an earlier run; default: the plan is run. */
  readonly labels: string | undefined;
  /** Rows of the reference; default none. */
  readonly truth: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Gets what a replay shows: by running the plan, or from the rows of an earlier run.
 * @throws SINK_ROWS_MISMATCH - when the rows are about other footage; CASCADE_EVALUATION_FRAMES - when the truth is about
 *   other frames; what reading and running throw.
 */
export async function collectReplay(options: CollectReplayOptions): Promise<Replay> {
  const { loaded, labels, truth } = options;
  const { name, predicate } = loaded.plan;
  const decisions = labels === undefined ? await runPlan(options) : await readRows(labels, options.footage);
  return {
    query: name,
    question: describePredicate(predicate),
    labels: predicateLabels(predicate),
    decisions,
    truth: truth === undefined ? null : matchTruth(decisions, await readDecisions(truth)),
  };
}

async function runPlan({ loaded, footage, processes, signal }: CollectReplayOptions): Promise<readonly Decision[]> {
  const { models, workers, replicas, device } = processes;
  const run = { plan: await preparePlan(loaded, { models }), footage, workers, replicas, device };
  return (await collectDecisions({ run, what: 'cascade', signal, keep: decision => decision })).decisions;
}

async function readRows(path: string, footage: OpenFootageOptions): Promise<readonly Decision[]> {
  const decisions: Decision[] = [];
  for await (const { row } of readJsonl({ path, schema: decisionSchema, row: 'decision' })) decisions.push(row);
  // Frames and time of the first frame tell other footage apart without decoding anything.
  const { frameCount, startTimeUs } = await probeFootage(footage);
  const mismatch = (position: number, expected: string, got: string): Error =>
    sinkErrors.create('SINK_ROWS_MISMATCH', { path, footage: footage.path, position, expected, got });
  if (decisions.length > frameCount) throw mismatch(frameCount, `${frameCount} frames`, `${decisions.length} rows`);
  const [first] = decisions;
  if (first !== undefined && first.timestampUs !== startTimeUs)
    throw mismatch(0, `a frame at ${startTimeUs} µs`, `one at ${first.timestampUs} µs`);
  for (const [position, { frame }] of decisions.entries())
    if (frame !== position) throw mismatch(position, `frame ${position}`, `frame ${frame}`);
  return decisions;
}

function matchTruth(decisions: readonly Decision[], truth: readonly EvaluatedDecision[]): Uint8Array {
  // Decisions of an interrupted run end early; the truth may go on.
  const covered = truth.slice(0, decisions.length);
  evaluate(decisions, covered);
  return Uint8Array.from(covered, ({ label }) => (label ? 1 : 0));
}
