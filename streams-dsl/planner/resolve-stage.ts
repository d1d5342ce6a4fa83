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
import type { PlanStep, StepExpectation, StepWork } from './streams-plan.ts';

/** A step that has no place in a plan yet. */
export type ResolvedStep = Pick<PlanStep, 'work' | 'expected'>;

/**
 * Finds the models, plans and pictures that a stage names, and says what is to be done in steps.
 * @param models - Folder of the model repository.
 * @throws CASCADE_PLAN_UNREADABLE, CASCADE_PLAN_INVALID, CASCADE_MODEL_NOT_FOUND, CASCADE_PLAN_LABEL_UNKNOWN,
 *   CASCADE_SCENE_INVALID and the like - when something is missing or does not fit.
 */
export async function resolveStage(stage: Stage, models: string): Promise<ResolvedStep[]> {
  switch (stage.kind) {
    case 'skip':
      return stage.rule.kind === 'every' && stage.rule.tSkip === 1
        ? []
        : [unmeasured({ kind: 'skip', rule: stage.rule })];
    case 'differenceDetector':
      return [unmeasured(await resolveDifference(stage.options))];
    case 'specializedModel': {
      const { model, cLow, cHigh } = stage.options;
      return [unmeasured({ kind: 'specialized', model: await findModel(model, models), cLow, cHigh, pool: null })];
    }
    case 'referenceModel':
      return resolveReference(stage.options, models);
    case 'mapFrames':
      return [unmeasured({ kind: 'map', options: stage.options, copies: 1 })];
    case 'plan':
      return resolvePlan(stage.plan, models);
    case 'cascade':
      return (await Promise.all(stage.stages.map(part => resolveStage(part, models)))).flat();
  }
}

async function resolvePlan(given: Extract<Stage, { kind: 'plan' }>['plan'], models: string): Promise<ResolvedStep[]> {
  const loaded: LoadedPlan =
    typeof given === 'string'
      ? await loadPlan(given)
      : { plan: parsePlan(given, `of ${given.name}`), hash: hashPlan(given), folder: process.cwd() };
  const { plan, program, referenceModel } = await preparePlan(loaded, { models });
  const steps = await resolveStage({ kind: 'skip', rule: plan.skip }, models);
  const { shares, framesPerSecond } = plan.expected ?? {};
  const expect = (seen: number | undefined, speed: number | null = null): StepExpectation | null =>
    seen === undefined ? null : { seen, framesPerSecond: speed };
  if (program.differenceDetector !== null) {
    steps.push({ work: { kind: 'difference', stage: program.differenceDetector }, expected: expect(shares?.compared) });
  }
  if (program.specializedModel !== null) {
    const work: StepWork = { kind: 'specialized', ...program.specializedModel, pool: null };
    steps.push({ work, expected: expect(shares?.scored) });
  }
  const ask: StepWork = {
    kind: 'ask',
    model: referenceModel,
    replicas: 1,
    compete: 1,
    copies: 1,
    pool: null,
    answers: null,
  };
  return [
    ...steps,
    { work: ask, expected: expect(shares?.referenced, framesPerSecond ?? null) },
    unmeasured({
      kind: 'label',
      predicate: plan.predicate,
      smoothingMs: plan.smoothingMs,
      plan: { name: plan.name, hash: loaded.hash },
    }),
  ];
}

function unmeasured(work: StepWork): ResolvedStep {
  return { work, expected: null };
}

async function resolveReference(options: ReferenceStageOptions, models: string): Promise<ResolvedStep[]> {
  const { predicate, smoothingMs, replicas, compete } = options;
  const model = await findModel(options.model, models);
  checkLabels(model, predicate);
  return [
    unmeasured({ kind: 'ask', model, replicas, compete, copies: 1, pool: null, answers: null }),
    unmeasured({ kind: 'label', predicate, smoothingMs }),
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
