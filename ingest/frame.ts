/** Index of a frame in its footage, from 0, in presentation order, counting every frame. */
export type FrameIndex = number;

/** How the bytes of a picture are laid out: one luma byte a pixel, or red, green and blue bytes interleaved. */
export type PixelFormat = 'gray' | 'rgb';

/** A picture that a stage wants of a frame: scaled to exactly this size (aspect ratio not kept). */
export interface PixelRequest {
  /** Width in px, 1 or more. */
  readonly width: number;
  /** Height in px, 1 or more. */
  readonly height: number;
  /** Layout of the bytes asked for. */
  readonly format: PixelFormat;
}

/**
 * One picture of one stream, decoded but not converted: each stage asks for the size that it looks at.
 *
 * Owned by whoever received it, and disposed exactly once; a second time throws `INGEST_FRAME_DISPOSED`, as does any
 * use after disposal.
 */
export interface Frame extends Disposable {
  /** Name of the stream that the frame belongs to. */
  readonly streamId: string;
  /** Position in the footage. */
  readonly index: FrameIndex;
  /** Media time in µs, an integer; the container's own, so it may start at another value than 0. */
  readonly timestampUs: number;
  /** Wall clock at capture in ms since 1970, when the source knows it; files do not. */
  readonly captureTimeMs: number | undefined;
  /** Width in px as shown, after rotation. */
  readonly width: number;
  /** Height in px as shown, after rotation. */
  readonly height: number;
  /** Whether the decoder had to conceal damage in this picture. */
  readonly damaged: boolean;
  /**
   * The picture, scaled by swscale (bilinear) and turned as the rotation metadata says.
   * @returns `(height, width)` uint8 for gray, `(height, width, 3)` uint8 RGB, row-major, without padding; a copy that
   *   outlives the frame.
   * @throws INGEST_FRAME_DISPOSED - when the frame was disposed before.
   */
  pixels(request: PixelRequest): Uint8Array;
}
