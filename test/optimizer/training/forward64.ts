import type { ClassifierCandidate } from '../../../optimizer/index.ts';

/** Parameters of a network one after another, taken off the front of a flat vector. */
function takeFrom(values: Float64Array): (count: number) => Float64Array {
  let at = 0;
  return count => {
    at += count;
    return values.subarray(at - count, at);
  };
}

/**
 * The logit of one picture in plain float64 loops: an oracle that shares nothing with the graphs.
 * @param picture - The whole frame at the view's size, bytes.
 * @param scene - The empty scene at the view's size; null for raw models.
 */
export function logit64(
  { network, normalization, view }: ClassifierCandidate,
  values: Float64Array,
  { picture, scene }: { picture: Uint8Array; scene: Uint8Array | null },
): number {
  const { crop, request } = view;
  let [channels, height, width] = [3, crop.height, crop.width];
  let from = new Float64Array(channels * height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        const at = ((crop.top + y) * request.width + crop.left + x) * 3 + c;
        const mean = normalization === 'raw' || scene === null ? 128 : (scene[at] as number);
        from[(c * height + y) * width + x] = ((picture[at] as number) - mean) / 64;
      }
    }
  }
  const take = takeFrom(values);
  if (network.kind === 'linear') {
    const [rows, columns] = [windowsOf(height, network.cells), windowsOf(width, network.cells)];
    const features: number[] = [];
    for (let c = 0; c < 3; c++) {
      for (const [top, bottom] of rows) {
        for (const [left, right] of columns) {
          let sum = 0;
          for (let y = top; y < bottom; y++) {
            for (let x = left; x < right; x++) sum += Math.abs(from[(c * height + y) * width + x] as number);
          }
          features.push(sum / ((bottom - top) * (right - left)));
        }
      }
    }
    const weights = take(features.length);
    return features.reduce((sum, feature, i) => sum + feature * (weights[i] as number), take(1)[0] as number);
  }
  for (const filters of network.filters) {
    const [weights, biases] = [take(filters * channels * 9), take(filters)];
    const [outHeight, outWidth] = [Math.ceil(height / 2), Math.ceil(width / 2)];
    const to = new Float64Array(filters * outHeight * outWidth);
    for (let at = 0; at < to.length; at++) {
      const filter = Math.floor(at / (outHeight * outWidth));
      const [row, column] = [Math.floor(at / outWidth) % outHeight, at % outWidth];
      let sum = biases[filter] as number;
      for (let k = 0; k < channels * 9; k++) {
        const [y, x] = [row * 2 + (Math.floor(k / 3) % 3) - 1, column * 2 + (k % 3) - 1];
        if (y < 0 || x < 0 || y >= height || x >= width) continue;
        const value = from[(Math.floor(k / 9) * height + y) * width + x] as number;
        sum += (weights[filter * channels * 9 + k] as number) * value;
      }
      to[at] = Math.max(sum, 0);
    }
    [from, channels, height, width] = [to, filters, outHeight, outWidth];
  }
  const [denseW, denseB] = [take(from.length * network.dense), take(network.dense)];
  const hidden = denseB.map((bias, unit) => {
    return Math.max(
      0,
      from.reduce((sum, value, i) => sum + value * (denseW[i * network.dense + unit] as number), bias),
    );
  });
  const outW = take(network.dense);
  return hidden.reduce((sum, value, i) => sum + value * (outW[i] as number), take(1)[0] as number);
}

/** Windows (from, to) of equal width, centered on the axis and cut off at its ends. */
function windowsOf(length: number, most: number): [number, number][] {
  const window = Math.ceil(length / most);
  const count = Math.ceil(length / window);
  const first = -Math.floor((count * window - length) / 2);
  return Array.from({ length: count }, (_, i) => {
    return [Math.max(0, first + i * window), Math.min(length, first + (i + 1) * window)];
  });
}
