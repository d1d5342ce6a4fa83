import type { RgbImage } from './rgb-image.ts';

/** A rectangle as shares of a picture, 0–1, from its top left corner. */
export interface ShareBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Red: rare in scenes, and seen by night as well. */
const color = [255, 48, 48] as const;

/** Draws the outlines of boxes into a picture, 2 px thick or a 200th of its height; what lies outside is cut off. */
export function drawBoxes({ width, height, bytes }: RgbImage, boxes: readonly ShareBox[]): void {
  const thickness = Math.max(2, Math.round(height / 200));
  const fill = (left: number, top: number, right: number, bottom: number): void => {
    for (let y = Math.max(0, top); y < Math.min(height, bottom); y++) {
      for (let x = Math.max(0, left); x < Math.min(width, right); x++) bytes.set(color, 3 * (y * width + x));
    }
  };
  for (const box of boxes) {
    const left = Math.round(box.x * width);
    const top = Math.round(box.y * height);
    const right = Math.round((box.x + box.width) * width);
    const bottom = Math.round((box.y + box.height) * height);
    fill(left, top, right, top + thickness);
    fill(left, bottom - thickness, right, bottom);
    fill(left, top, left + thickness, bottom);
    fill(right - thickness, top, right, bottom);
  }
}
