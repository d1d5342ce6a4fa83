/** Columns and rows of a glyph in px, without the column between two glyphs. */
export const glyphSize = { width: 5, height: 7 } as const;

// Seven rows of five bits, the leftmost bit the highest, as on character displays.
const rowsOf: Readonly<Record<string, string>> = {
  A: '0e11111f111111',
  B: '1e11111e11111e',
  C: '0e11101010110e',
  D: '1e11111111111e',
  E: '1f10101e10101f',
  F: '1f10101e101010',
  G: '0e11101711110f',
  H: '1111111f111111',
  I: '0e04040404040e',
  J: '0702020202120c',
  K: '11121418141211',
  L: '1010101010101f',
  M: '111b1515111111',
  N: '11111915131111',
  O: '0e11111111110e',
  P: '1e11111e101010',
  Q: '0e11111115120d',
  R: '1e11111e141211',
  S: '0f10100e01011e',
  T: '1f040404040404',
  U: '1111111111110e',
  V: '11111111110a04',
  W: '1111111515150a',
  X: '11110a040a1111',
  Y: '1111110a040404',
  Z: '1f01020408101f',
  '0': '0e11131519110e',
  '1': '040c040404040e',
  '2': '0e11010204081f',
  '3': '1f02040201110e',
  '4': '02060a121f0202',
  '5': '1f101e0101110e',
  '6': '0608101e11110e',
  '7': '1f010204080808',
  '8': '0e11110e11110e',
  '9': '0e11110f01020c',
  ' ': '00000000000000',
  '.': '00000000000c0c',
  ',': '000000000c0408',
  ':': '000c0c000c0c00',
  '-': '0000001f000000',
  _: '0000000000001f',
  '/': '00010204081000',
  '%': '18190204081303',
  '(': '02040808080402',
  ')': '08040202020408',
  '<': '02040810080402',
  '>': '08040201020408',
  '=': '00001f001f0000',
  '!': '04040404000004',
  '+': '0004041f040400',
  '#': '0a0a1f0a1f0a0a',
  '@': '0e11010d15150e',
  "'": '0c040800000000',
  '?': '0e110102040004',
};

const glyphs: ReadonlyMap<string, readonly number[]> = new Map(
  Object.entries(rowsOf).map(([sign, hex]) => [
    sign,
    Array.from({ length: glyphSize.height }, (_, row) => Number.parseInt(hex.slice(2 * row, 2 * row + 2), 16)),
  ]),
);

/**
 * Calls back for each dark px of a line of text, from its top left corner; built in, because fonts of the system are not
 * to be relied on. Letters come out as capitals, signs without a glyph as `?`.
 */
export function forEachTextPixel(text: string, draw: (x: number, y: number) => void): void {
  [...text].forEach((sign, position) => {
    const rows = glyphs.get(sign.toUpperCase()) ?? glyphs.get('?') ?? [];
    rows.forEach((bits, y) => {
      for (let x = 0; x < glyphSize.width; x++) {
        if ((bits >> (glyphSize.width - 1 - x)) & 1) draw(position * (glyphSize.width + 1) + x, y);
      }
    });
  });
}

/** Width of a line of text in px at a scale of 1. */
export function textWidth(text: string): number {
  return Math.max(0, [...text].length * (glyphSize.width + 1) - 1);
}
