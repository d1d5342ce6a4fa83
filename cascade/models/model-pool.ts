import { fromErrorRecord, type SaccadeError } from '../../ingest/index.ts';
import type { Detection } from '../detection.ts';
import { cascadeErrors } from '../errors.ts';
import { headOfKind } from './heads.ts';
import type { Picture } from './model-input.ts';
import type { ModelAnswer } from './model-protocol.ts';
import { ModelReplica } from './model-replica.ts';
import type { StoredModel } from './stored-model.ts';
import { fixedBatch } from './tensor-fit.ts';

/** How to start a pool of model workers. */
export interface ModelPoolOptions {
  /** A detector; loaded and checked in every process. */
  readonly model: StoredModel;
  /** Processes, 1 or more. Default 1; more than there are cores gain nothing, since each run keeps one core busy. */
  readonly replicas?: number;
  /**
   * Most pictures in one batch, 1–1024. Default 8: detectors gain nothing from larger ones, and a large one makes
   * its first picture wait. Models with a fixed batch take that.
   */
  readonly maxBatchSize?: number;
  /** Pictures that may wait, 1 or more, beside those under way; more are refused. Default 1024. */
  readonly maxQueue?: number;
  /**
   * Longest time that a process may take for a batch in ms, above 0. Default 30,000. After it the process is killed and
   * its pictures are run again. Waiting in the queue does not count: use a signal to bound that.
   */
  readonly deadlineMs?: number;
  /** Detections below it are dropped, 0–1. Default 0.05. */
  readonly minScore?: number;
}

/** What a pool has done so far. */
export interface ModelPoolStats {
  /** Pictures answered, failed ones included. */
  readonly calls: number;
  /** Batches answered. */
  readonly batches: number;
  /** Time that the processes spent on batches in ms, all together: input, inference and decoding. */
  readonly busyMs: number;
  /**
   * Processor time that the processes took in ms, all together: batches and the transfer of pictures. Unlike `busyMs` it
   * does not grow while other programs have the cores.
   */
  readonly processorMs: number;
  /** Processes that ended and were started again. */
  readonly restarts: number;
  /** Sum of the most memory resident in each replica in bytes; 0 before its first answer. */
  readonly peakRssBytes: number;
}

/** Processes that may end over one picture before it is given up: chance may end two. */
const MOST_ATTEMPTS = 3;

interface Request {
  readonly picture: Picture;
  /** Processes that ended while they had begun its batch. */
  attempts: number;
  readonly resolve: (detections: readonly Detection[]) => void;
  readonly reject: (reason: unknown) => void;
  isSettled: boolean;
}

/**
 * Runs a detector in processes of its own, in batches of what is waiting. A process that dies or hangs is started again
 * and its pictures are run again, those that it had begun one by one, so that a picture that kills processes fails alone.
 * Owned by whoever started it; disposing ends the processes.
 */
export class ModelPool implements AsyncDisposable {
  readonly #name: string;
  readonly #batchSize: number;
  readonly #maxQueue: number;
  readonly #replicas: ModelReplica<Request>[];
  readonly #givenUp = new Set<ModelReplica<Request>>();
  readonly #queue: Request[] = [];
  /** Sent to a replica and not answered. */
  readonly #underWay = new Set<Request>();
  #calls = 0;
  #ended: Promise<unknown> | undefined;
  /** Why nothing more is taken; undefined while the pool works. */
  #closedBy: SaccadeError | undefined;

