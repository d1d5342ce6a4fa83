import type { YuvPicture } from '../../fixtures/index.ts';
import { forEachTextPixel } from './bitmap-font.ts';

/** Red, green and blue, 0–255 each. */
export type Color = readonly [red: number, green: number, blue: number];

/** Columns and rows in px from the top left corner. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A picture to draw on; what lies outside is cut off. */
export class Canvas {
  /** Width in px, even. */
  readonly width: number;
  /** Height in px, even. */
  readonly height: number;
  /** `(height, width, 3)` uint8 RGB, row-major. */
  readonly bytes: Uint8Array;

  /** Makes a black picture. */
  constructor({ width, height }: { width: number; height: number }) {
    this.width = width;
    this.height = height;
    this.bytes = new Uint8Array(width * height * 3);
  }

  /** Fills an area. */
  fill({ left, top, width, height }: Area, [red, green, blue]: Color): void {
    const [fromX, toX] = [Math.max(0, left), Math.min(this.width, left + width)];
    for (let y = Math.max(0, top); y < Math.min(this.height, top + height); y++) {
      let at = (y * this.width + fromX) * 3;
      for (let x = fromX; x < toX; x++) {
        this.bytes[at++] = red;
        this.bytes[at++] = green;
        this.bytes[at++] = blue;
      }
    }
  }

  /** Draws the border of an area, inside of it. @param thickness - In px, 1 or more. */
  frame({ left, top, width, height }: Area, color: Color, thickness: number): void {
    this.fill({ left, top, width, height: thickness }, color);
    this.fill({ left, top: top + height - thickness, width, height: thickness }, color);
    this.fill({ left, top, width: thickness, height }, color);
    this.fill({ left: left + width - thickness, top, width: thickness, height }, color);
  }

  /** Writes a line of text. @param place.scale - Px for each px of the font, 1 or more. */
  text(text: string, { left, top, scale }: { left: number; top: number; scale: number }, color: Color): void {
    forEachTextPixel(text, (x, y) =>
      this.fill({ left: left + x * scale, top: top + y * scale, width: scale, height: scale }, color),
    );
  }

  /** Writes the picture as BT.601 limited range; each chroma sample is the mean of its four pixels. */
  toYuv({ y, u, v }: YuvPicture): void {
    const { width, height, bytes } = this;
    let chroma = 0;
    for (let row = 0; row < height; row += 2) {
      for (let column = 0; column < width; column += 2) {
        let red = 0;
        let green = 0;
        let blue = 0;
        for (let corner = 0; corner < 4; corner++) {
          const pixel = (row + (corner >> 1)) * width + column + (corner & 1);
          const r = bytes[3 * pixel] as number;
          const g = bytes[3 * pixel + 1] as number;
          const b = bytes[3 * pixel + 2] as number;
          y[pixel] = 16 + ((16829 * r + 33039 * g + 6416 * b + 32768) >> 16);
          red += r;
          green += g;
          blue += b;
        }
        u[chroma] = 128 + ((-9714 * red - 19071 * green + 28784 * blue + 131072) >> 18);
        v[chroma++] = 128 + ((28784 * red - 24103 * green - 4681 * blue + 131072) >> 18);
      }
    }
  }
}
