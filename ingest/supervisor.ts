import { type Backoff, backoffMs, defaultBackoff } from './backoff.ts';
import { type Clock, systemClock } from './clock.ts';
import { ingestErrors } from './errors.ts';
import { defaultRestartLimit, RestartBudget, type RestartLimit } from './restart-budget.ts';
import { fromErrorRecord, type SaccadeError } from './saccade-error.ts';
import {
  forkWorker,
  type WorkerEnvelope,
  type WorkerLaunch,
  type WorkerLauncher,
  type WorkerProcess,
} from './worker-process.ts';

/** Why a worker process ended: by itself, by a crash, killed because it was silent or not ready in time, or on request. */
export type WorkerEnding = 'ended' | 'crashed' | 'hung' | 'not-ready' | 'disposed';

/** How a worker process ended and what follows. */
export interface WorkerExit {
  readonly ending: WorkerEnding;
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it printed, 8 KiB at most. */
  readonly stderrTail: string;
  /** The error that the worker itself reported, when it could. */
  readonly error: SaccadeError | undefined;
  /** Time until it is started again in ms; undefined when it is not. */
  readonly restartInMs: number | undefined;
}

/** How to run a worker, and what to be told of it. */
export interface SuperviseOptions<FromWorker> extends WorkerLaunch {
  /** Name for error texts, such as the stream's. */
  readonly name: string;
  /** Called for each message; an exception thrown here is not caught. */
  onMessage(message: FromWorker): void;
  /** Called when the worker is ready: after its first start and after every restart. */
  onReady?(): void;
  /** Called each time the process ends. */
  onExit?(exit: WorkerExit): void;
  /** Called once, when it will not be started again although nobody asked for its end. */
  onGiveUp?(error: SaccadeError): void;
  /** Whether to start it again after an end; default: after everything but exit code 0 and errors that no retry helps. */
  shouldRestart?(exit: Omit<WorkerExit, 'restartInMs'>): boolean;
  /** Longest start in ms. Default 30,000: a large model on a busy machine takes several seconds to load. */
  readonly readyDeadlineMs?: number;
  /** Longest silence while `isAwaiting` in ms, then it is killed. Default 30,000. */
  readonly hangTimeoutMs?: number;
  /** Time that it has to end by itself when disposed in ms. Default 2,000. */
  readonly endGraceMs?: number;
  /** Waits between restarts; default 100 ms, doubled up to 5 s, with full jitter. */
  readonly backoff?: Backoff;
  /** Default 10 restarts a minute. */
  readonly restartLimit?: RestartLimit;
  /** Replaced in tests. */
  readonly clock?: Clock;
  /** Numbers from 0 (inclusive) to 1 (exclusive); replaced in tests. */
  readonly random?: () => number;
  /** Starts the process; replaced in tests. */
  readonly launcher?: WorkerLauncher;
}

/**
 * What became of a sent message: `sent`; `backlogged` is sent too, but the channel holds more than it likes to, so wait
 * until `unsentMessages` falls; `dropped` when no worker is ready.
 */
export type SendResult = 'sent' | 'backlogged' | 'dropped';

/** A worker process that is started again when it ends. */
export interface SupervisedWorker<ToWorker> extends AsyncDisposable {
  /** Process id; undefined between two starts. */
  readonly pid: number | undefined;
  /** Whether it takes messages now. */
  readonly isReady: boolean;
  /** Restarts so far. */
  readonly restarts: number;
  /** Messages that the channel has not taken over yet. */
  readonly unsentMessages: number;
  /**
   * Set while an answer is due: a worker that then stays silent for `hangTimeoutMs` is killed. False after each end.
   */
  isAwaiting: boolean;
  /**
   * Resolves when it is ready for the first time.
   * @throws INGEST_WORKER_NOT_READY - or the error that the worker reported, when its first start fails; that is not retried.
   */
  readonly started: Promise<void>;
  /** Sends a message; delivery is not promised: whoever needs it repeats it after a restart. */
  send(message: ToWorker): SendResult;
  /** Kills the process, as if it had crashed. */
  kill(): void;
}

/**
 * Starts a worker process and keeps it running: restarts with back-off within a budget, a deadline for its start, and a
 * watchdog over its silence.
 * @returns A handle owned by the caller; disposing it ends the process, by force after a grace period.
 */
export function superviseWorker<ToWorker, FromWorker>(
  options: SuperviseOptions<FromWorker>,
): SupervisedWorker<ToWorker> {
  return new Supervisor<ToWorker, FromWorker>(options);
}

class Supervisor<ToWorker, FromWorker> implements SupervisedWorker<ToWorker> {
  readonly started: Promise<void>;
  readonly #options: SuperviseOptions<FromWorker>;
  readonly #clock: Clock;
  readonly #budget: RestartBudget;
  #process: WorkerProcess | undefined;
  #isReady = false;
  #wasReady = false;
  #isAwaiting = false;
  #restarts = 0;
  #unsent = 0;
  #killedFor: WorkerEnding | undefined;
  #reported: SaccadeError | undefined;
  #cancelTimer: () => void = () => undefined;
  #settleStarted: { resolve(): void; reject(error: SaccadeError): void } | undefined;
  #isDisposed = false;
  #onEnd: (() => void) | undefined;

