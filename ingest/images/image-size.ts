import { imageKind } from './image-kind.ts';

/** Size of an image in px. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Reads the size of a JPEG or PNG from its header; undefined when there is none. */
export function imageSize(bytes: Uint8Array): ImageSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = imageKind(bytes);
  if (kind === 'png') {
    return bytes.length < 24 ? undefined : { width: view.getUint32(16), height: view.getUint32(20) };
  }
  if (kind !== 'mjpeg') return undefined;
  // Segments up to the frame header: SOF0 to SOF15 without DHT, JPG and DAC.
  for (let at = 2; at + 9 <= bytes.length; ) {
    const marker = view.getUint8(at + 1);
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    }
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return undefined;
}
