import { drawBoxes, encodeImage, type RgbImage } from '../../ingest/index.ts';
import type { LookedAtPicture, Still } from '../event-pictures.ts';

/** Draws the boxes into a picture and encodes it as JPEG, in the frame's own aspect ratio; for a worker process. */
export async function encodeStill({ picture, boxes }: Still): Promise<Uint8Array> {
  const image = inFrameAspect(picture);
  drawBoxes(image, boxes);
  return encodeImage(image, { format: 'jpeg' });
}

/** The nearest row for each row: enough for a still, where a model wanted its picture squeezed. */
function inFrameAspect({ width, height, bytes, frameWidth, frameHeight }: LookedAtPicture): RgbImage {
  const channels = bytes.length / (width * height);
  const rows = Math.max(1, Math.round((width * frameHeight) / frameWidth));
  const upright = new Uint8Array(3 * width * rows);
  for (let y = 0; y < rows; y++) {
    const row = Math.min(height - 1, Math.floor(((y + 0.5) * height) / rows));
    for (let x = 0; x < width; x++) {
      const from = channels * (row * width + x);
      for (let c = 0; c < 3; c++) upright[3 * (y * width + x) + c] = bytes[from + (channels === 3 ? c : 0)] ?? 0;
    }
  }
  return { width, height: rows, bytes: upright };
}
