import { type Dirent, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { checkFile } from '../check-file.ts';
import { ingestErrors } from '../errors.ts';
import { redactUrl } from '../redact-url.ts';
import { findByPattern, isPattern } from './find-by-pattern.ts';

const IMAGE_ENDINGS = ['.jpg', '.jpeg', '.png'];

/** "10" comes after "9", as cameras and people count. */
const naturalOrder = new Intl.Collator('en', { numeric: true });

/** Images that a path stands for. */
export interface FoundImages {
  /** Paths in natural order. */
  readonly paths: readonly string[];
  /** Size of all together in bytes. */
  readonly sizeBytes: number;
}

/**
 * Lists the images of a folder (not of the folders in it, nor those whose names start with a dot), of a glob pattern, or a single image.
 * @returns Undefined when the path is a file other than an image.
 * @throws INGEST_NO_IMAGES - when a folder holds none or a pattern matches none.
 * @throws INGEST_FILE_NOT_FOUND, INGEST_FILE_UNREADABLE, INGEST_FILE_EMPTY - as their texts say.
 */
export function findImages(path: string): FoundImages | undefined {
  const files = candidates(path);
  if (files === undefined) return undefined;
  const images = files.filter(isImage);
  images.sort((a, b) => naturalOrder.compare(a, b) || (a < b ? -1 : 1));
  if (images.length > 0) {
    return { paths: images, sizeBytes: images.reduce((sum, image) => sum + statSync(image).size, 0) };
  }
  const endings = [...new Set(files.map(file => extname(file) || 'no ending'))].slice(0, 5).join(', ');
  const found = files.length === 0 ? 'no files' : `${files.length} other files (${endings})`;
  throw ingestErrors.create('INGEST_NO_IMAGES', { path: redactUrl(path), found });
}

function candidates(path: string): string[] | undefined {
  if (isPattern(path) && statSync(path, { throwIfNoEntry: false }) === undefined) return findByPattern(path);
  const stats = checkFile(path);
  if (!stats.isDirectory()) return isImage(path) ? [path] : undefined;
  return entriesOf(path)
    .filter(entry => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map(entry => join(path, entry.name));
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw ingestErrors.create('INGEST_FILE_UNREADABLE', { path, reason }, { cause });
  }
}

function isImage(path: string): boolean {
  return IMAGE_ENDINGS.includes(extname(path).toLowerCase());
}
