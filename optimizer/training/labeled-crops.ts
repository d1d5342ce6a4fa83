import { PictureReader, pictureBytes } from '../picture-file.ts';
import type { ClassifierView, PictureCrop } from './classifier-candidate.ts';
import type { TrainingRows } from './training-rows.ts';

/** Labeled pictures in memory, cut to what a model looks at. */
export interface LabeledCrops {
  /** (n, height, width, 3) uint8 RGB, one picture after another. */
  readonly crops: Uint8Array;
  /** Bytes of one picture. */
  readonly cropBytes: number;
  /** (n) 0 or 1. */
  readonly labels: Uint8Array;
  /** (n) 0 or more. */
  readonly weights: Float32Array;
}

/** Pictures that are read at once: 4.6 MiB of the largest. */
const rowsPerRead = 64;

/** Reads the rows of some parts and cuts them. */
export async function readLabeledCrops(
  parts: readonly TrainingRows[],
  { request, crop }: ClassifierView,
): Promise<LabeledCrops> {
  const count = parts.reduce((sum, { rows }) => sum + rows.length, 0);
  const cropBytes = crop.width * crop.height * 3;
  const set = {
    crops: new Uint8Array(count * cropBytes),
    cropBytes,
    labels: new Uint8Array(count),
    weights: new Float32Array(count).fill(1),
  };
  const wholeBytes = pictureBytes(request);
  let at = 0;
  for (const { pictures, rows, labels, weights } of parts) {
    const file = pictures.find(({ request: { width, height, format } }) => {
      return width === request.width && height === request.height && format === request.format;
    });
    if (file === undefined) {
      throw new Error(`There are no pictures of ${request.width}x${request.height} px, ${request.format}.`);
    }
    set.labels.set(labels, at);
    if (weights !== undefined) set.weights.set(weights, at);
    await using reader = await PictureReader.open(file);
    for (let from = 0; from < rows.length; from += rowsPerRead) {
      const chunk = rows.subarray(from, from + rowsPerRead);
      const bytes = await reader.rows(chunk);
      for (let i = 0; i < chunk.length; i++, at++) {
        const picture = bytes.subarray(i * wholeBytes, (i + 1) * wholeBytes);
        cutPicture(picture, request.width, crop, set.crops.subarray(at * cropBytes, (at + 1) * cropBytes));
      }
    }
  }
  return set;
}

/**
 * Cuts a part out of a picture.
 * @param picture - (height, width, 3) uint8.
 * @param width - Its width in pixels.
 * @param into - (crop height, crop width, 3) uint8, overwritten.
 */
export function cutPicture(picture: Uint8Array, width: number, crop: PictureCrop, into: Uint8Array): void {
  const rowBytes = crop.width * 3;
  for (let y = 0; y < crop.height; y++) {
    const from = ((crop.top + y) * width + crop.left) * 3;
    into.set(picture.subarray(from, from + rowBytes), y * rowBytes);
  }
}
