import type { Damage } from '../footage.ts';
import type { FrameIndex } from '../frame.ts';
import type { CameraFrame, CameraOptions } from './camera.ts';
import type { CaptureTime } from './capture-times.ts';

/** A decoded picture that has no place in the stream yet; either wrapped or dropped, once. */
export interface ArrivedPicture {
  readonly width: number;
  readonly height: number;
  /** When the camera took it, by its own clock, in µs since 1970; null: it does not say. */
  readonly sentUs: number | null;
  /** When this machine received it, in µs since 1970. */
  readonly receivedUs: number;
  /** Makes a frame of it, owned by the caller. */
  wrap(place: CaptureTime & { readonly streamId: string; readonly index: FrameIndex }): CameraFrame;
  /** Frees it. */
  drop(): void;
}

/** Counts up as frames are decoded. */
export interface DecodingTally extends Record<keyof Damage, number> {
  /** Time that decoding took in ms. */
  decodeMs: number;
}

/** How to connect. */
export interface ConnectionOptions extends Required<Pick<CameraOptions, 'streamId' | 'transport' | 'decoderThreads'>> {
  /** With credentials. */
  readonly url: string;
  readonly tally: DecodingTally;
}

/**
 * One connection to a camera. One call at a time; every call may take as long as it likes, until {@link interrupt}.
 */
export interface CameraConnection {
  /** Name of the codec, such as `h264`; of the present packets, once it is open. */
  readonly codec: string;
  /** Connects. @throws CameraFault - why not. */
  open(): Promise<void>;
  /**
   * Waits for the next packet.
   * @returns the pictures that came of it, oldest first; none before the first keyframe.
   * @throws CameraFault - why it ended.
   */
  read(): Promise<readonly ArrivedPicture[]>;
  /** Makes the call under way fail soon; also before `open`. */
  interrupt(): void;
  /** Ends the connection, when no call is under way. Pictures that were given out stay valid. */
  close(): Promise<void>;
}
