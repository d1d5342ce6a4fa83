import { ingestErrors } from './errors.ts';
import type { PixelRequest } from './frame.ts';

/** Largest side of a picture that may be asked for in px; what FFmpeg's own filters accept. */
const MOST_SIDE_PX = 16_384;

/**
 * Checks the size of a picture that is asked for.
 * @throws INGEST_OPTION_INVALID - when a side is no integer from 1 to 16,384 px.
 */
export function checkPixelRequest(request: PixelRequest): void {
  for (const side of ['width', 'height'] as const) {
    const value = request[side];
    if (Number.isInteger(value) && value >= 1 && value <= MOST_SIDE_PX) continue;
    throw ingestErrors.create('INGEST_OPTION_INVALID', {
      option: `pixels.${side}`,
      expected: `an integer from 1 to ${MOST_SIDE_PX} px`,
      value,
    });
  }
}
