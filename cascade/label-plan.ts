import type { ModelDeclaration } from './models/model-declaration.ts';
import { hashPlan, type LoadedPlan, parsePlan } from './plan.ts';
import type { Predicate } from './predicate.ts';

/** The question that the reference model is to answer by itself. */
export interface LabelPlanOptions {
  /** Name of the query, used in outputs. */
  readonly name: string;
  readonly predicate: Predicate;
  /** Reference to the model, as {@link findModel} takes it. */
  readonly model: string;
  readonly declaration: ModelDeclaration;
  /** Every n-th frame is asked, 1 or more. Default 1; only then is the result truth. */
  readonly every?: number;
  /** Window of the smoothing in ms, 0 or more. Default 1000. */
  readonly smoothingMs?: number;
}

/**
 * The plan without any cheap stage: the reference model answers for every frame. Its answers are the truth that others are
 * measured against.
 * @throws CASCADE_PLAN_INVALID - when an option is out of range.
 */
export function labelPlan(options: LabelPlanOptions): LoadedPlan {
  const { name, predicate, model, declaration, every = 1, smoothingMs = 1000 } = options;
  const plan = parsePlan(
    {
      schema: 'saccade/plan/1',
      name,
      predicate,
      smoothingMs,
      skip: { kind: 'every', tSkip: every },
      referenceModel: { model, sha256: declaration.sha256 },
    },
    'of these options',
  );
  return { plan, hash: hashPlan(plan), folder: process.cwd() };
}
