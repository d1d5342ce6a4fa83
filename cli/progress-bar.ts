/** Where progress is shown; a part of `process.stderr`. */
export interface ProgressTerminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** How to show progress. */
export interface ProgressOptions {
  /** What is being done, such as `cascade`. */
  readonly what: string;
  /** What is counted: frames, or a share 0–1 shown as percent. Default `fps`. */
  readonly unit?: 'fps' | '%';
  /** Default standard error. */
  readonly terminal?: ProgressTerminal;
  /** Time in ms; replaced in tests. */
  readonly nowMs?: () => number;
}

const redrawMs = 100;
const defaultColumns = 80;

/**
 * One line on a terminal: a bar, frames done, frames a second, time left. Without a terminal it stays silent: logs have no
 * use for a thousand bars.
 */
export class ProgressBar implements Disposable {
  readonly #what: string;
  readonly #unit: 'fps' | '%';
  readonly #terminal: ProgressTerminal;
  readonly #nowMs: () => number;
  readonly #hasColor: boolean;
  #startedMs: number | null = null;
  #startedAt = 0;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #isDrawn = false;

  /** Draws nothing yet. */
  constructor({ what, unit = 'fps', terminal = process.stderr, nowMs = () => performance.now() }: ProgressOptions) {
    this.#what = what;
    this.#unit = unit;
    this.#terminal = terminal;
    this.#nowMs = nowMs;
    const { NO_COLOR } = process.env;
    this.#hasColor = !NO_COLOR;
  }

  /** Shows that `done` of `total` frames are done; rate and time left count from the first call. */
  update(done: number, total: number): void {
    if (this.#terminal.isTTY !== true) return;
    const nowMs = this.#nowMs();
    if (this.#startedMs === null) {
      this.#startedMs = nowMs;
      this.#startedAt = done;
    }
    if (nowMs - this.#drawnMs < redrawMs && done < total) return;
    this.#drawnMs = nowMs;
    this.#isDrawn = true;
    const rate = (done - this.#startedAt) / Math.max((nowMs - this.#startedMs) / 1000, 1e-3);
    const left = done < total && rate > 0 ? `  ${clock((total - done) / rate)} left` : '';
    const tail =
      this.#unit === '%'
        ? `${Math.round((100 * done) / total)} %${left}`
        : `${done}/${total}  ${rate < 10 ? rate.toFixed(1) : Math.round(rate)} fps${left}`;
    const room = (this.#terminal.columns ?? defaultColumns) - this.#what.length - tail.length - 6;
    const bar = room >= 10 ? `${this.#bar(total === 0 ? 1 : done / total, Math.min(room, 40))}  ` : '';
    this.#terminal.write(`\r\x1b[2K${this.#what}  ${bar}${tail}`);
  }

  /** Wipes the line. */
  [Symbol.dispose](): void {
    if (this.#isDrawn) this.#terminal.write('\r\x1b[2K');
    this.#isDrawn = false;
  }

  #bar(share: number, width: number): string {
    const full = Math.round(Math.min(1, share) * width);
    const [done, open] = ['━'.repeat(full), '━'.repeat(width - full)];
    if (this.#hasColor) return `\x1b[36m${done}\x1b[90m${open}\x1b[0m`;
    return `${'#'.repeat(full)}${'.'.repeat(width - full)}`;
  }
}

function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  return minutes === 0 ? `${rest} s` : `${minutes}:${String(rest).padStart(2, '0')}`;
}
