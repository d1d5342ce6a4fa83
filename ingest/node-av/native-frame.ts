import type { Frame as AvFrame } from 'node-av/lib';
import type { CameraFrame, CaptureClock } from '../camera/camera.ts';
import { ingestErrors } from '../errors.ts';
import type { Frame, FrameIndex, PixelRequest } from '../frame.ts';

/** What is known of a frame beside its picture. */
export interface FrameFacts {
  readonly streamId: string;
  readonly index: FrameIndex;
  /** Media time in µs. */
  readonly timestampUs: number;
  /** Rotation in degrees, clockwise; 0, 90, 180 or 270. */
  readonly rotationDegrees: number;
  /** Whether the decoder had to conceal damage. */
  readonly damaged: boolean;
}

/** Where the picture of a frame came from and goes back to. */
export interface PictureOwner {
  /** The picture at the size asked for, turned; a copy. */
  convert(picture: AvFrame, request: PixelRequest, rotationDegrees: number): Uint8Array;
  /** Takes the picture back. */
  giveBack(picture: AvFrame): void;
}

/** A frame that lives in memory of node-av; disposing it gives the memory back to the store. */
export class NativeFrame implements Frame {
  readonly streamId: string;
  readonly index: FrameIndex;
  readonly timestampUs: number;
  readonly captureTimeMs: number | undefined = undefined;
  readonly damaged: boolean;
  readonly #rotationDegrees: number;
  readonly #owner: PictureOwner;
  #picture: AvFrame | undefined;

  /** Takes over a decoded picture. */
  constructor(owner: PictureOwner, picture: AvFrame, facts: FrameFacts) {
    this.streamId = facts.streamId;
    this.index = facts.index;
    this.timestampUs = facts.timestampUs;
    this.damaged = facts.damaged;
    this.#rotationDegrees = facts.rotationDegrees;
    this.#owner = owner;
    this.#picture = picture;
  }

  /** Whether the picture was given back. */
  get isDisposed(): boolean {
    return this.#picture === undefined;
  }

  get width(): number {
    return this.#rotationDegrees % 180 === 0 ? this.#use().width : this.#use().height;
  }

  get height(): number {
    return this.#rotationDegrees % 180 === 0 ? this.#use().height : this.#use().width;
  }

  pixels(request: PixelRequest): Uint8Array {
    return this.#owner.convert(this.#use(), request, this.#rotationDegrees);
  }

  [Symbol.dispose](): void {
    const picture = this.#use();
    this.#picture = undefined;
    this.#owner.giveBack(picture);
  }

  #use(): AvFrame {
    if (this.#picture === undefined) throw ingestErrors.create('INGEST_FRAME_DISPOSED', { index: this.index });
    return this.#picture;
  }
}

/** A frame of a camera: its time is that of the capture. */
export class NativeCameraFrame extends NativeFrame implements CameraFrame {
  override readonly captureTimeMs: number;
  readonly captureClock: CaptureClock;

  /** Takes over a decoded picture. */
  constructor(owner: PictureOwner, picture: AvFrame, facts: FrameFacts & { readonly captureClock: CaptureClock }) {
    super(owner, picture, facts);
    this.captureTimeMs = facts.timestampUs / 1000;
    this.captureClock = facts.captureClock;
  }
}
