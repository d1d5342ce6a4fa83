import type {
  Damage,
  FootageInfo,
  FrameIndex,
  FrameRange,
  FrameTable,
  OpenFootageOptions,
  PaceOptions,
} from '../ingest/index.ts';
import type { Picture } from './models/model-input.ts';
import type { StoredModel } from './models/stored-model.ts';
import type { DifferenceStage, SkipRule } from './plan.ts';

/** Frames looked at together: 32 is where a small model's cost a frame levels off (bench/stages). */
export const looksPerChunk = 32;

/**
 * Longest time for which frames of a camera are collected in ms: one report for two frames at 10 fps, five at 25. Without it
 * messages would cost more than looking (bench/cameras).
 */
export const mostTogetherMs = 200;

/**
 * Chunks or groups that may wait for the reference model's answers. Three keep decoder and model busy at once; a group
 * asks for one frame where a chunk asks for up to 32, so more of them may wait.
 */
export const creditsOf: Readonly<Record<SkipRule['kind'], number>> = { every: 3, keyframes: 48 };

/** What a stream worker needs of a plan: the stages next to the decoder. Paths are absolute. */
export interface StreamProgramConfig {
  readonly skip: SkipRule;
  readonly differenceDetector: DifferenceStage | null;
  readonly specializedModel: { readonly model: StoredModel; readonly cLow: number; readonly cHigh: number } | null;
  /** Its input says what the uncertain frames are scaled to. */
  readonly referenceModel: StoredModel;
}

/** What a stage of a stream worker took since the worker started, in ms. */
export interface StageTimes {
  /** Demuxing and decoding. */
  readonly decodeMs: number;
  /** Scaling and conversion, for all stages. */
  readonly scaleMs: number;
  readonly differenceMs: number;
  readonly specializedMs: number;
}

/** How the cheap stages answered for one frame. */
export const lookKinds = [
  'unchanged',
  'rejected',
  'accepted',
  'ask-reference',
  'lost',
  'stale',
  'superseded',
  'full',
] as const;

/** How the cheap stages answered for one frame; `lost`: it could not be decoded; the last three: why nobody looked. */
export type LookKind = (typeof lookKinds)[number];

/** Looks at several frames in columns, since objects a frame would cost more than the looking. */
export interface LookColumns {
  /** (n) frame indexes, ascending. */
  readonly frames: Uint32Array;
  /** (n) positions in {@link lookKinds}. */
  readonly kinds: Uint8Array;
  /** (n) difference scores; NaN where there is none. */
  readonly differences: Float64Array;
  /** (n) confidences 0–1; NaN where there is none. */
  readonly confidences: Float64Array;
  /** (n) index of the earlier frame compared with; -1 where there is none. */
  readonly comparedWith: Int32Array;
}

/** From the main process to a stream worker. */
export type ToStreamWorker =
  | { readonly type: 'open'; readonly footage: OpenFootageOptions; readonly program: StreamProgramConfig }
  /** Look at a range, except at frames whose answer is known already. At most one range is under way. */
  | {
      readonly type: 'look';
      readonly range: FrameRange;
      readonly known: Uint32Array;
      /** When the frames arrive, for footage that is played as a camera would send it; null: they all have. */
      readonly pace: PaceOptions | null;
    }
  /** One chunk more may be under way. */
  | { readonly type: 'credit' }
  /** The labels at both ends of the group that begins at this keyframe are known. */
  | { readonly type: 'resolve'; readonly keyframe: FrameIndex; readonly refine: boolean };

/** From a stream worker to the main process. */
export type FromStreamWorker =
  | { readonly type: 'opened'; readonly info: FootageInfo; readonly table: FrameTable }
  /** The reference model's answer is wanted for this frame. */
  | { readonly type: 'ask'; readonly frame: FrameIndex; readonly picture: Picture }
  /** All frames of `range` are settled but for the answers asked: what is not in `looks` was skipped. Uses one credit. */
  | {
      readonly type: 'looked';
      readonly range: FrameRange;
      readonly looks: LookColumns;
      readonly vitals: WorkerVitals;
    }
  /** Keyframes were looked at; `ranges` are their whole groups, whose insides wait for `resolve`. A credit a group. */
  | {
      readonly type: 'groups';
      readonly ranges: readonly FrameRange[];
      readonly looks: LookColumns;
      readonly vitals: WorkerVitals;
    }
  /** Everything of the range given by `look` has been reported. */
  | { readonly type: 'range-done'; readonly range: FrameRange; readonly vitals: WorkerVitals }
  /** Nothing to report, but not hung. */
  | { readonly type: 'alive'; readonly vitals: WorkerVitals };

/** How a stream worker is doing, sent along with its results. */
export interface WorkerVitals {
  readonly times: StageTimes;
  readonly damage: Damage;
  /** Resident memory of the worker process in bytes. */
  readonly rssBytes: number;
}
