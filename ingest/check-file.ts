import { closeSync, openSync, type Stats, statSync } from 'node:fs';
import { ingestErrors } from './errors.ts';
import { redactUrl } from './redact-url.ts';

/**
 * Checks that a path leads to something that this user can read.
 * @throws INGEST_FILE_NOT_FOUND, INGEST_FILE_UNREADABLE, INGEST_FILE_EMPTY - as their texts say.
 */
export function checkFile(path: string): Stats {
  let stats: Stats;
  try {
    stats = statSync(path);
    if (stats.isFile()) closeSync(openSync(path, 'r'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw ingestErrors.create(
        'INGEST_FILE_NOT_FOUND',
        { path: redactUrl(path), cwd: process.cwd() },
        { cause: error },
      );
    }
    throw ingestErrors.create('INGEST_FILE_UNREADABLE', { path, reason: code }, { cause: error });
  }
  if (!stats.isFile() && !stats.isDirectory()) {
    throw ingestErrors.create('INGEST_FILE_UNREADABLE', { path, reason: 'it is neither a file nor a folder' });
  }
  if (stats.isFile() && stats.size === 0) throw ingestErrors.create('INGEST_FILE_EMPTY', { path });
  return stats;
}
