import type { Decision } from '../../../cascade/index.ts';
import { syntheticModelsFolder } from '../../../fixtures/index.ts';
import {
  type FrameItem,
  type Pipeline,
  type PlanStep,
  referenceModel,
  type StageOperator,
  type StreamsPlan,
  specializedModel,
} from '../../../streams-dsl/index.ts';
import { logicalPlan } from '../../../streams-dsl/planner/logical-plan.ts';
import { stepsOf } from '../../../streams-dsl/planner/streams-plan.ts';

/** The plan of pipelines as written, with the models of this project. */
export function planOf(...pipelines: readonly Pipeline[]): Promise<StreamsPlan> {
  return logicalPlan(pipelines, { models: syntheticModelsFolder() });
}

/** A reference model with a question. */
export function askPerson(
  options: { readonly minScore?: number; readonly compete?: number } = {},
): StageOperator<FrameItem, Decision> {
  const { minScore = 0.5, compete } = options;
  return referenceModel({ model: 'synthetic-detector', predicate: { label: 'person', minScore }, compete });
}

/** A specialized model that settles most. */
export const scorePerson: StageOperator<FrameItem, FrameItem> = specializedModel({
  model: 'synthetic-person',
  cLow: 0.1,
  cHigh: 0.9,
});

/** What the last step of each pipeline takes from what, such as `label(ask(source))`. */
export function outline(plan: StreamsPlan): string[] {
  const show = ({ work, inputs }: PlanStep): string =>
    inputs.length === 0 ? work.kind : `${work.kind}(${inputs.map(show).join(', ')})`;
  return plan.pipelines.map(({ end }) => show(end));
}

/** What the steps of some kind do, inputs before what takes from them. */
export function worksOf<Kind extends PlanStep['work']['kind']>(
  plan: StreamsPlan,
  kind: Kind,
): Extract<PlanStep['work'], { kind: Kind }>[] {
  type Wanted = Extract<PlanStep['work'], { kind: Kind }>;
  return stepsOf(plan)
    .map(({ work }) => work)
    .filter((work): work is Wanted => work.kind === kind);
}
