import {
  type CameraCounts,
  type CameraOptions,
  type CameraStatus,
  type LiveOptions,
  type SupervisedWorker,
  superviseWorker,
} from '../../ingest/index.ts';
import type { CrossedFrame, FromFrameWorker, PictureNeed, ToFrameWorker } from './frame-protocol.ts';

/** What to read. */
export interface CameraReaderOptions {
  readonly camera: CameraOptions;
  readonly live: LiveOptions;
  /** Pictures that cross with each frame. */
  readonly needs: readonly PictureNeed[];
  /** Every n-th frame crosses with its pictures, 1 or more; the others come as skipped. */
  readonly every: number;
}

/** Frames that may be on their way: what is on its way grows stale. */
const framesAhead = 2;
/** A camera is worth trying for ever. */
const restartLimit = { restarts: 60, windowMs: 60_000 };
/** The worker tells that it lives once a second. */
const hangTimeoutMs = 20_000;

/**
 * Reads a camera in a worker process of its own, frame by frame, as the frames are asked for. A worker that dies is started
 * again and goes on counting. Dispose it to end the process.
 */
export class CameraReader implements AsyncDisposable {
  readonly playedSinceMs: null = null;
  readonly #worker: SupervisedWorker<ToFrameWorker>;
  #waiting: CrossedFrame[] = [];
  /** Where a new process begins. */
  #resume = { index: 0, timestampUs: 0 };
  #camera: { readonly status: CameraStatus; readonly counts: CameraCounts } = {
    status: { state: 'connecting', attempt: 1 },
    counts: { frames: 0, limited: 0, reconnects: 0, codecChanges: 0, sizeChanges: 0 },
  };
  #error: unknown = null;
  #wake: () => void = () => undefined;

  /** Starts the process, which connects to the camera. */
  constructor({ camera, live, needs, every }: CameraReaderOptions) {
    this.#worker = superviseWorker<ToFrameWorker, FromFrameWorker>({
      name: 'that reads a camera',
      file: new URL('./frame-worker.js', import.meta.url),
      restartLimit,
      hangTimeoutMs,
      onReady: () => {
        this.#worker.send({ type: 'open-camera', camera: { ...camera, resume: this.#resume }, live, needs, every });
        this.#worker.send({ type: 'credit', frames: Math.max(0, framesAhead - this.#waiting.length) });
        this.#worker.isAwaiting = true;
      },
      onMessage: message => this.#receive(message),
      onGiveUp: error => {
        this.#error = error;
        this.#wake();
      },
    });
  }

  /** What the camera does and has done, in the process that runs now. */
  get camera(): { readonly status: CameraStatus; readonly counts: CameraCounts } {
    return this.#camera;
  }

  /** Id of the worker process; undefined while it is being restarted. */
  get pid(): number | undefined {
    return this.#worker.pid;
  }

  /**
   * Takes the frames in order; can be taken once. Ends when the signal is aborted.
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
          // Frames that were not decoded come without being asked for.
          if (frame.state === 'decoded') this.#worker.send({ type: 'credit', frames: 1 });
        } else if (this.#error !== null) throw this.#error;
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

  #receive(message: FromFrameWorker): void {
    if (message.type === 'status') {
      const { status, counts } = message;
      this.#camera = { status, counts };
    } else if (message.type === 'frames') {
      this.#waiting.push(...message.frames);
      const last = message.frames.at(-1);
      if (last !== undefined) this.#resume = { index: last.frame + 1, timestampUs: last.timestampUs };
    }
    this.#wake();
  }
}
