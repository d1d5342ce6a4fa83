import { createHash } from 'node:crypto';
import type { ModelResult, ModelWork } from '../models/model-work.ts';

/**
 * A key that only equal works for equal models have: by SHA-256 of everything that the answer depends on (5 kB take 10 µs).
 * @param sha256 - Of the model.
 */
export function workKey(sha256: string, work: ModelWork): string {
  const hash = createHash('sha256');
  if (work.kind === 'image') hash.update(work.bytes);
  else if (work.kind === 'picture') {
    const { width, height, frameWidth, frameHeight, bytes } = work.picture;
    hash.update(`${width} ${height} ${frameWidth} ${frameHeight}\n`).update(bytes);
  } else {
    const heads = work.inputs.map(({ name, datatype, shape, data }) => [name, datatype, shape, data.length]);
    hash.update(`${JSON.stringify([heads, work.outputs])}\n`);
    for (const { data } of work.inputs) hash.update(data);
  }
  return `${sha256} ${work.kind} ${hash.digest('base64')}`;
}

/** About the memory of a small object, and of each detection, in bytes. */
const OBJECT_BYTES = 200;

/** About the memory that an answer takes in bytes. */
export function resultBytes(result: ModelResult): number {
  if (result.kind === 'confidence') return OBJECT_BYTES;
  if (result.kind === 'detections') return OBJECT_BYTES * (1 + result.detections.length);
  return result.outputs.reduce((sum, { data }) => sum + OBJECT_BYTES + data.length, OBJECT_BYTES);
}
