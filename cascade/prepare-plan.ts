import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { cascadeErrors } from './errors.ts';
import { headOfKind } from './models/heads.ts';
import { findModel } from './models/model-repository.ts';
import type { StoredModel } from './models/stored-model.ts';
import type { DifferenceReference, LoadedPlan, ModelPin } from './plan.ts';
import { predicateLabels } from './predicate.ts';
import type { StreamProgramConfig } from './stream-protocol.ts';

/** A plan whose models and pictures were found and are the ones that it was made for. */
export interface PreparedPlan extends LoadedPlan {
  readonly referenceModel: StoredModel;
  readonly program: StreamProgramConfig;
}

/**
 * Finds what a plan names and checks that it fits, before anything is started.
 * @param options.models - Folder of the model repository.
 * @throws CASCADE_MODEL_NOT_FOUND, CASCADE_MODEL_DECLARATION_INVALID - as {@link findModel};
 *   CASCADE_PLAN_MODEL_MISMATCH - when a model has another hash than the plan's; CASCADE_PLAN_STAGE_UNFIT - when a detector
 *   stands where a classifier belongs, or the reverse; CASCADE_PLAN_LABEL_UNKNOWN - when the reference model does not know
 *   a label of the query; CASCADE_SCENE_INVALID - when the picture of the empty scene is missing or another one.
 */
export async function preparePlan(loaded: LoadedPlan, options: { models: string }): Promise<PreparedPlan> {
  const { plan, folder } = loaded;
  const referenceModel = await findPinned(plan.referenceModel, 'reference model', options.models);
  const known = referenceModel.declaration.labels;
  const unknown = predicateLabels(plan.predicate).filter(label => !known.includes(label));
  if (unknown.length > 0) {
    const details = { labels: unknown.join(', '), model: plan.referenceModel.model, known: known.join(', ') };
    throw cascadeErrors.create('CASCADE_PLAN_LABEL_UNKNOWN', details);
  }
  const difference = plan.differenceDetector;
  const specialized = plan.specializedModel;
  return {
    ...loaded,
    referenceModel,
    program: {
      skip: plan.skip,
      differenceDetector: difference && { ...difference, reference: await checkScene(difference.reference, folder) },
      specializedModel: specialized && {
        model: await findPinned(specialized, 'specialized model', options.models),
        cLow: specialized.cLow,
        cHigh: specialized.cHigh,
      },
      referenceModel,
    },
  };
}

const wantedResult = { 'reference model': 'detections', 'specialized model': 'confidence' } as const;

async function findPinned(pin: ModelPin, stage: keyof typeof wantedResult, models: string): Promise<StoredModel> {
  const stored = await findModel(pin.model, models);
  const { sha256, head } = stored.declaration;
  if (sha256 !== pin.sha256) {
    const details = { stage, model: pin.model, expected: pin.sha256, got: sha256 };
    throw cascadeErrors.create('CASCADE_PLAN_MODEL_MISMATCH', details);
  }
  const expected = wantedResult[stage];
  if (headOfKind(head.kind).produces !== expected) {
    const details = { stage, model: pin.model, expected, head: head.kind };
    throw cascadeErrors.create('CASCADE_PLAN_STAGE_UNFIT', details);
  }
  return stored;
}

/** Makes the picture's path absolute, for the worker, once its content is known to be the plan's. */
async function checkScene(reference: DifferenceReference, folder: string): Promise<DifferenceReference> {
  if (reference.kind === 'previous') return reference;
  const image = resolve(folder, reference.image);
  let bytes: Buffer;
  try {
    bytes = await readFile(image);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw cascadeErrors.create('CASCADE_SCENE_INVALID', { path: image, reason }, { cause });
  }
  const got = createHash('sha256').update(bytes).digest('hex');
  if (got !== reference.sha256) {
    const reason = `expected sha256 ${reference.sha256}, got ${got}`;
    throw cascadeErrors.create('CASCADE_SCENE_INVALID', { path: image, reason });
  }
  return { ...reference, image };
}
