import type { StreamStatus } from '../streams-dsl/index.ts';
import type { ProgressTerminal } from './progress-bar.ts';

/** How the progress of streams is shown. */
export interface StreamsProgressOptions {
  /** What the streams do now. */
  readonly streams: () => readonly StreamStatus[];
  /** Default standard error. */
  readonly terminal?: ProgressTerminal;
  /** Time in ms; replaced in tests. */
  readonly nowMs?: () => number;
}

/** Rates are of the last time of this length, so that a stream that hangs is seen. */
const rateOverMs = 2000;
const defaultColumns = 80;

/** One line a stream on a terminal: frames, frames a second, state. Without a terminal it stays silent. */
export class StreamsProgress implements Disposable {
  readonly #streams: () => readonly StreamStatus[];
  readonly #terminal: ProgressTerminal;
  readonly #nowMs: () => number;
  /** Earlier looks, oldest first. */
  #looks: { readonly atMs: number; readonly frames: readonly number[] }[] = [];
  #timer: NodeJS.Timeout | null = null;
  #lines = 0;

  /** Draws nothing yet. */
  constructor({ streams, terminal = process.stderr, nowMs = () => performance.now() }: StreamsProgressOptions) {
    this.#streams = streams;
    this.#terminal = terminal;
    this.#nowMs = nowMs;
  }

  /** Draws every 200 ms until it is disposed of, where there is a terminal. */
  start(): this {
    if (this.#terminal.isTTY === true) this.#timer ??= setInterval(() => this.draw(), 200).unref();
    return this;
  }

  /** Draws what the streams do now over what was drawn before. */
  draw(): void {
    if (this.#terminal.isTTY !== true) return;
    const streams = this.#streams();
    const atMs = this.#nowMs();
    const now = { atMs, frames: streams.map(({ frames }) => frames) };
    const [before = now] = this.#looks;
    this.#looks = [...this.#looks.filter(look => atMs - look.atMs < rateOverMs), now];
    const width = Math.max(0, ...streams.map(({ stream }) => stream.length));
    // A terminal that does not know its size says 0.
    const columns = this.#terminal.columns || defaultColumns;
    const seconds = (atMs - before.atMs) / 1000;
    const lines = streams.map(({ stream, frames, state }, i) => {
      const rate = seconds > 0 ? (frames - (before.frames[i] ?? 0)) / seconds : 0;
      const shown = state === 'running' ? `${rate < 10 ? rate.toFixed(1) : Math.round(rate)} fps` : state;
      return `${stream.padEnd(width)}  ${frames} frames  ${shown}`.slice(0, columns - 1);
    });
    this.#wipe();
    this.#terminal.write(lines.map(line => `${line}\n`).join(''));
    this.#lines = lines.length;
  }

  /** Stops drawing and wipes the lines. */
  [Symbol.dispose](): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#wipe();
  }

  #wipe(): void {
    if (this.#lines > 0) this.#terminal.write(`\x1b[${this.#lines}F\x1b[0J`);
    this.#lines = 0;
  }
}
