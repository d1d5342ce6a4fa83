/** Layout of a picture in bytes. */
export interface PixelLayout {
  /** Width in px. */
  readonly width: number;
  /** Height in px. */
  readonly height: number;
  /** 1 for gray, 3 for RGB. */
  readonly bytesPerPixel: number;
}

/**
 * Turns a picture clockwise.
 * @param pixels - `(height, width, bytesPerPixel)` uint8, row-major.
 * @param layout - Size before turning.
 * @param degrees - 0, 90, 180 or 270.
 * @returns The same array for 0; otherwise a new one, with width and height exchanged for 90 and 270.
 */
export function turnPixels(pixels: Uint8Array, layout: PixelLayout, degrees: number): Uint8Array {
  if (degrees === 0) return pixels;
  const { width, height, bytesPerPixel } = layout;
  const turned = new Uint8Array(pixels.length);
  // Steps in the turned picture for one pixel to the right and one row down in the original, and where its first goes.
  const [right, down, first] =
    degrees === 90
      ? [height, -1, height - 1]
      : degrees === 180
        ? [-1, -width, width * height - 1]
        : [-height, 1, (width - 1) * height];
  let from = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = (first + y * down + x * right) * bytesPerPixel;
      for (let byte = 0; byte < bytesPerPixel; byte++) turned[to + byte] = pixels[from++] ?? 0;
    }
  }
  return turned;
}
