import { type FileHandle, open } from 'node:fs/promises';
import type { PixelRequest } from '../ingest/index.ts';

/**
 * Small pictures of the rows of a part, one after another in a file of raw bytes: (rows, height, width, channels) uint8,
 * row-major, channels 1 for gray and 3 for RGB. Kept on disk, since hours of footage do not fit in memory.
 */
export interface PictureFile {
  readonly path: string;
  readonly request: PixelRequest;
  /** Number of pictures. A frame that did not decode has the picture before it, or zeros. */
  readonly rows: number;
}

/** Bytes of one picture of a request. */
export function pictureBytes({ width, height, format }: PixelRequest): number {
  return width * height * (format === 'rgb' ? 3 : 1);
}

/** Reads pictures by row; owned by whoever opened it. */
export class PictureReader implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #bytes: number;

  private constructor(file: FileHandle, bytes: number) {
    this.#file = file;
    this.#bytes = bytes;
  }

  /** Opens a file of pictures. */
  static async open({ path, request }: PictureFile): Promise<PictureReader> {
    return new PictureReader(await open(path, 'r'), pictureBytes(request));
  }

  /** The pictures of rows `from` (inclusive) to `to` (exclusive), one after another. */
  async range(from: number, to: number): Promise<Uint8Array> {
    const bytes = new Uint8Array((to - from) * this.#bytes);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await this.#file.read(bytes, filled, bytes.length - filled, from * this.#bytes + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes;
  }

  /** The pictures of some rows, in the order given, one after another. */
  async rows(rows: ArrayLike<number>): Promise<Uint8Array> {
    const bytes = new Uint8Array(rows.length * this.#bytes);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      await this.#file.read(bytes, i * this.#bytes, this.#bytes, row * this.#bytes);
    }
    return bytes;
  }

  /** Closes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}
