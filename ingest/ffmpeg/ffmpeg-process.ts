import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { OutputTail } from '../output-tail.ts';

/** How a program ended: `exit code 1`, `signal SIGKILL`, or why it could not be started. */
export interface ProgramEnding {
  readonly succeeded: boolean;
  readonly text: string;
}

/** A running program of FFmpeg in a process group of its own, so that it can be ended with all that it started. */
export class FfmpegProcess {
  /** Its outputs: standard output first, then the pipes 3, 4 and so on. */
  readonly outputs: readonly Readable[];
  /** Resolves when it has ended. */
  readonly ended: Promise<ProgramEnding>;
  readonly #child: ChildProcess;
  readonly #errors = new OutputTail();
  #hasEnded = false;

  /**
   * Starts a program without a shell; it reads nothing from this process's input.
   * @param program - Full path.
   * @param outputCount - Number of outputs, 1 or more.
   * @param onErrorText - Called with each piece of what it prints to standard error.
   */
  constructor(
    program: string,
    args: readonly string[],
    outputCount: number,
    onErrorText: (text: string) => void = () => undefined,
  ) {
    const pipes = Array.from({ length: outputCount - 1 }, () => 'pipe' as const);
    this.#child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe', ...pipes], detached: true });
    this.outputs = [1, ...pipes.map((_, at) => at + 3)].map(at => this.#child.stdio[at] as Readable);
    const errors = this.#child.stdio[2] as Readable;
    this.#errors.drain(errors);
    errors.on('data', (chunk: Buffer) => onErrorText(chunk.toString('utf8')));
    // A pipe that breaks belongs to a process that ends: its ending is what is told.
    for (const output of this.outputs) output.on('error', () => undefined);
    this.ended = new Promise(resolve => {
      const end = (succeeded: boolean, text: string): void => {
        this.#hasEnded = true;
        resolve({ succeeded, text });
      };
      this.#child.on('error', error => end(false, error.message));
      this.#child.on('exit', (code, signal) => {
        const endAfterErrors = (): void => end(code === 0, signal === null ? `exit code ${code}` : `signal ${signal}`);
        // What it said last may still be in the pipe.
        if (errors.closed) endAfterErrors();
        else errors.once('close', endAfterErrors);
      });
    });
  }

  /** The end of what it printed to standard error, 8 KiB at most. */
  get errorText(): string {
    return this.#errors.text;
  }

  /** Ends it and all that it started, at once; does nothing when it has ended. */
  kill(): void {
    for (const output of this.outputs) output.destroy();
    const { pid } = this.#child;
    if (this.#hasEnded || pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It ended in between.
    }
  }
}
