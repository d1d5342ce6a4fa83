import type { PixelRequest } from '../../ingest/index.ts';
import type { DifferenceDetector } from './difference-detector.ts';
import { checkPictureLengths } from './picture-length.ts';

/** 32768 squared differences of at most 65025 stay below 2^31, so whole numbers of 32 bits hold their sum. */
const CHUNK = 32_768;

/**
 * Difference as the mean squared difference of the bytes, 0–65025 (NoScope's global metric), without ever making the
 * picture of differences. 64×64 gray takes about 6 µs unrolled by four, 9 µs plain (bench/stages).
 */
export function globalMse(request: PixelRequest): DifferenceDetector {
  return {
    request,
    score(picture, reference) {
      checkPictureLengths(request, picture, reference);
      let total = 0;
      for (let from = 0; from < picture.length; from += CHUNK) {
        total += sumOfSquares(picture, reference, from, Math.min(picture.length, from + CHUNK));
      }
      return total / picture.length;
    },
  };
}

function sumOfSquares(a: Uint8Array, b: Uint8Array, from: number, to: number): number {
  let sum = 0;
  let i = from;
  for (; i + 3 < to; i += 4) {
    const d0 = (a[i] as number) - (b[i] as number);
    const d1 = (a[i + 1] as number) - (b[i + 1] as number);
    const d2 = (a[i + 2] as number) - (b[i + 2] as number);
    const d3 = (a[i + 3] as number) - (b[i + 3] as number);
    sum = (sum + d0 * d0 + d1 * d1 + d2 * d2 + d3 * d3) | 0;
  }
  for (; i < to; i++) {
    const d = (a[i] as number) - (b[i] as number);
    sum = (sum + d * d) | 0;
  }
  return sum;
}
