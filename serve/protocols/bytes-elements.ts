import { invalidField } from './request-field.ts';

/**
 * Splits the raw form of a BYTES tensor: each element is its length in 4 bytes, little-endian, and the bytes.
 * Nothing is copied.
 * @throws SERVE_REQUEST_INVALID - when the lengths do not add up to the data, or there are not `count` elements.
 */
export function splitBytes(data: Uint8Array, count: number, field: string): readonly Uint8Array[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const elements: Uint8Array[] = [];
  let at = 0;
  while (at < data.byteLength) {
    if (elements.length === count) throw invalidField(field, `${count} elements`, 'bytes after the last of them');
    if (at + 4 > data.byteLength) {
      throw invalidField(field, '4 bytes of length before each element', `${data.byteLength - at} bytes at ${at}`);
    }
    const size = view.getUint32(at, true);
    const end = at + 4 + size;
    if (end > data.byteLength) {
      const rest = data.byteLength - at - 4;
      throw invalidField(field, `${rest} bytes or fewer in the element at byte ${at}`, `a length of ${size}`);
    }
    elements.push(data.subarray(at + 4, end));
    at = end;
  }
  if (elements.length !== count) throw invalidField(field, `${count} elements`, `${elements.length}`);
  return elements;
}

/** The raw form of a BYTES tensor. */
export function joinBytes(elements: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(elements.reduce((sum, element) => sum + 4 + element.byteLength, 0));
  const view = new DataView(joined.buffer);
  let at = 0;
  for (const element of elements) {
    view.setUint32(at, element.byteLength, true);
    joined.set(element, at + 4);
    at += 4 + element.byteLength;
  }
  return joined;
}

const base64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/**
 * The bytes of a base64 text, in the common or the URL-safe alphabet.
 * @throws SERVE_REQUEST_INVALID - when it is not base64; Node itself would skip what it cannot read.
 */
export function decodeBase64(value: unknown, field: string): Uint8Array {
  if (typeof value === 'string' && base64.test(value) && value.replace(/=+$/, '').length % 4 !== 1) {
    return Buffer.from(value, 'base64');
  }
  throw invalidField(field, 'base64 text', typeof value === 'string' ? 'other characters' : typeof value);
}
