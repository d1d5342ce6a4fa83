import { type FileHandle, open } from 'node:fs/promises';
import { sinkFailure } from './sink-failure.ts';

/** Takes bytes that consist of whole lines. */
export interface LineTarget {
  /** Hands all bytes to the operating system. @throws SINK_DISK_FULL, SINK_PIPE_CLOSED, SINK_OUTPUT_UNWRITABLE */
  write(lines: Buffer): Promise<void>;
  /** Makes what was written durable, where that is possible, and closes. */
  close(): Promise<void>;
}

/** A file that only ever holds whole lines: when a write fails midway, the torn line is cut off again. */
export class FileTarget implements LineTarget {
  readonly #path: string;
  readonly #file: FileHandle;
  /** Where the next line goes; undefined for what has no positions, such as a device or a named pipe. */
  #end: number | undefined;

  private constructor(path: string, file: FileHandle, end: number | undefined) {
    this.#path = path;
    this.#file = file;
    this.#end = end;
  }

  /**
   * Opens a file.
   * @param path - Made when it does not exist; its folder must.
   * @param keepBytes - Bytes at its start that stay, 0 or more; what follows them is cut off.
   * @throws SINK_OUTPUT_UNWRITABLE, SINK_DISK_FULL - as their texts say.
   */
  static async open(path: string, keepBytes: number): Promise<FileTarget> {
    try {
      const file = await open(path, keepBytes === 0 ? 'w' : 'r+');
      const isFile = (await file.stat()).isFile();
      if (isFile && keepBytes > 0) await file.truncate(keepBytes);
      return new FileTarget(path, file, isFile ? keepBytes : undefined);
    } catch (cause) {
      throw sinkFailure(path, cause);
    }
  }

  async write(lines: Buffer): Promise<void> {
    let written = 0;
    try {
      while (written < lines.length) {
        const position = this.#end === undefined ? null : this.#end + written;
        written += (await this.#file.write(lines, written, lines.length - written, position)).bytesWritten;
      }
    } catch (cause) {
      await this.#cutTornLine(lines.subarray(0, written));
      throw sinkFailure(this.#path, cause);
    }
    if (this.#end !== undefined) this.#end += written;
  }

  async close(): Promise<void> {
    try {
      if (this.#end !== undefined) await this.#file.sync();
    } catch (cause) {
      throw sinkFailure(this.#path, cause);
    } finally {
      await this.#file.close();
    }
  }

  async #cutTornLine(written: Buffer): Promise<void> {
    if (this.#end === undefined) return;
    this.#end += written.lastIndexOf(0x0a) + 1;
    // Should this fail as well, the torn line is cut off when the output is resumed.
    await this.#file.truncate(this.#end).catch(() => undefined);
  }
}

/** Standard output. Nothing that was written there can be taken back, so a failure may leave a torn line. */
export class StdoutTarget implements LineTarget {
  #failure: Error | null = null;
  readonly #onError = (error: Error): void => {
    this.#failure = error;
  };

  /** Takes note of errors from now on: without a listener they would end the process. */
  constructor() {
    process.stdout.on('error', this.#onError);
  }

  async write(lines: Buffer): Promise<void> {
    if (this.#failure !== null) throw sinkFailure('-', this.#failure);
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(lines, error => (error ? reject(sinkFailure('-', error)) : resolve()));
    });
  }

  async close(): Promise<void> {
    // The listener stays: the error of a write may arrive after its callback.
  }
}
