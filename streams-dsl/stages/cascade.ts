import { z } from 'zod';
import { type CascadePlan, type Decision, type Predicate, planSchema } from '../../cascade/index.ts';
import type { FrameItem } from '../frame-item.ts';
import { parseOptions } from '../parse-options.ts';
import { differenceStage } from './difference-detector.ts';
import { referenceStage } from './reference-model.ts';
import { type SkipOptions, skipSchema } from './skip.ts';
import { specializedSchema } from './specialized-model.ts';
import {
  type DifferenceDetectorOptions,
  type SpecializedStageOptions,
  type Stage,
  type StageOperator,
  stageOperator,
} from './stage.ts';

/** A cascade by a plan of the optimizer's, or stage by stage. */
export type CascadeStageOptions =
  | {
      /** Path of a plan file, or its content; models in it are looked up in the deployment's repository. */
      readonly plan: string | CascadePlan;
    }
  | {
      /** Short for the predicate `{ label }`; exactly one of the two. */
      readonly label?: string | undefined;
      readonly predicate?: Predicate | undefined;
      /** The reference model. */
      readonly reference: string;
      /** Default: every frame is looked at. `keyframes`: keyframes alone, groups are refined where their ends disagree. */
      readonly skip?: SkipOptions | 'keyframes' | undefined;
      /** Default: none. */
      readonly differenceDetector?: DifferenceDetectorOptions | undefined;
      /** Default: none. */
      readonly specializedModel?: SpecializedStageOptions | undefined;
      /** Window of the smoothing in ms, 0 or more. Default 1000. */
      readonly smoothingMs?: number | undefined;
      /** Processes of the reference model, 1 or more. Default 1. */
      readonly replicas?: number | undefined;
    };

const byPlan = z.strictObject({ plan: z.union([z.string().min(1), planSchema], 'the path or content of a plan') });
const byStages = z.strictObject({
  label: z.string().optional(),
  predicate: z.unknown().optional(),
  reference: z.string('the name of a reference model, or a plan').min(1),
  skip: z.union([skipSchema, z.literal('keyframes')], '{ every: n } or "keyframes"').optional(),
  differenceDetector: z.custom<DifferenceDetectorOptions>(value => typeof value === 'object').optional(),
  specializedModel: specializedSchema.optional(),
  smoothingMs: z.unknown().optional(),
  replicas: z.unknown().optional(),
});

/**
 * The whole cascade: `skip`, `differenceDetector`, `specializedModel` and `referenceModel` in this order, as the plan or the
 * options say.
 *
 * One decision a frame, in frame order, half a smoothing window late. Holds the frames that a model is asked about.
 * @throws STREAMS_OPTION_INVALID - when an option is out of range, missing or unknown.
 */
export function cascade(options: CascadeStageOptions): StageOperator<FrameItem, Decision> {
  if (typeof options === 'object' && options !== null && 'plan' in options) {
    const { plan } = parseOptions('cascade', byPlan, options);
    const named = typeof plan === 'string' ? plan : plan.name;
    return stageOperator({ kind: 'plan', plan }, { kind: 'cascade', options: { plan: named } });
  }
  parseOptions('cascade', byStages, options);
  const { label, predicate, reference, smoothingMs, replicas } = options;
  const { skip, differenceDetector, specializedModel } = options;
  const stages: Stage[] = [];
  if (skip === 'keyframes') stages.push({ kind: 'skip', rule: { kind: 'keyframes' } });
  else if (skip !== undefined) stages.push({ kind: 'skip', rule: { kind: 'every', tSkip: skip.every } });
  if (differenceDetector !== undefined) stages.push(differenceStage(differenceDetector));
  if (specializedModel !== undefined) stages.push({ kind: 'specializedModel', options: specializedModel });
  stages.push(referenceStage({ model: reference, label, predicate, smoothingMs, replicas }));
  return stageOperator({ kind: 'cascade', stages }, { kind: 'cascade', options: { ...options } });
}
