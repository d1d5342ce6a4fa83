import type { PixelRequest } from '../../ingest/index.ts';
import type { DifferenceDetector, DifferenceMetric } from './difference-detector.ts';
import { checkPictureLengths } from './picture-length.ts';

/** Mean squared difference of every block and channel of two pictures: the features of the blocked metric. */
export interface BlockErrors {
  /** Number of values: grid² × channels. */
  readonly length: number;
  /**
   * Writes the mean squared differences, each 0–65025: blocks row-major, the channels of a block together.
   * @param into - At least `length` values.
   * @throws CASCADE_PICTURE_SIZE - when a picture has another number of bytes than the request.
   */
  measure(picture: Uint8Array, reference: Uint8Array, into: Float64Array): void;
}

/**
 * Divides pictures into grid × grid blocks whose borders are rounded down to whole px, so that blocks differ by at most
 * one px a side when the grid does not divide the size.
 * @param grid - 1 to the smaller side of the picture in px.
 */
export function blockErrors(request: PixelRequest, grid: number): BlockErrors {
  const { width, height } = request;
  const channels = request.format === 'rgb' ? 3 : 1;
  const length = grid * grid * channels;
  const borders = Int32Array.from({ length: grid + 1 }, (_, i) => Math.floor((i * width) / grid) * channels);
  const rowBlocks = Int32Array.from({ length: height }, (_, y) => {
    let block = 0;
    while (Math.floor(((block + 1) * height) / grid) <= y) block++;
    return block * grid * channels;
  });
  const pixels = new Float64Array(length);
  for (let y = 0; y < height; y++) {
    for (let block = 0; block < grid; block++) {
      const columns = ((borders[block + 1] as number) - (borders[block] as number)) / channels;
      for (let c = 0; c < channels; c++) addAt(pixels, (rowBlocks[y] as number) + block * channels + c, columns);
    }
  }
  const addRows = channels === 1 ? addGrayRow : addRgbRow;
  return {
    length,
    measure(picture, reference, into) {
      checkPictureLengths(request, picture, reference);
      into.fill(0, 0, length);
      for (let y = 0; y < height; y++) {
        addRows({ picture, reference, start: y * width * channels, borders, into, block: rowBlocks[y] as number });
      }
      for (let i = 0; i < length; i++) into[i] = (into[i] as number) / (pixels[i] as number);
    },
  };
}

/**
 * Difference as a probability 0–1: the logistic function of the weighted mean squared differences of the blocks
 * (NoScope's blocked metric).
 */
export function blockedMse(
  request: PixelRequest,
  { grid, weights, bias }: Omit<Extract<DifferenceMetric, { kind: 'blocked' }>, 'kind'>,
): DifferenceDetector {
  const blocks = blockErrors(request, grid);
  const errors = new Float64Array(blocks.length);
  return {
    request,
    score(picture, reference) {
      blocks.measure(picture, reference, errors);
      let sum = bias;
      for (let i = 0; i < errors.length; i++) sum += (errors[i] as number) * (weights[i] ?? 0);
      return 1 / (1 + Math.exp(-sum));
    },
  };
}

interface Row {
  readonly picture: Uint8Array;
  readonly reference: Uint8Array;
  /** Index of the row's first byte. */
  readonly start: number;
  /** Borders of the blocks within a row in bytes. */
  readonly borders: Int32Array;
  readonly into: Float64Array;
  /** Index of the row's first block in `into`. */
  readonly block: number;
}

function addGrayRow({ picture, reference, start, borders, into, block }: Row): void {
  for (let i = 0; i + 1 < borders.length; i++) {
    const end = start + (borders[i + 1] as number);
    let sum = 0;
    for (let j = start + (borders[i] as number); j < end; j++) {
      const d = (picture[j] as number) - (reference[j] as number);
      sum = (sum + d * d) | 0;
    }
    addAt(into, block + i, sum);
  }
}

function addRgbRow({ picture, reference, start, borders, into, block }: Row): void {
  for (let i = 0; i + 1 < borders.length; i++) {
    const end = start + (borders[i + 1] as number);
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let j = start + (borders[i] as number); j < end; j += 3) {
      const r = (picture[j] as number) - (reference[j] as number);
      const g = (picture[j + 1] as number) - (reference[j + 1] as number);
      const b = (picture[j + 2] as number) - (reference[j + 2] as number);
      red = (red + r * r) | 0;
      green = (green + g * g) | 0;
      blue = (blue + b * b) | 0;
    }
    addAt(into, block + i * 3, red);
    addAt(into, block + i * 3 + 1, green);
    addAt(into, block + i * 3 + 2, blue);
  }
}

function addAt(values: Float64Array, index: number, value: number): void {
  values[index] = (values[index] as number) + value;
}
