import type {
  CameraCounts,
  CameraOptions,
  CameraStatus,
  Frame,
  FrameIndex,
  LiveDropReason,
  LiveOptions,
  OpenFootageOptions,
  PixelRequest,
} from '../../ingest/index.ts';
import type { Still } from '../event-pictures.ts';

/**
 * A picture that some step of a pipeline wants of every frame. Plain numbers, because loading the cascade for its
 * `pictureRequest` would triple the start of a frame worker and load an inference engine into it.
 */
export interface PictureNeed extends PixelRequest {
  /** Whether width and height are the most, and the frame's aspect ratio is kept. */
  readonly keepsAspect: boolean;
}

/** A picture that crossed. */
export interface CrossedPicture {
  readonly request: PixelRequest;
  /** As `Frame.pixels` gives it. */
  readonly bytes: Uint8Array;
}

/** A frame as it crosses from a worker: only the pictures that were declared. */
export interface CrossedFrame {
  readonly frame: FrameIndex;
  /** Media time in µs. */
  readonly timestampUs: number;
  /**
   * `skipped`: not decoded because of the skip rule; `lost`: it did not decode; else why there was no time for a frame of a
   * camera. Only `decoded` ones have pictures.
   */
  readonly state: 'decoded' | 'skipped' | 'lost' | LiveDropReason;
  /** Width in px; 0 when it was not decoded. */
  readonly width: number;
  /** Height in px; 0 when it was not decoded. */
  readonly height: number;
  readonly pictures: readonly CrossedPicture[];
}

/** To a frame worker. */
export type ToFrameWorker =
  /** Read footage from a frame on; every `every`-th is decoded. */
  | {
      readonly type: 'open';
      readonly footage: OpenFootageOptions;
      readonly needs: readonly PictureNeed[];
      readonly every: number;
      readonly from: FrameIndex;
      /**
       * Played at its own times; `startMs` is when the first frame was due on the clock of `machineMs`, null: now. Null: as
       * fast as there are credits.
       */
      readonly pace: { readonly live: LiveOptions; readonly startMs: number | null } | null;
    }
  /** Send the frames of a camera as they arrive; every `every`-th crosses with its pictures. */
  | {
      readonly type: 'open-camera';
      readonly camera: CameraOptions;
      readonly live: LiveOptions;
      readonly needs: readonly PictureNeed[];
      readonly every: number;
    }
  /** So many frames more may be sent. */
  | { readonly type: 'credit'; readonly frames: number }
  /** Decode one image. */
  | {
      readonly type: 'image';
      readonly id: number;
      readonly bytes: Uint8Array;
      readonly needs: readonly PictureNeed[];
      readonly frame: FrameIndex;
      readonly timestampUs: number;
    }
  /** Draw and encode a still. */
  | { readonly type: 'still'; readonly id: number; readonly still: Still };

/** From a frame worker. */
export type FromFrameWorker =
  /** `startMs`: when the first frame was due, where they are played at their own times. */
  | { readonly type: 'opened'; readonly frameCount: number; readonly startMs: number | null }
  /** None: just to say that the worker is not hung. */
  | { readonly type: 'frames'; readonly frames: readonly CrossedFrame[] }
  /** A camera does something else than before. */
  | { readonly type: 'status'; readonly status: CameraStatus; readonly counts: CameraCounts }
  /** There are no more. */
  | { readonly type: 'ended' }
  | { readonly type: 'image'; readonly id: number; readonly frame: CrossedFrame }
  /** A JPEG file. */
  | { readonly type: 'still'; readonly id: number; readonly jpeg: Uint8Array };

/** Scales a frame to what is wanted of it; the frame stays the caller's. */
export function crossFrame(frame: Frame, needs: readonly PictureNeed[]): CrossedFrame {
  const { index, timestampUs, width, height } = frame;
  const pictures = requestsFor(needs, frame).map(request => ({ request, bytes: frame.pixels(request) }));
  return { frame: index, timestampUs, state: 'decoded', width, height, pictures };
}

/** A frame without pictures. */
export function undecoded(
  state: Exclude<CrossedFrame['state'], 'decoded'>,
  frame: FrameIndex,
  timestampUs: number,
): CrossedFrame {
  return { frame, timestampUs, state, width: 0, height: 0, pictures: [] };
}

/** The picture sizes that are wanted of a frame of some size, each once. */
export function requestsFor(
  needs: readonly PictureNeed[],
  frame: { readonly width: number; readonly height: number },
): PixelRequest[] {
  const requests = new Map<string, PixelRequest>();
  for (const need of needs) {
    const { width, height, format } = need.keepsAspect ? fitted(need, frame) : need;
    requests.set(`${width}x${height} ${format}`, { width, height, format });
  }
  return [...requests.values()];
}

/** The largest size with the frame's aspect ratio, as `pictureRequest` of the cascade makes it. */
function fitted(
  { width, height, format }: PictureNeed,
  frame: { readonly width: number; readonly height: number },
): PixelRequest {
  const scale = Math.min(width / frame.width, height / frame.height);
  const scaled = (length: number, limit: number): number => Math.min(limit, Math.max(1, Math.round(length * scale)));
  return { width: scaled(frame.width, width), height: scaled(frame.height, height), format };
}
