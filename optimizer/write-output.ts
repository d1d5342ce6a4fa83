import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { optimizerErrors } from './errors.ts';

/** Writes a file of the result. @throws OPTIMIZER_OUTPUT_UNWRITABLE - when that fails. */
export async function writeOutput(path: string, content: Uint8Array | string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw optimizerErrors.create('OPTIMIZER_OUTPUT_UNWRITABLE', { path, reason }, { cause });
  }
}
