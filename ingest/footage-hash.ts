import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { dirname, relative, sep } from 'node:path';
import { checkFile } from './check-file.ts';
import { findImages } from './images/find-images.ts';

/** How to hash footage. */
export interface FootageHashOptions {
  /** Called as bytes are read, with those done so far and all of them. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
  /** Stops reading; the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Bytes read at a time; larger pieces gain nothing. */
const PIECE_BYTES = 1 << 20;

/**
 * Names footage by its content: the same bytes give the same hash wherever they lie.
 * @returns SHA-256 in lowercase hexadecimal: of the file's bytes as `sha256sum` tells it, or for images of their names
 *   (below the folder that they share), sizes and bytes in order.
 * @throws INGEST_FILE_NOT_FOUND, INGEST_FILE_UNREADABLE, INGEST_FILE_EMPTY, INGEST_NO_IMAGES - as their texts say.
 */
export async function footageHash(path: string, options: FootageHashOptions = {}): Promise<string> {
  const images = findImages(path);
  const paths = images?.paths ?? [path];
  const totalBytes = images?.sizeBytes ?? checkFile(path).size;
  const folder = sharedFolder(paths);
  const hash = createHash('sha256');
  let doneBytes = 0;
  for (const one of paths) {
    if (images !== undefined) {
      hash.update(`${relative(folder, one).split(sep).join('/')}\0${checkFile(one).size}\0`);
    }
    await addFile(hash, one, options.signal, bytes => {
      doneBytes += bytes;
      options.onProgress?.(doneBytes, totalBytes);
    });
  }
  return hash.digest('hex');
}

async function addFile(
  hash: Hash,
  path: string,
  signal: AbortSignal | undefined,
  onRead: (bytes: number) => void,
): Promise<void> {
  signal?.throwIfAborted();
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES })) {
    signal?.throwIfAborted();
    const bytes = piece as Buffer;
    hash.update(bytes);
    onRead(bytes.length);
  }
}

function sharedFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0] ?? '.');
  while (!paths.every(path => !relative(folder, path).startsWith('..'))) folder = dirname(folder);
  return folder;
}
