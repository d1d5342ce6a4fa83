import type { Pipeline } from '../pipeline.ts';
import { batchAcrossStreams } from '../rewrites/batch-across-streams.ts';
import { compete } from '../rewrites/compete.ts';
import { pushDown } from '../rewrites/push-down.ts';
import { share } from '../rewrites/share.ts';
import { logicalPlan } from './logical-plan.ts';
import type { Rewrite, StreamsPlan } from './streams-plan.ts';

/** Every rewrite, in the order in which they are applied: programs must be there before they can be shared. */
export const allRewrites: readonly Rewrite[] = [compete, pushDown, share, batchAcrossStreams];

/** How pipelines are planned. */
export interface PlanOptions {
  /** Folder of the model repository. Default `models`. */
  readonly models?: string;
  /** Names of the rewrites to apply. Default: all of them. */
  readonly rewrites?: readonly Rewrite['name'][];
}

/** What pipelines say, and how it is to be run. */
export interface PlannedPipelines {
  /** As written. */
  readonly logical: StreamsPlan;
  /** As rewritten: what runs. */
  readonly physical: StreamsPlan;
}

/**
 * Finds what pipelines name and rewrites them into what is to run. Nothing is started.
 * @throws what a missing or unfit model, plan or picture throws; STREAMS_KEYFRAMES_UNFIT.
 */
export async function planPipelines(
  pipelines: readonly Pipeline[],
  { models = 'models', rewrites }: PlanOptions = {},
): Promise<PlannedPipelines> {
  const logical = await logicalPlan(pipelines, { models });
  const chosen = allRewrites.filter(({ name }) => rewrites === undefined || rewrites.includes(name));
  return { logical, physical: chosen.reduce((plan, rewrite) => rewrite.apply(plan), logical) };
}
