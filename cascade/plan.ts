import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { type DifferenceDetectorConfig, differenceDetectorSchema } from './detectors/difference-detector.ts';
import { cascadeErrors } from './errors.ts';
import { type PlanExpectation, planExpectationSchema } from './plan-expectation.ts';
import { type Predicate, predicateSchema } from './predicate.ts';
import { describeIssues } from './schema-issues.ts';

/** Which frames are looked at. */
export type SkipRule =
  /** Every `tSkip`-th frame, 1 or more; the others carry the label before them (NoScope §5: 15 or 30 at 30 fps). */
  | { readonly kind: 'every'; readonly tSkip: number }
  /**
   * Keyframes alone; a group of pictures is decoded whole only where the labels at its two ends disagree. Events that
   * begin and end within one group stay unseen, so it is a choice for footage with frequent keyframes, never a default.
   */
  | { readonly kind: 'keyframes' };

/** What the difference detector compares a frame with. */
export type DifferenceReference =
  /** A picture of the empty scene (an image file, relative to the plan); an unchanged frame is labeled false. */
  | { readonly kind: 'empty-scene'; readonly image: string; readonly sha256: string }
  /**
   * The latest frame looked at that is at least `tDiffFrames` frames (1 or more) earlier; an unchanged frame carries that
   * frame's label.
   */
  | { readonly kind: 'previous'; readonly tDiffFrames: number };

/** The difference detector of a plan. */
export interface DifferenceStage {
  readonly detector: DifferenceDetectorConfig;
  readonly reference: DifferenceReference;
  /** Differences below it are unchanged, 0 or more, in the units of the metric. */
  readonly deltaDiff: number;
}

/** A model of the repository, pinned by content. */
export interface ModelPin {
  /** `name` or `name@version`; without a version the highest is meant. */
  readonly model: string;
  /** SHA-256 of its model.onnx in hex. */
  readonly sha256: string;
}

/** Everything that a cascade needs to answer one question about one camera; the content of a `*.plan.json`. */
export interface CascadePlan {
  readonly $schema?: string | undefined;
  readonly schema: 'saccade/plan/1';
  /** Name of the query, used in outputs. */
  readonly name: string;
  /** When a frame is positive, in terms of the reference model's detections. */
  readonly predicate: Predicate;
  /** Window of the majority that smooths labels in ms, 0 or more. Default 1000; 0 is raw. */
  readonly smoothingMs: number;
  readonly skip: SkipRule;
  readonly differenceDetector: DifferenceStage | null;
  readonly specializedModel:
    | (ModelPin & {
        /** Confidences below it reject, 0–1. */
        readonly cLow: number;
        /** Confidences above it accept, 0–1, not below `cLow`. */
        readonly cHigh: number;
      })
    | null;
  readonly referenceModel: ModelPin;
  /** SHA-256 of the footage that the plan was fitted on; empty for a plan written by hand. */
  readonly fittedOn: readonly string[];
  /** What the optimizer expects of it; null or absent for a plan written by hand. Nothing that runs a plan reads it. */
  readonly expected?: PlanExpectation | null | undefined;
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits (sha256sum prints them)');
const modelPin = { model: z.string().min(1), sha256 };

/** Schema of a plan file. */
export const planSchema: z.ZodType<CascadePlan> = z.strictObject({
  $schema: z.string().optional(),
  schema: z.literal('saccade/plan/1'),
  name: z.string().min(1),
  predicate: predicateSchema,
  smoothingMs: z.number().min(0).default(1000),
  skip: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('every'), tSkip: z.int().min(1) }),
    z.strictObject({ kind: z.literal('keyframes') }),
  ]),
  differenceDetector: z
    .strictObject({
      detector: differenceDetectorSchema,
      reference: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('empty-scene'), image: z.string().min(1), sha256 }),
        z.strictObject({ kind: z.literal('previous'), tDiffFrames: z.int().min(1) }),
      ]),
      deltaDiff: z.number().min(0),
    })
    .nullable()
    .default(null),
  specializedModel: z
    .strictObject({ ...modelPin, cLow: z.number().min(0).max(1), cHigh: z.number().min(0).max(1) })
    .refine(({ cLow, cHigh }) => cLow <= cHigh, {
      error: 'cLow must not be above cHigh: frames between them go to the reference model',
      path: ['cLow'],
    })
    .nullable()
    .default(null),
  referenceModel: z.strictObject(modelPin),
  fittedOn: z.array(sha256).default([]),
  expected: planExpectationSchema.nullable().optional(),
});

/** A plan with the place it came from. */
export interface LoadedPlan {
  readonly plan: CascadePlan;
  /** SHA-256 of the plan's content in hex: what a resumed run compares. */
  readonly hash: string;
  /** Folder that paths within the plan are relative to. */
  readonly folder: string;
}

/**
 * Hash of a plan's content, independent of its formatting and of what is `expected` of it: models and thresholds are what a
 * plan is, while costs vary from machine to machine.
 */
export function hashPlan({ expected: _, ...plan }: CascadePlan): string {
  return createHash('sha256').update(JSON.stringify(plan)).digest('hex');
}

/**
 * Checks a plan that was read from JSON.
 * @param from - Where it came from, for the message.
 * @throws CASCADE_PLAN_INVALID - when it does not fit the schema; every fault is listed with its place.
 */
export function parsePlan(value: unknown, from: string): CascadePlan {
  const parsed = planSchema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw cascadeErrors.create('CASCADE_PLAN_INVALID', { path: from, issues: describeIssues(parsed.error) });
}

/**
 * Reads and checks a plan file.
 * @throws CASCADE_PLAN_UNREADABLE - when the file is missing or no JSON; CASCADE_PLAN_INVALID as in {@link parsePlan}.
 */
export async function loadPlan(path: string): Promise<LoadedPlan> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw cascadeErrors.create('CASCADE_PLAN_UNREADABLE', { path, reason }, { cause });
  }
  const plan = parsePlan(value, path);
  return { plan, hash: hashPlan(plan), folder: dirname(resolve(path)) };
}
