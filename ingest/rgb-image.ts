/** A picture in memory. */
export interface RgbImage {
  /** Width in px, 1 or more. */
  readonly width: number;
  /** Height in px, 1 or more. */
  readonly height: number;
  /** `(height, width, 3)` uint8 RGB, row-major, without padding. */
  readonly bytes: Uint8Array;
}
