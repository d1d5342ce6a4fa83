import { readFile } from 'node:fs/promises';
import { cascadeErrors } from '../errors.ts';
import { reasonOf } from './reason-of.ts';

/**
 * Reads a file of a model whole.
 * @throws CASCADE_MODEL_FILE_MISSING - when it cannot be read.
 */
export async function readNetworkFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw cascadeErrors.create('CASCADE_MODEL_FILE_MISSING', { path, reason: reasonOf(cause) }, { cause });
  }
}
