import { statSync } from 'node:fs';
import { ingestErrors } from './errors.ts';
import type { FootageInfo } from './footage.ts';
import { redactUrl } from './redact-url.ts';

/**
 * Checks that a video file is as long as it was when it was opened; folders, patterns and files that are gone pass.
 * @param path - The path that was opened.
 * @throws INGEST_FILE_CHANGED - when it is longer or shorter.
 */
export function checkUnchanged(path: string, { sizeBytes }: Pick<FootageInfo, 'sizeBytes'>): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile() || stats.size === sizeBytes) return;
  throw ingestErrors.create('INGEST_FILE_CHANGED', { path: redactUrl(path), before: sizeBytes, now: stats.size });
}