  /**
   * Resolves when every replica has loaded the model, checked its hash and tensors, and run it once.
   * @throws CASCADE_MODEL_NOT_DETECTOR - when the model's head gives no detections.
   * @throws CASCADE_MODEL_FILE_MISSING, CASCADE_MODEL_HASH_MISMATCH, CASCADE_MODEL_NOT_ONNX,
   *   CASCADE_MODEL_TENSORS_MISMATCH, INGEST_WORKER_NOT_READY - when a replica cannot start; all are ended then.
   */
  static async start(options: ModelPoolOptions): Promise<ModelPool> {
    const { name, head } = options.model.declaration;
    if (headOfKind(head.kind).produces !== 'detections') {
      throw cascadeErrors.create('CASCADE_MODEL_NOT_DETECTOR', { model: name, head: head.kind });
    }
    const pool = new ModelPool(options);
    try {
      await Promise.all(pool.#replicas.map(replica => replica.started));
      return pool;
    } catch (error) {
      await pool[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(options: ModelPoolOptions) {
    const { model, replicas = 1, maxBatchSize = 8, maxQueue = 1024, deadlineMs = 30_000, minScore } = options;
    this.#name = model.declaration.name;
    this.#batchSize = fixedBatch(model.declaration) ?? maxBatchSize;
    this.#maxQueue = maxQueue;
    this.#replicas = Array.from({ length: replicas }, () => {
      const replica: ModelReplica<Request> = new ModelReplica<Request>(
        `of model ${this.#name}`,
        { model, maxBatchSize, minScore, deadlineMs },
        {
          onFree: () => this.#dispatch(),
          onAnswer: (request, answer) => this.#answer(request, answer),
          onLost: ({ begun, waiting, exit }) => {
            for (const request of begun) request.attempts++;
            this.#runAgain([...begun, ...waiting], exit.signal ?? exit.ending);
          },
          onGiveUp: error => this.#lose(replica, error),
        },
      );
      return replica;
    });
  }

  /** Ids of the processes that run now; a replica that is being restarted has none. */
  get pids(): number[] {
    return this.#replicas.flatMap(({ pid }) => pid ?? []);
  }

  /**
   * What the model finds in a picture. The picture's bytes must not change until the promise settles. Answers come in no
   * particular order.
   * @param options.signal - Gives the picture up: the promise rejects with the signal's reason.
   * @throws CASCADE_PICTURE_SIZE, CASCADE_MODEL_RUN_FAILED, CASCADE_MODEL_NO_ANSWER - about this picture alone.
   * @throws CASCADE_MODEL_QUEUE_FULL - when too many wait. CASCADE_MODEL_CLOSED - after disposal.
   *   INGEST_WORKER_RESTARTS_SPENT - when every replica died again and again; from then on every call.
   */
  run(picture: Picture, { signal }: { readonly signal?: AbortSignal } = {}): Promise<readonly Detection[]> {
    return new Promise((resolve, reject) => {
      if (this.#closedBy !== undefined) throw this.#closedBy;
      signal?.throwIfAborted();
      if (this.#queue.length >= this.#maxQueue) {
        throw cascadeErrors.create('CASCADE_MODEL_QUEUE_FULL', { model: this.#name, limit: this.#maxQueue });
      }
      const abort = (): void => {
        const place = this.#queue.indexOf(request);
        if (place >= 0) this.#queue.splice(place, 1);
        request.reject(signal?.reason);
      };
      const settle = (): void => {
        request.isSettled = true;
        signal?.removeEventListener('abort', abort);
      };
      const request: Request = {
        picture,
        attempts: 0,
        isSettled: false,
        resolve: detections => {
          settle();
          resolve(detections);
        },
        reject: reason => {
          settle();
          reject(reason);
        },
      };
      signal?.addEventListener('abort', abort);
      this.#queue.push(request);
      this.#dispatch();
    });
  }

  /** Work done and memory used so far, all processes together. */
  stats(): ModelPoolStats {
    const replicas = this.#replicas.map(({ stats }) => stats);
    const sum = (key: keyof (typeof replicas)[number]): number => replicas.reduce((total, one) => total + one[key], 0);
    return {
      calls: this.#calls,
      batches: sum('batches'),
      busyMs: sum('busyMs'),
      processorMs: sum('processorMs'),
      restarts: sum('restarts'),
      peakRssBytes: sum('peakRssBytes'),
    };
  }

  /** Rejects what waits with CASCADE_MODEL_CLOSED and ends the processes; a second time does nothing. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#close(cascadeErrors.create('CASCADE_MODEL_CLOSED', { model: this.#name }));
    this.#ended ??= Promise.all(this.#replicas.map(replica => replica[Symbol.asyncDispose]()));
    await this.#ended;
  }

  /** Hands batches to the replicas with the least to do, as long as there are both. */
  #dispatch(): void {
    while (this.#closedBy === undefined) {
      const [replica] = [...this.#replicas].sort((a, b) => a.load - b.load);
      if (replica === undefined || replica.load === Number.POSITIVE_INFINITY) return;
      const batch = this.#takeBatch();
      if (batch.length === 0) return;
      for (const request of batch) this.#underWay.add(request);
      replica.run(batch);
    }
  }

  #takeBatch(): Request[] {
    const batch: Request[] = [];
    while (batch.length < this.#batchSize) {
      const [next] = this.#queue;
      // What was under way when a process ended is suspect: it runs alone.
      if (next === undefined || (batch.length > 0 && next.attempts > 0)) break;
      this.#queue.shift();
      if (next.isSettled) continue;
      batch.push(next);
      if (next.attempts > 0) break;
    }
    return batch;
  }

  #answer(request: Request, answer: ModelAnswer): void {
    this.#underWay.delete(request);
    this.#calls++;
    if (request.isSettled) return;
    if (answer.kind === 'detections') request.resolve(answer.detections);
    else if (answer.kind === 'failed') request.reject(fromErrorRecord(answer.error));
  }

  #runAgain(requests: readonly Request[], ending: string): void {
    for (const request of requests) this.#underWay.delete(request);
    const again = requests.filter(request => !request.isSettled && request.attempts < MOST_ATTEMPTS);
    this.#queue.unshift(...again);
    for (const request of requests) {
      if (request.isSettled || request.attempts < MOST_ATTEMPTS) continue;
      this.#calls++;
      const details = { model: this.#name, attempts: request.attempts, ending };
      request.reject(cascadeErrors.create('CASCADE_MODEL_NO_ANSWER', details));
    }
    this.#dispatch();
  }

  #lose(replica: ModelReplica<Request>, error: SaccadeError): void {
    this.#givenUp.add(replica);
    if (this.#givenUp.size === this.#replicas.length) this.#close(error);
  }

  #close(error: SaccadeError): void {
    this.#closedBy ??= error;
    for (const request of [...this.#queue.splice(0), ...this.#underWay]) {
      if (!request.isSettled) request.reject(error);
    }
    this.#underWay.clear();
  }
}
