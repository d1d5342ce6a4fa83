import type { RgbImage } from '../ingest/index.ts';
import { type PictureFile, PictureReader } from './picture-file.ts';

/** Pictures read at once: 8 MB of 50×50 RGB. */
const batchRows = 1024;

/**
 * Mean of the pictures of some rows: the empty scene as a specialized model sees it.
 * @param rows - At least one.
 */
export async function averagePictures(file: PictureFile, rows: Uint32Array): Promise<RgbImage> {
  await using reader = await PictureReader.open(file);
  const { width, height } = file.request;
  const sums = new Float64Array(width * height * 3);
  for (let from = 0; from < rows.length; from += batchRows) {
    const bytes = await reader.rows(rows.subarray(from, from + batchRows));
    for (let i = 0; i < bytes.length; ) {
      for (let k = 0; k < sums.length; k++, i++) sums[k] = (sums[k] as number) + (bytes[i] as number);
    }
  }
  return { width, height, bytes: Uint8Array.from(sums, sum => Math.round(sum / rows.length)) };
}
