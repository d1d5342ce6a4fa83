import type { GraphBuilder, OnnxValue } from '../../cascade/index.ts';

/** Subtracted from each byte of a picture. */
export const pixelMean = 128;

/** Multiplied with the difference: about -2 to 2 results. */
export const pixelScale: number = 1 / 64;

/** Turns pictures (batch, height, width, 3) uint8 into (batch, 3, height, width) float32, values 0-255. */
export function addPlanarPixels(g: GraphBuilder, pictures: OnnxValue): OnnxValue {
  return g.op('Transpose', [g.op('Cast', [pictures], { to: 1 })], { perm: [0, 3, 1, 2] });
}

/** Normalizes planar pixels: minus `pixelMean`, or minus another tensor that broadcasts, times `pixelScale`. */
export function addNormalization(g: GraphBuilder, planar: OnnxValue, mean: OnnxValue = g.float(pixelMean)): OnnxValue {
  return g.op('Mul', [g.op('Sub', [planar, mean]), g.float(pixelScale)]);
}
