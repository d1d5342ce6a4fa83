import { loadNodeAv } from './load-node-av.ts';
import type { RgbImage } from './rgb-image.ts';

/**
 * Encodes a picture as an image file. Blocks its process for a few ms: meant for stills in reports, not for streams.
 * @param options.format - `png` keeps every byte, `jpeg` does not.
 * @param options.quality - Of JPEG, 1 (smallest) to 100. Default 85.
 * @throws INGEST_NODE_AV_UNAVAILABLE - when the encoder's library is not installed.
 */
export async function encodeImage(
  image: RgbImage,
  { format, quality = 85 }: { format: 'png' | 'jpeg'; quality?: number },
): Promise<Uint8Array> {
  const { encodeRgb } = await loadNodeAv();
  return encodeRgb(image, format, quality);
}
