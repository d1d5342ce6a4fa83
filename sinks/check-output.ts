import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sinkFailure, systemCode } from './sink-failure.ts';

/**
 * Says whether an output file could be opened for writing, without making or changing it.
 * @param path - Of the file, or `-` for standard output, which always can.
 * @throws SINK_OUTPUT_UNWRITABLE - when its folder is not there, it is a folder itself, or this user may not write it.
 */
export async function checkOutput(path: string): Promise<void> {
  if (path === '-') return;
  try {
    const found = await stat(path).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return null;
      throw error;
    });
    if (found?.isDirectory()) throw new Error('it is a folder');
    await access(found === null ? dirname(path) : path, constants.W_OK);
  } catch (cause) {
    throw sinkFailure(path, cause);
  }
}
