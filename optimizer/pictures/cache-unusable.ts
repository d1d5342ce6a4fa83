import { optimizerErrors } from '../errors.ts';

/**
 * Waits for work on the files of a cache.
 * @param path - Folder of the cache, for the error's text.
 * @throws OPTIMIZER_CACHE_UNUSABLE - when the work fails: the disk is full, or the folder cannot be written.
 */
export async function cacheUnusable<Result>(path: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw optimizerErrors.create('OPTIMIZER_CACHE_UNUSABLE', { path, reason }, { cause });
  }
}