  constructor(options: SuperviseOptions<FromWorker>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#budget = new RestartBudget(options.restartLimit ?? defaultRestartLimit);
    this.started = new Promise((resolve, reject) => {
      this.#settleStarted = { resolve, reject };
    });
    // Whoever does not await `started` learns of a failure by onGiveUp.
    this.started.catch(() => undefined);
    this.#start();
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get restarts(): number {
    return this.#restarts;
  }

  get unsentMessages(): number {
    return this.#unsent;
  }

  get isAwaiting(): boolean {
    return this.#isAwaiting;
  }

  set isAwaiting(isAwaiting: boolean) {
    if (isAwaiting === this.#isAwaiting || !this.#isReady) return;
    this.#isAwaiting = isAwaiting;
    this.#watch();
  }

  send(message: ToWorker): SendResult {
    if (!this.#isReady || this.#process === undefined) return 'dropped';
    this.#unsent++;
    const process = this.#process;
    const isTaken = process.send(message, () => {
      if (process === this.#process) this.#unsent--;
    });
    return isTaken ? 'sent' : 'backlogged';
  }

  kill(): void {
    this.#process?.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#isReady = false;
    this.#cancelTimer();
    const process = this.#process;
    if (process === undefined) {
      this.#failStart('it was disposed before', '');
      return;
    }
    const ended = new Promise<void>(resolve => {
      this.#onEnd = resolve;
    });
    process.disconnect();
    const cancel = this.#clock.after(this.#options.endGraceMs ?? 2000, () => process.kill());
    await ended;
    cancel();
  }

  #start(): void {
    const { readyDeadlineMs = 30_000, launcher = forkWorker } = this.#options;
    this.#killedFor = undefined;
    this.#reported = undefined;
    this.#unsent = 0;
    this.#after(readyDeadlineMs, () => this.#killFor('not-ready'));
    this.#process = launcher(this.#options, {
      onEnvelope: envelope => this.#receive(envelope),
      onExit: exit => this.#end(exit),
    });
  }

  #receive(envelope: WorkerEnvelope): void {
    if (this.#isDisposed) return;
    if (envelope.kind === 'failed') {
      this.#reported = fromErrorRecord(envelope.error);
      return;
    }
    if (envelope.kind === 'ready') {
      this.#isReady = true;
      this.#wasReady = true;
      this.#watch();
      this.#settleStarted?.resolve();
      this.#options.onReady?.();
      return;
    }
    this.#watch();
    this.#options.onMessage(envelope.message as FromWorker);
  }

  /** Starts the time of silence anew. */
  #watch(): void {
    this.#cancelTimer();
    if (this.#isAwaiting) this.#after(this.#options.hangTimeoutMs ?? 30_000, () => this.#killFor('hung'));
  }

  #after(delayMs: number, run: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(delayMs, run);
  }

  #killFor(ending: WorkerEnding): void {
    this.#killedFor = ending;
    this.#process?.kill();
  }

  #end(exit: { code: number | null; signal: NodeJS.Signals | null; outputTail: string }): void {
    this.#cancelTimer();
    this.#process = undefined;
    this.#isReady = false;
    this.#isAwaiting = false;
    const { code, signal, outputTail } = exit;
    const ending = this.#isDisposed ? 'disposed' : (this.#killedFor ?? (code === 0 ? 'ended' : 'crashed'));
    const end = { ending, code, signal, stderrTail: outputTail, error: this.#reported } as const;
    const retry =
      this.#isDisposed || !this.#wasReady || !this.#isWorthRestarting(end) ? undefined : this.#takeRestart();
    this.#options.onExit?.({ ...end, restartInMs: retry });
    if (retry !== undefined && !this.#isDisposed) {
      this.#after(retry, () => {
        this.#restarts++;
        this.#start();
      });
    } else if (!this.#isDisposed && (ending !== 'ended' || !this.#wasReady)) {
      this.#giveUp(end);
    }
    if (this.#isDisposed) this.#failStart('it was disposed before', outputTail);
    this.#onEnd?.();
  }

  #isWorthRestarting(end: Omit<WorkerExit, 'restartInMs'>): boolean {
    if (this.#options.shouldRestart !== undefined) return this.#options.shouldRestart(end);
    if (end.ending === 'ended') return false;
    return end.error === undefined || end.error.retryable || end.error.code === 'INTERNAL';
  }

  #takeRestart(): number | undefined {
    const { backoff = defaultBackoff, random = Math.random } = this.#options;
    const retry = this.#budget.take(this.#clock.nowMs());
    return retry === undefined ? undefined : backoffMs(backoff, retry, random());
  }

  #giveUp(end: Omit<WorkerExit, 'restartInMs'>): void {
    const { name, restartLimit = defaultRestartLimit } = this.#options;
    const ending = describeEnding(end);
    const stderr = end.stderrTail || '(nothing)';
    let error = end.error;
    if (!this.#wasReady) error ??= this.#notReady(ending, stderr);
    error ??= ingestErrors.create('INGEST_WORKER_RESTARTS_SPENT', {
      name,
      count: this.#restarts + 1,
      windowMs: restartLimit.windowMs,
      ending,
      stderr,
    });
    this.#settleStarted?.reject(error);
    this.#options.onGiveUp?.(error);
  }

  #failStart(ending: string, tail: string): void {
    if (!this.#wasReady) this.#settleStarted?.reject(this.#notReady(ending, tail || '(nothing)'));
  }

  #notReady(ending: string, stderr: string): SaccadeError {
    const { name, readyDeadlineMs = 30_000 } = this.#options;
    return ingestErrors.create('INGEST_WORKER_NOT_READY', { name, deadlineMs: readyDeadlineMs, ending, stderr });
  }
}

function describeEnding(end: Omit<WorkerExit, 'restartInMs'>): string {
  if (end.ending === 'hung') return 'it was silent for too long and was killed';
  if (end.ending === 'not-ready') return 'silence';
  return end.signal === null ? `exit code ${end.code}` : `signal ${end.signal}`;
}
