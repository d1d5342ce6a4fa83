import { type HostedStream, StreamHost } from '../../cascade/index.ts';

/** Puts the streams of a deployment into stream worker processes, in the order in which they start. */
export class StreamPacker {
  readonly #streamsPerWorker: number;
  #hosts: StreamHost[] = [];

  /** @param streamsPerWorker - Most streams in one process, 1 or more. */
  constructor(streamsPerWorker: number) {
    this.#streamsPerWorker = streamsPerWorker;
  }

  /**
   * A place for a stream that starts, in the first process that has one free: those of streams that have ended are.
   * @param readers - Programs that decode it together, 1 or more.
   * @returns null where the stream has a process of its own.
   */
  place(readers: number): HostedStream | null {
    if (this.#streamsPerWorker === 1) return readers === 1 ? null : new StreamHost().host(readers);
    this.#hosts = this.#hosts.filter(({ streams }) => streams > 0);
    let host = this.#hosts.find(({ streams }) => streams < this.#streamsPerWorker);
    if (host === undefined) {
      host = new StreamHost();
      this.#hosts.push(host);
    }
    return host.host(readers);
  }
}
