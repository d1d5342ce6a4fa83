import { type ImageSize, imageSize } from './image-size.ts';

/** Why bytes are not taken for an image: what they are, in words that follow "got". */
export interface ImageFault {
  readonly fault: 'no-image' | 'too-many-pixels' | 'truncated';
  readonly got: string;
}

/** An image of more is never decoded: a header of some bytes could ask for gigabytes. */
const mostPixels = 100e6;

/**
 * Looks at the header and for the end of a JPEG or PNG, without decoding it (some µs).
 * @returns Its size, or why it is none to decode: neither JPEG nor PNG, more than 100 megapixels, or cut off.
 */
export function checkImage(bytes: Uint8Array): ImageSize | ImageFault {
  const size = imageSize(bytes);
  if (size === undefined) {
    return { fault: 'no-image', got: `${bytes.length} bytes that begin as neither a JPEG nor a PNG does` };
  }
  const { width, height } = size;
  if (width === 0 || height === 0) return { fault: 'no-image', got: `a header of ${width}x${height} px` };
  if (width * height > mostPixels) return { fault: 'too-many-pixels', got: `a header of ${width}x${height} px` };
  return hasEnd(bytes) ? size : { fault: 'truncated', got: `${bytes.length} bytes that lack the end of the image` };
}

/** Whether the mark of the end is there. Behind it, phones put more, and some cameras zeros. */
function hasEnd(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes[0] !== 0xff) return buffer.lastIndexOf('IEND', undefined, 'latin1') > 0;
  // A preview within the header has an end of its own, before the start of the picture's scan.
  return buffer.lastIndexOf(endOfImage) > buffer.lastIndexOf(startOfScan);
}

const endOfImage = Buffer.from([0xff, 0xd9]);
/** Within coded data 0xff is followed by zero or a restart mark, so that these two bytes are a mark wherever they are. */
const startOfScan = Buffer.from([0xff, 0xda]);
