import type { PixelRequest } from '../../ingest/index.ts';
import { cascadeErrors } from '../errors.ts';

/**
 * Checks that two pictures have exactly the bytes of a request.
 * @throws CASCADE_PICTURE_SIZE - when one has not.
 */
export function checkPictureLengths(request: PixelRequest, picture: Uint8Array, reference: Uint8Array): void {
  const { width, height, format } = request;
  const length = width * height * (format === 'rgb' ? 3 : 1);
  if (picture.length === length && reference.length === length) return;
  throw cascadeErrors.create('CASCADE_PICTURE_SIZE', {
    what: picture.length === length ? 'The reference of a difference detector' : 'The picture of a difference detector',
    expected: `${length} bytes (${width}x${height} px ${format})`,
    got: `${picture.length === length ? reference.length : picture.length} bytes`,
  });
}
