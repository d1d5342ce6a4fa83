import { type FrameIndex, type SaccadeError, type SupervisedWorker, superviseWorker } from '../../ingest/index.ts';
import type { Still } from '../event-pictures.ts';
import type { CrossedFrame, FromFrameWorker, PictureNeed, ToFrameWorker } from './frame-protocol.ts';

/** An image and what is wanted of it. */
export interface ImageToRead {
  /** Bytes of a whole JPEG or PNG file. */
  readonly bytes: Uint8Array;
  readonly needs: readonly PictureNeed[];
  readonly frame: FrameIndex;
  /** Media time in µs. */
  readonly timestampUs: number;
}

/** Deaths of the worker over an image after which it counts as broken: chance may kill it twice. */
const mostAttempts = 3;

type ImageTask =
  | Omit<Extract<ToFrameWorker, { type: 'image' }>, 'id'>
  | Omit<Extract<ToFrameWorker, { type: 'still' }>, 'id'>;

interface Waiting {
  readonly task: ImageTask;
  attempts: number;
  /** Null: it could not be done. */
  resolve(done: Extract<FromFrameWorker, { type: 'image' | 'still' }> | null): void;
  reject(error: unknown): void;
}

/** Decodes images in memory and encodes stills, in a worker process of its own that is started with the first one. Dispose it to end it. */
export class ImageReader implements AsyncDisposable {
  readonly #waiting = new Map<number, Waiting>();
  #worker: SupervisedWorker<ToFrameWorker> | null = null;
  #nextId = 0;
  #error: SaccadeError | null = null;

  /**
   * The image as a frame with the pictures wanted; `lost` when it does not decode.
   * @throws what keeps the worker from starting.
   */
  async read(image: ImageToRead): Promise<CrossedFrame> {
    const done = await this.#do({ type: 'image', ...image });
    if (done?.type === 'image') return done.frame;
    const { frame, timestampUs } = image;
    return { frame, timestampUs, state: 'lost', width: 0, height: 0, pictures: [] };
  }

  /**
   * A still as a JPEG file; null when it cannot be encoded.
   * @throws what keeps the worker from starting.
   */
  async encode(still: Still): Promise<Uint8Array | null> {
    const done = await this.#do({ type: 'still', still });
    return done?.type === 'still' ? done.jpeg : null;
  }

  /** Ends the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker?.[Symbol.asyncDispose]();
  }

  #do(task: ImageTask): Promise<Parameters<Waiting['resolve']>[0]> {
    if (this.#error !== null) return Promise.reject(this.#error);
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#waiting.set(id, { task, attempts: 0, resolve, reject });
      this.#worker ??= this.#start();
      this.#send(id, task);
    });
  }

  #start(): SupervisedWorker<ToFrameWorker> {
    return superviseWorker<ToFrameWorker, FromFrameWorker>({
      name: 'that reads images',
      file: new URL('./frame-worker.js', import.meta.url),
      onReady: () => {
        for (const [id, { task }] of this.#waiting) this.#send(id, task);
      },
      onMessage: message => {
        if (message.type === 'image' || message.type === 'still') this.#settle(message.id, message);
      },
      onExit: () => {
        const [oldest] = this.#waiting;
        if (oldest !== undefined && ++oldest[1].attempts >= mostAttempts) this.#settle(oldest[0], null);
      },
      onGiveUp: error => {
        this.#error = error;
        for (const { reject } of this.#waiting.values()) reject(error);
        this.#waiting.clear();
      },
    });
  }

  #send(id: number, task: ImageTask): void {
    if (this.#worker?.isReady !== true) return;
    this.#worker.send({ ...task, id });
    this.#worker.isAwaiting = true;
  }

  #settle(id: number, done: Parameters<Waiting['resolve']>[0]): void {
    this.#waiting.get(id)?.resolve(done);
    this.#waiting.delete(id);
    if (this.#worker !== null) this.#worker.isAwaiting = this.#waiting.size > 0;
  }
}
