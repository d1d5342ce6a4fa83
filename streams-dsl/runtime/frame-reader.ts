import {
  type LiveOptions,
  type OpenFootageOptions,
  type SupervisedWorker,
  superviseWorker,
} from '../../ingest/index.ts';
import type { CrossedFrame, FromFrameWorker, PictureNeed, ToFrameWorker } from './frame-protocol.ts';

/** What to read. */
export interface FrameReaderOptions {
  readonly footage: OpenFootageOptions;
  /** Pictures that cross with each frame. */
  readonly needs: readonly PictureNeed[];
  /** Every n-th frame is decoded, 1 or more; the others come as skipped. */
  readonly every: number;
  /** Played at its own times, as a camera would send it; null: as fast as frames are taken. */
  readonly live: LiveOptions | null;
}

/** Frames that may be on their way: enough that decoding goes on while one message travels. */
const framesAhead = 16;
/** The same for footage that is played at its own times: what is on its way grows stale. */
const liveFramesAhead = 2;
/** Deaths of the worker at one frame after which the frame counts as lost: chance may kill it twice. */
const deathsUntilLost = 3;

/**
 * Reads footage in a worker process of its own, frame by frame, as the frames are asked for. A worker that dies is started
 * again and goes on with the frame that was next. Dispose it to end the process.
 */
export class FrameReader implements AsyncDisposable {
  readonly #options: FrameReaderOptions;
  readonly #worker: SupervisedWorker<ToFrameWorker>;
  readonly #opened: Promise<number>;
  readonly #framesAhead: number;
  #waiting: CrossedFrame[] = [];
  /** First frame that has not arrived. */
  #next = 0;
  #deaths = 0;
  #startMs: number | null = null;
  #unasked = 0;
  #frameCount: number | null = null;
  #error: unknown = null;
  #isEnded = false;
  #wake: () => void = () => undefined;

  /** Starts the process, which opens the footage. */
  constructor(options: FrameReaderOptions) {
    this.#options = options;
    this.#framesAhead = options.live === null ? framesAhead : liveFramesAhead;
    let settle: { resolve(frameCount: number): void; reject(error: unknown): void } | undefined;
    this.#opened = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.#opened.catch(() => undefined);
    this.#worker = superviseWorker<ToFrameWorker, FromFrameWorker>({
      name: `that reads ${options.footage.path}`,
      file: new URL('./frame-worker.js', import.meta.url),
      onReady: () => this.#open(),
      onMessage: message => {
        if (message.type === 'opened') {
          this.#frameCount = message.frameCount;
          this.#startMs = message.startMs;
          settle?.resolve(message.frameCount);
        }
        this.#receive(message);
      },
      onExit: () => {
        if (++this.#deaths < deathsUntilLost || this.#frameCount === null) return;
        this.#deaths = 0;
        const frame = this.#next++;
        this.#waiting.push({ frame, timestampUs: this.#lastUs, state: 'lost', width: 0, height: 0, pictures: [] });
        this.#wake();
      },
      onGiveUp: error => {
        settle?.reject(error);
        this.#error = error;
        this.#wake();
      },
    });
  }

  #lastUs = 0;

  /**
   * Resolves with the number of frames once the footage is open.
   * @throws what opening it throws.
   */
  get opened(): Promise<number> {
    return this.#opened;
  }

  /** When the first frame was due, on the clock of `machineMs`; null before that, and where frames wait to be taken. */
  get playedSinceMs(): number | null {
    return this.#startMs;
  }

  /** Id of the worker process; undefined while it is being restarted. */
  get pid(): number | undefined {
    return this.#worker.pid;
  }

  /** Frames that have arrived and were not taken. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Takes the frames in order; can be taken once. Ends after the last one, or when the signal is aborted.
   * @throws what ended the reading.
   */
  async *frames(signal: AbortSignal): AsyncGenerator<readonly CrossedFrame[]> {
    const wake = (): void => this.#wake();
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted) {
        const frame = this.#waiting.shift();
        if (frame !== undefined) {
          yield [frame];
          this.#credit(frame);
        } else if (this.#isEnded) return;
        else if (this.#error !== null) throw this.#error;
        else await new Promise<void>(resolve => (this.#wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  /** Ends the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker[Symbol.asyncDispose]();
  }

  #open(): void {
    const { footage, needs, every, live } = this.#options;
    const pace = live === null ? null : { live, startMs: this.#startMs };
    this.#worker.send({ type: 'open', footage, needs, every, from: this.#next, pace });
    this.#unasked = 0;
    this.#worker.send({ type: 'credit', frames: Math.max(1, this.#framesAhead - this.#waiting.length) });
    this.#worker.isAwaiting = true;
  }

  /** Asks for more in halves of what may be on its way: a message a frame would cost more than the frame. */
  #credit({ state }: CrossedFrame): void {
    // Of a camera, frames that were not decoded come without being asked for.
    if (this.#options.live !== null && state !== 'decoded' && state !== 'lost') return;
    this.#unasked++;
    if (this.#unasked < this.#framesAhead / 2 || this.#isEnded) return;
    this.#worker.send({ type: 'credit', frames: this.#unasked });
    this.#unasked = 0;
    this.#worker.isAwaiting = true;
  }

  #receive(message: FromFrameWorker): void {
    if (message.type === 'frames') {
      this.#waiting.push(...message.frames);
      this.#next += message.frames.length;
      this.#lastUs = message.frames.at(-1)?.timestampUs ?? this.#lastUs;
      if (message.frames.length > 0) this.#deaths = 0;
      // With all credits spent the worker is silent by right.
      if (this.#waiting.length + this.#unasked >= this.#framesAhead) this.#worker.isAwaiting = false;
    } else if (message.type === 'ended') {
      this.#isEnded = true;
      this.#worker.isAwaiting = false;
    }
    this.#wake();
  }
}
