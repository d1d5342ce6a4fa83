import type { Clock } from '../clock.ts';
import { CameraFault } from './camera-error.ts';

/** How calls are made to return. */
export interface DeadlineOptions {
  /** Tells the call under way to fail. */
  interrupt(): void;
  /** Time in ms after which a call that was interrupted and does not return is given up. */
  readonly graceMs: number;
}

/** A timer later than this, in ms: this process had no time to run, which says nothing of the camera. */
const mostLateMs = 1000;

const nothingYet = new CameraFault('INGEST_CAMERA_STALLED', 'nothing was awaited');

/** Watches over calls that may never return by themselves: says why they were made to fail, and gives them up in the end. */
export class Deadline {
  readonly #clock: Clock;
  readonly #options: DeadlineOptions;
  #cancel: () => void = () => undefined;
  #setMs = 0;
  #timeoutMs = 0;
  #due: CameraFault = nothingYet;
  #isArmed = false;
  #fault: CameraFault | null = null;
  #isGivenUp = false;
  #giveUp: (fault: CameraFault) => void = () => undefined;
  readonly #givenUp: Promise<never>;

  /** Watches over nothing before it is set. */
  constructor(clock: Clock, options: DeadlineOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#givenUp = new Promise((_, reject) => {
      this.#giveUp = reject;
    });
    this.#givenUp.catch(() => undefined);
  }

  /** Whether a call has not returned though it was interrupted; it is still under way. */
  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  /** Sets the time, from now, after which the call under way is made to fail for a reason. Cheap: once a frame. */
  set(timeoutMs: number, fault: CameraFault): void {
    this.#setMs = this.#clock.nowMs();
    // A longer time need not wake the timer that is set.
    const mustArm = !this.#isArmed || timeoutMs < this.#timeoutMs;
    this.#timeoutMs = timeoutMs;
    this.#due = fault;
    if (mustArm && this.#fault === null) this.#arm(timeoutMs);
  }

  /** Interrupts the call under way, and makes it and those that follow fail for this reason. */
  fail(fault: CameraFault): void {
    if (this.#fault !== null) return;
    this.#fault = fault;
    this.#cancel();
    this.#options.interrupt();
    this.#cancel = this.#clock.after(this.#options.graceMs, () => {
      this.#isGivenUp = true;
      const { graceMs } = this.#options;
      const reason = `${fault.message}, and FFmpeg did not return within ${graceMs} ms of being told to`;
      this.#giveUp(new CameraFault('INGEST_CAMERA_STALLED', reason));
    });
  }

  /** What a call gives. @throws CameraFault - the reason why it was made to fail, else what it throws. */
  async within<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.#fault !== null) throw this.#fault;
    try {
      return await Promise.race([call(), this.#givenUp]);
    } catch (error) {
      throw this.#isGivenUp ? error : (this.#fault ?? error);
    }
  }

  /** Watches no more. */
  clear(): void {
    this.#cancel();
  }

  #arm(delayMs: number): void {
    this.#cancel();
    this.#isArmed = true;
    const dueMs = this.#clock.nowMs() + delayMs;
    this.#cancel = this.#clock.after(delayMs, () => {
      this.#isArmed = false;
      const nowMs = this.#clock.nowMs();
      const leftMs = this.#setMs + this.#timeoutMs - nowMs;
      if (leftMs > 0) this.#arm(leftMs);
      else if (nowMs - dueMs > mostLateMs) this.set(this.#timeoutMs, this.#due);
      else this.fail(this.#due);
    });
  }
}
