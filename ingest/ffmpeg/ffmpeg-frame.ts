import { checkPixelRequest } from '../check-pixel-request.ts';
import { ingestErrors } from '../errors.ts';
import type { Frame, FrameIndex, PixelRequest } from '../frame.ts';
import { turnPixels } from '../turn-pixels.ts';

/** What is known of a frame beside its pixels. */
export interface FfmpegFrameFacts {
  readonly streamId: string;
  readonly index: FrameIndex;
  /** Media time in µs. */
  readonly timestampUs: number;
  /** Width in px as shown. */
  readonly width: number;
  /** Height in px as shown. */
  readonly height: number;
  /** Rotation in degrees, clockwise; 0, 90, 180 or 270. */
  readonly rotationDegrees: number;
  /** Sizes declared, in the order of the pixels. */
  readonly requests: readonly PixelRequest[];
}

/** A frame whose pixels a run of ffmpeg has scaled already, in every size declared. */
export class FfmpegFrame implements Frame {
  readonly streamId: string;
  readonly index: FrameIndex;
  readonly timestampUs: number;
  readonly captureTimeMs: undefined = undefined;
  /** Always false: ffmpeg tells of concealed damage, but not in which frame. */
  readonly damaged = false;
  readonly #facts: FfmpegFrameFacts;
  #pixels: readonly Uint8Array[] | undefined;

  constructor(facts: FfmpegFrameFacts, pixels: readonly Uint8Array[]) {
    this.streamId = facts.streamId;
    this.index = facts.index;
    this.timestampUs = facts.timestampUs;
    this.#facts = facts;
    this.#pixels = pixels;
  }

  get width(): number {
    this.#use();
    return this.#facts.width;
  }

  get height(): number {
    this.#use();
    return this.#facts.height;
  }

  pixels(request: PixelRequest): Uint8Array {
    const all = this.#use();
    checkPixelRequest(request);
    const { requests, rotationDegrees } = this.#facts;
    const at = requests.findIndex(declared => isSame(declared, request));
    const pixels = all[at];
    if (pixels === undefined) {
      const declared = requests.map(({ width, height, format }) => `${width}x${height} ${format}`).join(', ') || 'none';
      throw ingestErrors.create('INGEST_PIXELS_NOT_DECLARED', { ...request, declared });
    }
    const scaled = scaledRequest(request, rotationDegrees);
    const turned = turnPixels(pixels, { ...scaled, bytesPerPixel: request.format === 'rgb' ? 3 : 1 }, rotationDegrees);
    return turned === pixels ? pixels.slice() : turned;
  }

  [Symbol.dispose](): void {
    this.#use();
    this.#pixels = undefined;
  }

  #use(): readonly Uint8Array[] {
    if (this.#pixels === undefined) throw ingestErrors.create('INGEST_FRAME_DISPOSED', { index: this.index });
    return this.#pixels;
  }
}

/** The size to scale to before turning, so that the picture turned has the size asked for. */
export function scaledRequest(request: PixelRequest, rotationDegrees: number): PixelRequest {
  if (rotationDegrees % 180 === 0) return request;
  return { width: request.height, height: request.width, format: request.format };
}

function isSame(one: PixelRequest, other: PixelRequest): boolean {
  return one.width === other.width && one.height === other.height && one.format === other.format;
}
