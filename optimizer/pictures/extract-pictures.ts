import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PixelRequest } from '../../ingest/index.ts';
import type { FootageSource } from '../footage-source.ts';
import { type PictureFile, pictureBytes } from '../picture-file.ts';
import { runTasks } from '../run-task.ts';
import { cacheUnusable } from './cache-unusable.ts';
import { type PictureTask, type PictureTaskResults, pictureWorker } from './picture-tasks.ts';
import { type RowLayout, rowCount } from './row-layout.ts';
import { type RowPiece, shareRows } from './share-rows.ts';

/** Which pictures to make, and where to keep them. */
export interface ExtractPicturesOptions {
  /** What the stretches of the part refer to. */
  readonly sources: readonly Pick<FootageSource, 'footage' | 'sha256' | 'table'>[];
  /** Whose rows; a `LabeledPart` is one. */
  readonly part: RowLayout;
  /** Sizes and formats; all are made in one decoding pass. */
  readonly requests: readonly PixelRequest[];
  /** Cache folder. Default `.saccade/pictures`, in the working directory. */
  readonly folder?: string;
  /** Processes that decode, 1 or more. Default 1. */
  readonly workers?: number;
  /** Told the share of the work that is done, 0–1, about ten times a second for each process. */
  readonly onProgress?: (share: number) => void;
  /** Ends the work; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Part of every key: another number when the content of the files changes its meaning. */
const version = 'saccade/pictures/1';

/**
 * Makes the small pictures of the rows of a part: exactly the pixels that a stream worker with the same decoder sees.
 * Files are kept by the content of the footage, the rows and the size asked for; a file appears under its name only when
 * it is complete, so what a killed run leaves counts for nothing.
 * @returns One file a request, in their order.
 * @throws OPTIMIZER_CACHE_UNUSABLE - when the folder cannot be written, or the disk is full: complete files stay usable.
 * @throws what opening the footage throws; the signal's reason.
 */
export async function extractPictures(options: ExtractPicturesOptions): Promise<PictureFile[]> {
  const { requests, part, folder = join('.saccade', 'pictures'), signal } = options;
  signal?.throwIfAborted();
  const rows = rowCount(part);
  const files = requests.map(request => ({ path: join(folder, keyOf(options, request)), request, rows }));
  const distinct = [...new Map(files.map(file => [file.path, file])).values()];
  const missing: PictureFile[] = [];
  for (const file of distinct) if (!(await isComplete(file))) missing.push(file);
  if (missing.length === 0) return files;
  await cacheUnusable(folder, mkdir(folder, { recursive: true }));
  await removeAbandoned(folder);
  const partial = missing.map(file => ({ ...file, path: `${file.path}.${process.pid}.partial` }));
  try {
    for (const file of partial) await allocate(file, folder);
    await extract(options, partial, folder);
    for (const [i, { path }] of partial.entries()) await cacheUnusable(folder, rename(path, missing[i]?.path ?? path));
  } finally {
    for (const { path } of partial) await rm(path, { force: true });
  }
  return files;
}

function keyOf({ sources, part }: ExtractPicturesOptions, { width, height, format }: PixelRequest): string {
  const stretches = part.stretches.map(({ source, range }) => {
    const { sha256, footage } = sources[source] ?? {};
    return [sha256, footage?.decoder ?? 'node-av', range.from, range.to];
  });
  const content = [version, stretches, part.step, width, height, format];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

async function isComplete(file: PictureFile): Promise<boolean> {
  const found = await stat(file.path).catch(() => undefined);
  return found?.size === file.rows * pictureBytes(file.request);
}

/** Removes what runs left that were killed: files of processes that are gone. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = /\.(\d+)\.partial$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(folder, name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Makes a file of its final size, all zeros. */
async function allocate({ path, request, rows }: PictureFile, folder: string): Promise<void> {
  const file = await cacheUnusable(folder, open(path, 'w'));
  try {
    await cacheUnusable(folder, file.truncate(rows * pictureBytes(request)));
  } finally {
    await file.close();
  }
}

async function extract(options: ExtractPicturesOptions, files: readonly PictureFile[], folder: string): Promise<void> {
  const { sources, part, workers = 1, onProgress, signal } = options;
  const shares = shareRows(
    part,
    sources.map(({ table }) => table),
    workers,
  );
  const done = shares.map(() => 0);
  const launches = shares.map(pieces => {
    const footages = sources.map(({ footage }) => footage);
    const task: PictureTask = { kind: 'extract', footages, pieces, step: part.step, files, folder };
    return { name: 'extract pictures', file: pictureWorker, task };
  });
  const lost = await runTasks<PictureTask, PictureTaskResults['extract'], number>(launches, {
    onNote: (share, at) => {
      done[at] = share;
      onProgress?.(done.reduce((sum, one) => sum + one, 0) / done.length);
    },
    signal,
  });
  for (const file of files) await finish(file, { pieces: shares.flat(), lost: lost.flat(), folder });
  onProgress?.(1);
}

interface FinishOptions {
  readonly pieces: readonly RowPiece[];
  readonly lost: PictureTaskResults['extract'];
  readonly folder: string;
}

/** Gives frames that did not decode at the start of a piece the picture before them, and has the disk take it all. */
async function finish({ path, request }: PictureFile, { pieces, lost, folder }: FinishOptions): Promise<void> {
  const file: FileHandle = await cacheUnusable(folder, open(path, 'r+'));
  const picture = new Uint8Array(pictureBytes(request));
  try {
    for (const [i, { isStretchStart }] of pieces.entries()) {
      const { from, to } = lost[i] ?? { from: 0, to: 0 };
      if (isStretchStart || from === to) continue;
      await cacheUnusable(folder, file.read(picture, 0, picture.length, (from - 1) * picture.length));
      for (let row = from; row < to; row++) {
        await cacheUnusable(folder, file.write(picture, 0, picture.length, row * picture.length));
      }
    }
    await cacheUnusable(folder, file.datasync());
  } finally {
    await file.close();
  }
}
