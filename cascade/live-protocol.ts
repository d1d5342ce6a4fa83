import type {
  CameraCounts,
  CameraOptions,
  CameraStatus,
  FrameIndex,
  FrameRange,
  LiveOptions,
} from '../ingest/index.ts';
import type { Picture } from './models/model-input.ts';
import type { LookColumns, StreamProgramConfig, WorkerVitals } from './stream-protocol.ts';

/** From the main process to a worker that looks at a camera. */
export type ToLiveWorker =
  | {
      readonly type: 'open';
      /** `resume` says where an earlier process left off. */
      readonly camera: CameraOptions;
      readonly program: StreamProgramConfig;
      readonly live: LiveOptions;
    }
  /** One report more may go unanswered. */
  | { readonly type: 'credit' }
  /** Leave the camera, and report what has arrived. */
  | { readonly type: 'end' };

/** Frames of a camera that are settled but for the answers asked: what is not in `looks` was skipped. */
export interface ArrivedReport {
  /** Follows the last one without a gap. */
  readonly range: FrameRange;
  /** Capture time of each frame of the range in µs since 1970, ascending. */
  readonly timestampsUs: Float64Array;
  readonly looks: LookColumns;
  /** No later frame is compared with one before this. */
  readonly keepFrom: FrameIndex;
}

/** From a worker that looks at a camera. */
export type FromLiveWorker =
  /** The models are loaded, and the camera is being connected to. */
  | { readonly type: 'opened' }
  | { readonly type: 'status'; readonly status: CameraStatus; readonly counts: CameraCounts }
  /** The reference model's answer is wanted for this frame. */
  | { readonly type: 'ask'; readonly frame: FrameIndex; readonly picture: Picture }
  /** Uses one credit. */
  | ({ readonly type: 'arrived'; readonly counts: CameraCounts; readonly vitals: WorkerVitals } & ArrivedReport)
  /** Sent at least once a second. `passedUs`: no frame before this time will come; null: that is not known. */
  | {
      readonly type: 'alive';
      readonly counts: CameraCounts;
      readonly passedUs: number | null;
      readonly vitals: WorkerVitals;
    }
  /** All that arrived has been reported. */
  | { readonly type: 'ended' };
