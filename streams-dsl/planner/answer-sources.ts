import type { StoredModel } from '../../cascade/index.ts';
import { type StepWork, type StreamsPlan, stepsOf } from './streams-plan.ts';

/** A version of a model that may answer. */
export interface AnsweringModel {
  readonly stage: 'specialized' | 'reference';
  readonly model: string;
  readonly version: number;
  readonly sha256: string;
}

/** What the answers of a pipeline come from. */
export interface AnswerSources {
  /** Null: the pipeline itself says how frames are answered. */
  readonly plan: { readonly name: string; readonly hash: string } | null;
  /** In the order in which they are asked. */
  readonly models: readonly AnsweringModel[];
}

/** Says what the answers of a plan's pipelines come from. */
export function answerSources(plan: StreamsPlan): AnswerSources {
  const works = stepsOf(plan).map(({ work }) => work);
  const label = works.find(work => work.kind === 'label' && work.plan !== undefined);
  return { plan: label?.kind === 'label' ? (label.plan ?? null) : null, models: works.flatMap(modelsOf) };
}

function modelsOf(work: StepWork): AnsweringModel[] {
  switch (work.kind) {
    case 'specialized':
      return [answering('specialized', work.model)];
    case 'ask':
      return [answering('reference', work.model)];
    case 'program':
      return [
        ...(work.specializedModel === null ? [] : [answering('specialized', work.specializedModel.model)]),
        answering('reference', work.referenceModel),
      ];
    default:
      return [];
  }
}

function answering(stage: AnsweringModel['stage'], { declaration }: StoredModel): AnsweringModel {
  const { name, version, sha256 } = declaration;
  return { stage, model: name, version, sha256 };
}
