import type { Readable } from 'node:stream';

/** Bytes of a pipe, taken in pieces of a known size or by the line. */
export class ByteStream {
  readonly #stream: Readable;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #hasEnded = false;
  #wake: () => void = () => undefined;

  /** The stream stays paused until `resume`. */
  constructor(stream: Readable) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
      this.#wake();
    });
    const end = (): void => {
      this.#hasEnded = true;
      this.#wake();
    };
    stream.on('end', end);
    stream.on('close', end);
    stream.pause();
  }

  /** Whether nothing more will come. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Bytes that are here and were not taken yet. */
  get available(): number {
    return this.#bytes;
  }

  /** Calls back whenever something has come, or the stream has ended. */
  set onChange(wake: () => void) {
    this.#wake = wake;
  }

  /** Reads on. */
  resume(): void {
    this.#stream.resume();
  }

  /** Lets the writer wait. */
  pause(): void {
    this.#stream.pause();
  }

  /** Takes so many bytes as a copy of their own; undefined while fewer are here. */
  take(count: number): Uint8Array | undefined {
    if (this.#bytes < count) return undefined;
    const taken = new Uint8Array(count);
    let at = 0;
    while (at < count) {
      const chunk = this.#chunks[0];
      if (chunk === undefined) break;
      const part = chunk.subarray(0, count - at);
      taken.set(part, at);
      at += part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    this.#bytes -= count;
    return taken;
  }

  /** Takes a line without its end; undefined while no whole line is here. */
  takeLine(): string | undefined {
    let length = 0;
    for (const chunk of this.#chunks) {
      const end = chunk.indexOf(0x0a);
      if (end >= 0) {
        const line = this.take(length + end + 1);
        return line === undefined ? undefined : Buffer.from(line).subarray(0, -1).toString('latin1');
      }
      length += chunk.length;
    }
    return undefined;
  }
}
