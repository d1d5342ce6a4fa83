import { z } from 'zod';
import type { Decision, Predicate } from '../../cascade/index.ts';
import { predicateSchema } from '../../cascade/index.ts';
import type { FrameItem } from '../frame-item.ts';
import { parseOptions } from '../parse-options.ts';
import { type Stage, type StageOperator, stageOperator } from './stage.ts';

/** What the reference model is asked; exactly one of `label` and `predicate`. */
export interface ReferenceModelOptions {
  /** Reference to the model, as the model repository takes it. */
  readonly model: string;
  /** Short for the predicate `{ label }`. */
  readonly label?: string | undefined;
  /** When a frame is positive. */
  readonly predicate?: Predicate | undefined;
  /** Window of the majority that smooths labels in ms, 0 or more. Default 1000; 0 is raw. */
  readonly smoothingMs?: number | undefined;
  /** Processes of the model, 1 or more. Default 1. */
  readonly replicas?: number | undefined;
  /** Groups of processes that are asked at the same time, of which the first answer counts, 1 or more. Default 1. */
  readonly compete?: number | undefined;
}

const oneOf = 'exactly one of label and predicate';
const count = z.int('a whole number, 1 or more').min(1, 'a whole number, 1 or more').optional();

/** Schema of {@link ReferenceModelOptions}. */
export const referenceSchema: z.ZodType<ReferenceModelOptions> = z
  .strictObject({
    model: z.string('the name of a model').min(1, 'the name of a model'),
    label: z.string('the name of a label').min(1, 'the name of a label').optional(),
    predicate: predicateSchema.optional(),
    smoothingMs: z.number('a number, 0 or more').min(0, 'a number, 0 or more').optional(),
    replicas: count,
    compete: count,
  })
  .refine(({ label, predicate }) => (label === undefined) !== (predicate === undefined), {
    error: oneOf,
    path: ['label'],
  });

/**
 * Answers what is not settled by the detector that defines truth, and gives every frame its decision: skipped and
 * unchanged frames carry an earlier label, labels are smoothed.
 *
 * One decision a frame, in frame order, half a smoothing window late; completion gives the last ones. A picture that the
 * model fails on is a `failed` decision. Holds the frames that it has asked about.
 * @throws STREAMS_OPTION_INVALID - when an option is out of range, missing or unknown.
 */
export function referenceModel(options: ReferenceModelOptions): StageOperator<FrameItem, Decision> {
  return stageOperator(referenceStage(options), { kind: 'referenceModel', options: { ...options } });
}

/** Checks the options and fills in the defaults. */
export function referenceStage(given: ReferenceModelOptions): Extract<Stage, { kind: 'referenceModel' }> {
  const options = parseOptions('referenceModel', referenceSchema, given);
  const { model, label = '', smoothingMs = 1000, replicas = 1, compete = 1 } = options;
  const predicate: Predicate = options.predicate ?? { label };
  return { kind: 'referenceModel', options: { model, predicate, smoothingMs, replicas, compete } };
}
