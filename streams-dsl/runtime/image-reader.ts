import { type FrameIndex, type SaccadeError, type SupervisedWorker, superviseWorker } from '../../ingest/index.ts';
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

interface Waiting {
  readonly image: ImageToRead;
  attempts: number;
  resolve(frame: CrossedFrame): void;
  reject(error: unknown): void;
}

/** Decodes images in memory, in a worker process of its own that is started with the first one. Dispose it to end it. */
export class ImageReader implements AsyncDisposable {
  readonly #waiting = new Map<number, Waiting>();
  #worker: SupervisedWorker<ToFrameWorker> | null = null;
  #nextId = 0;
  #error: SaccadeError | null = null;

  /**
   * The image as a frame with the pictures wanted; `lost` when it does not decode.
   * @throws what keeps the worker from starting.
   */
  read(image: ImageToRead): Promise<CrossedFrame> {
    if (this.#error !== null) return Promise.reject(this.#error);
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#waiting.set(id, { image, attempts: 0, resolve, reject });
      this.#worker ??= this.#start();
      this.#send(id, image);
    });
  }

  /** Ends the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker?.[Symbol.asyncDispose]();
  }

  #start(): SupervisedWorker<ToFrameWorker> {
    return superviseWorker<ToFrameWorker, FromFrameWorker>({
      name: 'that reads images',
      file: new URL('./frame-worker.js', import.meta.url),
      onReady: () => {
        for (const [id, { image }] of this.#waiting) this.#send(id, image);
      },
      onMessage: message => {
        if (message.type === 'image') this.#settle(message.id, message.frame);
      },
      onExit: () => {
        const [oldest] = this.#waiting;
        if (oldest === undefined || ++oldest[1].attempts < mostAttempts) return;
        const { frame, timestampUs } = oldest[1].image;
        this.#settle(oldest[0], { frame, timestampUs, state: 'lost', width: 0, height: 0, pictures: [] });
      },
      onGiveUp: error => {
        this.#error = error;
        for (const { reject } of this.#waiting.values()) reject(error);
        this.#waiting.clear();
      },
    });
  }

  #send(id: number, image: ImageToRead): void {
    if (this.#worker?.isReady !== true) return;
    this.#worker.send({ type: 'image', id, ...image });
    this.#worker.isAwaiting = true;
  }

  #settle(id: number, frame: CrossedFrame): void {
    this.#waiting.get(id)?.resolve(frame);
    this.#waiting.delete(id);
    if (this.#worker !== null) this.#worker.isAwaiting = this.#waiting.size > 0;
  }
}
