import {
  type CascadePlan,
  type CascadeStats,
  type Decision,
  type EvaluatedDecision,
  labelPlan,
  loadPlan,
  preparePlan,
} from '../cascade/index.ts';
import { footageHash } from '../ingest/index.ts';
import { collectDecisions } from './collect-decisions.ts';
import { type FootageValues, footageOf } from './footage-options.ts';
import { openReferenceRun } from './reference-run.ts';
import type { CacheValues, ProcessValues } from './run-options.ts';

/** A plan's run over footage. */
export interface MeasuredRun {
  readonly plan: CascadePlan;
  /** Frames answered. */
  readonly frames: number;
  /** Of the plan's run alone. */
  readonly stats: CascadeStats;
}

/** A plan's answers beside the truth, a row a frame. */
export interface AnsweredAndLabeled extends MeasuredRun {
  readonly answers: readonly EvaluatedDecision[];
  readonly truth: readonly EvaluatedDecision[];
}

/**
 * Asks a plan's own reference about every frame, as `saccade label` does and through the same cache, then runs the plan.
 * @throws what the two runs throw; the signal's reason when it is aborted.
 */
export async function answerAndLabel(
  values: FootageValues & ProcessValues & CacheValues & { readonly plan: string },
  signal: AbortSignal,
): Promise<AnsweredAndLabeled> {
  const { models, workers, replicas, device, cache } = values;
  const footage = footageOf(values);
  const plan = await preparePlan(await loadPlan(values.plan), { models });
  const { name, predicate, smoothingMs, referenceModel } = plan.plan;
  const { declaration } = plan.referenceModel;
  const labels = labelPlan({ name, predicate, smoothingMs, model: referenceModel.model, declaration });
  const question = await preparePlan(labels, { models });
  const footageSha256 = await footageHash(values.source);
  const processes = { footage, workers, replicas, device };
  let truth: readonly EvaluatedDecision[];
  {
    await using reference = await openReferenceRun({ plan: question, footageSha256, cache });
    const run = { ...reference.options, ...processes };
    truth = (await collectDecisions({ run, what: 'reference', signal, keep: summary })).decisions;
    await reference.flush();
  }
  const { decisions, stats } = await collectDecisions({
    run: { plan, ...processes },
    what: 'cascade',
    signal,
    keep: summary,
  });
  return { plan: plan.plan, frames: decisions.length, stats, answers: decisions, truth };
}

function summary({ frame, timestampUs, label, rawLabel, decidedBy }: Decision): EvaluatedDecision {
  return { frame, timestampUs, label, rawLabel, decidedBy };
}
