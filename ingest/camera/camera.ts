import type { Damage } from '../footage.ts';
import type { Frame, FrameIndex } from '../frame.ts';
import type { CameraErrorCode } from './camera-error.ts';

/** Where the `user:password` of a camera is kept: an environment variable, or the first line of a file. */
export type CameraCredentials = { readonly env: string } | { readonly file: string };

/** How to reach a camera and when to give a connection up. Plain data: it holds no secret but what `url` itself holds. */
export interface CameraOptions {
  /**
   * `rtsp://` or `rtsps://`, `http://` or `https://` (MJPEG, HLS and what else FFmpeg reads). `${NAME}` stands for an
   * environment variable of the process that decodes.
   */
  readonly url: string;
  /** Name given to the frames' stream. Default: the host. */
  readonly streamId?: string;
  /** How RTSP carries the pictures. Default `tcp`: nothing is lost on the way. */
  readonly transport?: 'tcp' | 'udp';
  /** User and password, in the place of those in the URL. Default none. */
  readonly credentials?: CameraCredentials;
  /** Longest time from a connection attempt to its first frame in ms, above 0. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Longest time without a frame in ms, above 0. Default 5,000. */
  readonly stallTimeoutMs?: number;
  /** Time after which a picture that does not change at all is a fault in ms, above 0; null: never. Default 10,000. */
  readonly frozenAfterMs?: number | null;
  /** Time after which a black picture is a fault in ms, above 0; null: never. Default 10,000. */
  readonly blackAfterMs?: number | null;
  /**
   * Whether to take the small stream of a camera whose `url` names the large one, where its maker's way of naming is known
   * (Hikvision, Dahua, Reolink, Tapo, Foscam). Default false. Other cameras: name the small stream in `url`.
   */
  readonly substream?: boolean;
  /** Most frames a second that are used, above 0: pictures beyond are decoded and let go. Default: all. */
  readonly maxFps?: number;
  /** Decoder threads, 1–16. Default 1. */
  readonly decoderThreads?: number;
  /** Index of the first frame, and the least time that a frame may have in µs: where an earlier process left off. Default 0. */
  readonly resume?: { readonly index: FrameIndex; readonly timestampUs: number };
}

/**
 * Where a frame's time comes from: the camera's own clock, which RTCP sender reports carry, or the moment when this machine
 * received it. The camera's is taken when it is within a minute of this machine's: a camera whose clock was never set tells
 * nothing.
 */
export type CaptureClock = 'sender' | 'receiver';

/** A frame of a camera. `timestampUs` is its capture time in µs since 1970, and never goes back. */
export interface CameraFrame extends Frame {
  readonly captureTimeMs: number;
  readonly captureClock: CaptureClock;
}

/** What a camera does. Texts hold no credentials. */
export type CameraStatus =
  /** `attempt` counts from 1 after each time that it played. */
  | { readonly state: 'connecting'; readonly attempt: number }
  | {
      readonly state: 'playing';
      readonly codec: string;
      /** Size of the frames in px. */
      readonly width: number;
      readonly height: number;
      readonly captureClock: CaptureClock;
    }
  /** The connection ended; the next attempt follows in `retryInMs`. */
  | {
      readonly state: 'reconnecting';
      readonly code: CameraErrorCode;
      readonly message: string;
      readonly retryInMs: number;
    }
  | { readonly state: 'stopped' };

/** What a camera has done so far. */
export interface CameraCounts {
  readonly frames: number;
  /** Pictures beyond `maxFps`, which became no frames. */
  readonly limited: number;
  /** Connections that played and ended. */
  readonly reconnects: number;
  /** Times that the codec was another one than before, within a connection or from one to the next. */
  readonly codecChanges: number;
  /** Times that the size of the frames was another one than before. */
  readonly sizeChanges: number;
}

/** Who is told what a camera sends. */
export interface CameraEvents {
  /** Each frame as it arrives; the callee owns it. */
  onFrame(frame: CameraFrame): void;
  /** Each change of the status, with what the camera has done so far. */
  onStatus?(status: CameraStatus, counts: CameraCounts): void;
}

/** A camera that is kept connected until it is disposed. */
export interface Camera extends AsyncDisposable {
  /** The URL without credentials. */
  readonly location: string;
  /** Name of its stream. */
  readonly streamId: string;
  readonly status: CameraStatus;
  readonly counts: CameraCounts;
  /** Damage met so far. */
  readonly damage: Damage;
  /** Time that decoding took so far in ms. */
  readonly decodeMs: number;
  /** Makes sure that no later frame gets a time before now. @returns that time in µs since 1970. */
  passTime(): number;
  /**
   * Resolves when it was disposed.
   * @throws INGEST_CAMERA_STALLED - when a call into the decoder does not return even after it was told to: this process
   *   cannot be saved, end it and start another.
   */
  readonly closed: Promise<void>;
}
