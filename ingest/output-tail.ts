import type { Readable } from 'node:stream';

/** Most of a program's last output that is kept in bytes; enough for a stack trace or FFmpeg's last complaints. */
const MOST_TAIL_BYTES = 8192;

/** Keeps the end of what a program prints, and reads the rest away so that it never blocks on a full pipe. */
export class OutputTail {
  #chunks: Buffer[] = [];
  #bytes = 0;

  /** Reads a stream to its end. */
  drain(stream: Readable): void {
    stream.on('data', (chunk: Buffer) => this.add(chunk));
    stream.on('error', () => undefined);
  }

  /** Appends output. */
  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes <= MOST_TAIL_BYTES * 2) return;
    this.#chunks = [Buffer.concat(this.#chunks).subarray(-MOST_TAIL_BYTES)];
    this.#bytes = MOST_TAIL_BYTES;
  }

  /** The last 8 KiB at most, as text without surrounding white space. */
  get text(): string {
    return Buffer.concat(this.#chunks).subarray(-MOST_TAIL_BYTES).toString('utf8').trim();
  }
}
