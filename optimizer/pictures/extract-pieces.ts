import { type FileHandle, open } from 'node:fs/promises';
import { type Footage, type Frame, type OpenFootageOptions, openFootage } from '../../ingest/index.ts';
import { pictureBytes } from '../picture-file.ts';
import { cacheUnusable } from './cache-unusable.ts';
import type { PictureTaskOf, PictureTaskResults } from './picture-tasks.ts';
import type { RowPiece } from './share-rows.ts';

/** Bytes written at once: larger pieces gain nothing. */
const bufferBytes = 1 << 20;

/** Decodes pieces of footage and writes the pictures of their rows in place. Runs in a worker process. */
export async function extractPieces(
  { footages, pieces, step, files, folder }: PictureTaskOf<'extract'>,
  progress: (share: number) => void,
): Promise<PictureTaskResults['extract']> {
  const writers: RowWriter[] = [];
  const lost: { from: number; to: number }[] = [];
  const frameCount = pieces.reduce((sum, { rows }) => sum + (rows.to - rows.from) * step, 0);
  let passed = 0;
  let opened: { source: number; footage: Footage } | undefined;
  try {
    for (const file of files) writers.push(await RowWriter.open(file, folder));
    for (const piece of pieces) {
      if (opened?.source !== piece.source) {
        await opened?.footage[Symbol.asyncDispose]();
        opened = undefined;
        opened = { source: piece.source, footage: await openSource(footages[piece.source], files) };
      }
      lost.push(
        await extractPiece(opened.footage, { piece, step, writers, passed: () => progress(++passed / frameCount) }),
      );
    }
    for (const writer of writers) await writer.flush();
  } finally {
    await opened?.footage[Symbol.asyncDispose]();
    for (const writer of writers) await writer[Symbol.asyncDispose]();
  }
  return lost;
}

async function openSource(
  options: OpenFootageOptions | undefined,
  files: PictureTaskOf<'extract'>['files'],
): Promise<Footage> {
  if (options === undefined) throw new RangeError('A stretch names a source that is not in the list of sources.');
  return openFootage({ ...options, pixelRequests: files.map(({ request }) => request) });
}

interface PieceOptions {
  readonly piece: RowPiece;
  readonly step: number;
  readonly writers: readonly RowWriter[];
  /** Called for every frame decoded. */
  readonly passed: () => void;
}

/** Writes the rows of a piece; a frame that did not decode has the picture before it. Returns the rows before the first. */
async function extractPiece(footage: Footage, { piece, step, writers, passed }: PieceOptions): Promise<Rows> {
  const { rows, firstFrame } = piece;
  const range = { from: firstFrame, to: firstFrame + (rows.to - rows.from - 1) * step + 1 };
  const wanted = (index: number): boolean => {
    passed();
    return (index - firstFrame) % step === 0;
  };
  let first = rows.to;
  let next = rows.from;
  let pictures: readonly Uint8Array[] = [];
  const writeUpTo = async (row: number): Promise<void> => {
    if (pictures.length > 0) for (; next < row; next++) await writeRow(writers, next, pictures);
  };
  for await (const frame of footage.frames(range, wanted)) {
    using owned: Frame = frame;
    const row = rows.from + (owned.index - firstFrame) / step;
    await writeUpTo(row);
    pictures = writers.map(({ request }) => owned.pixels(request));
    first = Math.min(first, row);
    next = row;
    await writeUpTo(row + 1);
  }
  await writeUpTo(rows.to);
  return { from: rows.from, to: first };
}

interface Rows {
  readonly from: number;
  readonly to: number;
}

async function writeRow(writers: readonly RowWriter[], row: number, pictures: readonly Uint8Array[]): Promise<void> {
  for (const [i, writer] of writers.entries()) await writer.write(row, pictures[i] as Uint8Array);
}

type TaskFile = PictureTaskOf<'extract'>['files'][number];

/** Writes rows in ascending order, many at once. */
class RowWriter implements AsyncDisposable {
  readonly request: TaskFile['request'];
  readonly #file: FileHandle;
  readonly #folder: string;
  readonly #pictureBytes: number;
  readonly #buffer: Uint8Array;
  #firstRow = 0;
  #rows = 0;

  private constructor(file: FileHandle, { request }: TaskFile, folder: string) {
    this.request = request;
    this.#file = file;
    this.#folder = folder;
    this.#pictureBytes = pictureBytes(request);
    this.#buffer = new Uint8Array(Math.max(1, Math.floor(bufferBytes / this.#pictureBytes)) * this.#pictureBytes);
  }

  static async open(file: TaskFile, folder: string): Promise<RowWriter> {
    return new RowWriter(await cacheUnusable(folder, open(file.path, 'r+')), file, folder);
  }

  async write(row: number, picture: Uint8Array): Promise<void> {
    const isFull = (this.#rows + 1) * this.#pictureBytes > this.#buffer.length;
    if (isFull || row !== this.#firstRow + this.#rows) {
      await this.flush();
      this.#firstRow = row;
    }
    this.#buffer.set(picture, this.#rows++ * this.#pictureBytes);
  }

  async flush(): Promise<void> {
    const bytes = this.#buffer.subarray(0, this.#rows * this.#pictureBytes);
    this.#rows = 0;
    const start = this.#firstRow * this.#pictureBytes;
    for (let done = 0; done < bytes.length; ) {
      const write = this.#file.write(bytes, done, bytes.length - done, start + done);
      done += (await cacheUnusable(this.#folder, write)).bytesWritten;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}
