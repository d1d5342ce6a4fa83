import { throwError } from 'rxjs';
import type {
  CascadePlan,
  DifferenceDetectorConfig,
  DifferenceMetric,
  Predicate,
  SkipRule,
} from '../../cascade/index.ts';
import type { PixelFormat, PixelRequest } from '../../ingest/index.ts';
import { streamsErrors } from '../errors.ts';
import { describeOperator, type StreamOperator } from '../operator.ts';
import type { FrameFunction } from './frame-function.ts';

/** What a difference detector compares, and with what. */
export interface DifferenceStageOptions {
  readonly detector: DifferenceDetectorConfig;
  /** Differences below it are unchanged, 0 or more. */
  readonly deltaDiff: number;
  /** The image file of the empty scene, or the least distance of the earlier frame in frames. */
  readonly comparedWith: { readonly emptyScene: string } | { readonly tDiffFrames: number };
}

/** A specialized model and its thresholds. */
export interface SpecializedStageOptions {
  /** Reference to the model, as the model repository takes it. */
  readonly model: string;
  readonly cLow: number;
  readonly cHigh: number;
}

/** A reference model and the question. */
export interface ReferenceStageOptions {
  readonly model: string;
  readonly predicate: Predicate;
  readonly smoothingMs: number;
  readonly replicas: number;
  /** Pools that answer at once, the first answer counts; 1: none beside. */
  readonly compete: number;
}

/** A function over frames. */
export interface MapStageOptions {
  readonly map: FrameFunction<unknown>;
  readonly pixels: PixelRequest;
  readonly deadlineMs: number;
  readonly concurrency: number;
  readonly compete: number;
}

/** What a frame operator does: the planner reads it, and decides where it runs. */
export type Stage =
  | { readonly kind: 'skip'; readonly rule: SkipRule }
  | { readonly kind: 'differenceDetector'; readonly options: DifferenceStageOptions }
  | { readonly kind: 'specializedModel'; readonly options: SpecializedStageOptions }
  | { readonly kind: 'referenceModel'; readonly options: ReferenceStageOptions }
  | { readonly kind: 'mapFrames'; readonly options: MapStageOptions }
  /** A plan, which says the other four. */
  | { readonly kind: 'plan'; readonly plan: string | CascadePlan }
  /** Several of these in a row. */
  | { readonly kind: 'cascade'; readonly stages: readonly Stage[] };

/** A frame operator: it has no code of its own, the planner gives it models, pixels and a process. */
export type StageOperator<In, Out> = StreamOperator<In, Out> & { readonly stage: Stage };

/** Makes a frame operator of a stage. */
export function stageOperator<In, Out>(
  stage: Stage,
  description: { readonly kind: string; readonly options: Readonly<Record<string, unknown>> },
): StageOperator<In, Out> {
  const outside = (): Error =>
    streamsErrors.create('STREAMS_STAGE_OUTSIDE_PIPELINE', { operator: `${description.kind}()` });
  const operator = describeOperator<In, Out>(description, () => throwError(outside));
  return Object.assign(operator, { stage });
}

/** The stage of a frame operator; undefined for any other operator. */
export function stageOf(operator: object): Stage | undefined {
  return 'stage' in operator ? (operator as StageOperator<unknown, unknown>).stage : undefined;
}

/** How a difference detector is asked for; exactly one of `tDiffFrames` and `emptyScene`. */
export interface DifferenceDetectorOptions {
  /** Differences below it are unchanged, 0 or more, in the units of the metric. */
  readonly deltaDiff: number;
  /** Compare with the latest frame looked at that is at least so many frames earlier, 1 or more. */
  readonly tDiffFrames?: number | undefined;
  /** Compare with this picture of the empty scene: an image file, relative to the working directory. */
  readonly emptyScene?: string | undefined;
  /** Default global: mean squared difference, 0–65025. */
  readonly metric?: DifferenceMetric | undefined;
  /** Width of the compared picture in px, 1–1024. Default 64. */
  readonly width?: number | undefined;
  /** Height of the compared picture in px, 1–1024. Default 64. */
  readonly height?: number | undefined;
  /** Default gray. */
  readonly format?: PixelFormat | undefined;
}
