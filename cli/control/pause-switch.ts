import { streamsErrors } from '../../streams-dsl/index.ts';

/** Holds up a run of one stream between two batches of its decisions. */
export class PauseSwitch {
  readonly #stream: string;
  #isPaused = false;
  #wake: () => void = () => undefined;

  /** @param stream - Name of the only stream. */
  constructor(stream: string) {
    this.#stream = stream;
  }

  /** Whether it holds up now. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Holds up, or lets go on. @throws STREAMS_PIPELINE_UNKNOWN - when another stream is meant. */
  set(streams: readonly string[], isPaused: boolean): void {
    const other = streams.find(name => name !== this.#stream);
    if (other !== undefined) {
      const details = { what: 'stream', name: other, known: this.#stream };
      throw streamsErrors.create('STREAMS_PIPELINE_UNKNOWN', details);
    }
    this.#isPaused = isPaused;
    this.#wake();
  }

  /** Resolves when it does not hold up, or when the signal is aborted. */
  async passed(signal: AbortSignal): Promise<void> {
    const wake = (): void => this.#wake();
    signal.addEventListener('abort', wake);
    while (this.#isPaused && !signal.aborted) await new Promise<void>(resolve => (this.#wake = resolve));
    signal.removeEventListener('abort', wake);
  }
}
