import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  cascadeErrors,
  findModel,
  hashPlan,
  type LoadedPlan,
  loadPlan,
  type Predicate,
  parsePlan,
  predicateLabels,
  preparePlan,
  type StoredModel,
} from '../../cascade/index.ts';
import type { DifferenceStageOptions, ReferenceStageOptions, Stage } from '../stages/stage.ts';
import type { StepWork } from './streams-plan.ts';

/**
 * Finds the models, plans and pictures that a stage names, and says what is to be done in steps.
 * @param models - Folder of the model repository.
 * @throws CASCADE_PLAN_UNREADABLE, CASCADE_PLAN_INVALID, CASCADE_MODEL_NOT_FOUND, CASCADE_PLAN_LABEL_UNKNOWN,
 *   CASCADE_SCENE_INVALID and the like - when something is missing or does not fit.
 */
export async function resolveStage(stage: Stage, models: string): Promise<StepWork[]> {
  switch (stage.kind) {
    case 'skip':
      return stage.rule.kind === 'every' && stage.rule.tSkip === 1 ? [] : [{ kind: 'skip', rule: stage.rule }];
    case 'differenceDetector':
      return [await resolveDifference(stage.options)];
    case 'specializedModel': {
      const { model, cLow, cHigh } = stage.options;
      return [{ kind: 'specialized', model: await findModel(model, models), cLow, cHigh, pool: null }];
    }
    case 'referenceModel':
      return resolveReference(stage.options, models);
    case 'mapFrames':
      return [{ kind: 'map', options: stage.options, copies: 1 }];
    case 'plan':
      return resolvePlan(stage.plan, models);
    case 'cascade':
      return (await Promise.all(stage.stages.map(part => resolveStage(part, models)))).flat();
  }
}

async function resolvePlan(given: Extract<Stage, { kind: 'plan' }>['plan'], models: string): Promise<StepWork[]> {
  const loaded: LoadedPlan =
    typeof given === 'string'
      ? await loadPlan(given)
      : { plan: parsePlan(given, `of ${given.name}`), hash: hashPlan(given), folder: process.cwd() };
  const { plan, program, referenceModel } = await preparePlan(loaded, { models });
  const works = await resolveStage({ kind: 'skip', rule: plan.skip }, models);
  if (program.differenceDetector !== null) works.push({ kind: 'difference', stage: program.differenceDetector });
  if (program.specializedModel !== null) works.push({ kind: 'specialized', ...program.specializedModel, pool: null });
  return [
    ...works,
    { kind: 'ask', model: referenceModel, replicas: 1, compete: 1, copies: 1, pool: null, answers: null },
    { kind: 'label', predicate: plan.predicate, smoothingMs: plan.smoothingMs },
  ];
}

async function resolveReference(options: ReferenceStageOptions, models: string): Promise<StepWork[]> {
  const { predicate, smoothingMs, replicas, compete } = options;
  const model = await findModel(options.model, models);
  checkLabels(model, predicate);
  return [
    { kind: 'ask', model, replicas, compete, copies: 1, pool: null, answers: null },
    { kind: 'label', predicate, smoothingMs },
  ];
}

function checkLabels({ declaration: { name, labels } }: StoredModel, predicate: Predicate): void {
  const unknown = predicateLabels(predicate).filter(label => !labels.includes(label));
  if (unknown.length === 0) return;
  const details = { labels: unknown.join(', '), model: name, known: labels.join(', ') };
  throw cascadeErrors.create('CASCADE_PLAN_LABEL_UNKNOWN', details);
}

async function resolveDifference({ detector, deltaDiff, comparedWith }: DifferenceStageOptions): Promise<StepWork> {
  if ('tDiffFrames' in comparedWith) {
    return { kind: 'difference', stage: { detector, deltaDiff, reference: { kind: 'previous', ...comparedWith } } };
  }
  const image = resolve(comparedWith.emptyScene);
  let bytes: Buffer;
  try {
    bytes = await readFile(image);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw cascadeErrors.create('CASCADE_SCENE_INVALID', { path: image, reason }, { cause });
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { kind: 'difference', stage: { detector, deltaDiff, reference: { kind: 'empty-scene', image, sha256 } } };
}
