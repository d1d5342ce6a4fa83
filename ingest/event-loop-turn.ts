import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longest time that a blocking loop runs between two turns of the event loop in ms; short against a watchdog's. */
const LONGEST_BLOCK_MS = 50;

/** Lets a loop of blocking calls give the event loop its turn now and then: messages, timers and signals go on. */
export class EventLoopTurn {
  #lastMs: number = performance.now();

  /** Whether it is time to await `take()`; costs a clock reading. */
  get isDue(): boolean {
    return performance.now() - this.#lastMs > LONGEST_BLOCK_MS;
  }

  /** Waits for one turn of the event loop. */
  async take(): Promise<void> {
    await nextTurn();
    this.#lastMs = performance.now();
  }
}
