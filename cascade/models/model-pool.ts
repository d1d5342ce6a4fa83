import { fromErrorRecord, type SaccadeError } from '../../ingest/index.ts';
import type { Detection } from '../detection.ts';
import { cascadeErrors } from '../errors.ts';
import { checkWork } from './check-work.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import { headOfKind } from './heads.ts';
import { batchSizeBounds, Histogram, type HistogramCounts, latencyBoundsMs } from './histogram.ts';
import type { HeadResult } from './model-head.ts';
import type { Picture } from './model-input.ts';
import type { ModelAnswer } from './model-protocol.ts';
import { ModelReplica } from './model-replica.ts';
import { ModelRequest, type PoolAnswer } from './model-request.ts';
import type { ModelTensors, ModelWork, PictureWork } from './model-work.ts';
import type { StoredModel } from './stored-model.ts';
import { fixedBatch } from './tensor-fit.ts';

/** How to start a pool of model workers. */
export interface ModelPoolOptions {
  /** Loaded and checked in every process. */
  readonly model: StoredModel;
  /** What it must give: `detections` for {@link ModelPool.run}, `confidence` for {@link ModelPool.confidence}. Default `detections`. */
  readonly produces?: HeadResult['kind'];
  /** Processes, 1 or more. Default 1; more than there are cores gain nothing, since each run keeps one core busy. */
  readonly replicas?: number;
  /**
   * Most pictures in one batch, 1–1024. Default 8: detectors gain nothing from larger ones, and a large one makes
   * its first picture wait. Models with a fixed batch take that.
   */
  readonly maxBatchSize?: number;
  /** Works that may wait, 1 or more, beside those under way; more are refused. Default 1024. */
  readonly maxQueue?: number;
  /**
   * Longest time that a process may take for a batch in ms, above 0. Default 30,000. After it the process is killed and
   * its pictures are run again. Waiting in the queue does not count: use a signal to bound that.
   */
  readonly deadlineMs?: number;
  /** Detections below it are dropped, 0–1. Default 0.05. */
  readonly minScore?: number;
  /** Whether the processes load the decoder of images at once, rather than with the first image. Default false. */
  readonly decodesImages?: boolean;
}

/** What a pool has done so far. */
export interface ModelPoolStats {
  /** Works answered, failed ones included. */
  readonly calls: number;
  /** Of these, how many had an error about themselves. */
  readonly failures: number;
  /** Batches answered. */
  readonly batches: number;
  /** Things in each batch, by size. */
  readonly batchSizes: HistogramCounts;
  /** Time from asking to the answer in ms, of works that got one. */
  readonly latencyMs: HistogramCounts;
  /** Works that wait for a process now. */
  readonly queued: number;
  /** Works that were rejected because their answer would have come too late. */
  readonly shed: number;
  /** Processes that there are now. */
  readonly replicas: number;
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

/** How to ask a model. */
export interface AskOptions {
  /** Gives the work up: the promise rejects with the signal's reason. Default: waits for the answer. */
  readonly signal?: AbortSignal;
  /**
   * Time from now in which the answer is wanted, in ms, above 0. What is due first is run first; what cannot be answered in
   * time is rejected. Default: waits for the answer.
   */
  readonly deadlineMs?: number;
}

/** Processes that may end over one work before it is given up: chance may end two. */
const MOST_ATTEMPTS = 3;

/**
 * Runs a model in processes of its own, in batches of what is waiting. A process that dies or hangs is started again
 * and its works are run again, those that it had begun one by one, so that a picture that kills processes fails alone.
 * Owned by whoever started it; disposing ends the processes.
 */
export class ModelPool implements AsyncDisposable {
  readonly #model: StoredModel;
  readonly #name: string;
  readonly #batchSize: number;
  readonly #maxQueue: number;
  readonly #replicas: ModelReplica<ModelRequest>[];
  readonly #givenUp = new Set<ModelReplica<ModelRequest>>();
  readonly #queue = new DeadlineQueue<ModelRequest>();
  /** What was begun when a process ended is suspect: it runs first, and alone. */
  readonly #suspects: ModelRequest[] = [];
  /** Sent to a replica and not answered. */
  readonly #underWay = new Set<ModelRequest>();
  /** In the queue, and given up by who asked. */
  #aborted = 0;
  #asked = 0;
  readonly #latencyMs = new Histogram(latencyBoundsMs);
  readonly #batchSizes = new Histogram(batchSizeBounds);
  #calls = 0;
  #failures = 0;
  #shed = 0;
  #isDispatching = false;
  #sweep: { readonly timer: NodeJS.Timeout; readonly atMs: number } | undefined;
  #ended: Promise<unknown> | undefined;
  #idle: { promise: Promise<void>; resolve(): void } | undefined;
  /** Why nothing more is taken; undefined while the pool works. */
  #closedBy: SaccadeError | undefined;

  /**
   * Resolves when every replica has loaded the model, checked its hash and tensors, and run it once.
   * @throws CASCADE_MODEL_NOT_DETECTOR, CASCADE_MODEL_NOT_BINARY - when the model's head gives something else.
   * @throws CASCADE_MODEL_FILE_MISSING, CASCADE_MODEL_HASH_MISMATCH, CASCADE_MODEL_NOT_ONNX,
   *   CASCADE_MODEL_TENSORS_MISMATCH, INGEST_WORKER_NOT_READY - when a replica cannot start; all are ended then.
   */
  static async start(options: ModelPoolOptions): Promise<ModelPool> {
    const { model, produces = 'detections' } = options;
    if (headOfKind(model.declaration.head.kind).produces !== produces) throw unfit(model, produces);
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
    const { decodesImages = false } = options;
    this.#model = model;
    this.#name = model.declaration.name;
    this.#batchSize = fixedBatch(model.declaration) ?? maxBatchSize;
    this.#maxQueue = maxQueue;
    this.#replicas = Array.from({ length: replicas }, () => {
      const replica: ModelReplica<ModelRequest> = new ModelReplica<ModelRequest>(
        `of model ${this.#name}`,
        { model, maxBatchSize, minScore, deadlineMs, decodesImages },
        {
          onFree: () => this.#dispatchSoon(),
          onAnswers: (requests, answers, busyMs) => this.#answer(requests, answers, busyMs),
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

  /** Inputs and outputs of the model, as its ONNX file declares them. */
  get tensors(): ModelTensors {
    return this.#replicas[0]?.tensors ?? { inputs: [], outputs: [] };
  }

  /** Works that wait for a process. */
  get queued(): number {
    return this.#queue.size + this.#suspects.length - this.#aborted;
  }

  /**
   * What the model finds in a picture. The picture's bytes must not change until the promise settles. Answers come in no
   * particular order.
   * @throws what {@link ask} throws.
   */
  async run(picture: Picture | PictureWork, options: AskOptions = {}): Promise<readonly Detection[]> {
    const { result } = await this.ask(workOf(picture), options);
    if (result.kind !== 'detections') throw unfit(this.#model, 'detections');
    return result.detections;
  }

  /**
   * How sure a classifier is that its label holds in a picture, 0–1; NaN where it gave no number. Otherwise as {@link run}.
   * @throws CASCADE_MODEL_NOT_BINARY - when the model finds objects instead; and what {@link ask} throws.
   */
  async confidence(picture: Picture | PictureWork, options: AskOptions = {}): Promise<number> {
    const { result } = await this.ask(workOf(picture), options);
    if (result.kind !== 'confidence') throw unfit(this.#model, 'confidence');
    return result.confidence;
  }

  /**
   * The answer for a work of any kind. Its bytes must not change until the promise settles. Answers come in no particular order.
   * @throws CASCADE_IMAGE_INVALID, CASCADE_TENSOR_INVALID, CASCADE_PICTURE_SIZE, CASCADE_MODEL_RUN_FAILED,
   *   CASCADE_MODEL_NO_ANSWER - about this work alone.
   * @throws CASCADE_MODEL_OVERLOADED, CASCADE_MODEL_LATE - when there is a deadline: it was not begun, or not answered in time.
   * @throws CASCADE_MODEL_QUEUE_FULL - when too many wait. CASCADE_MODEL_CLOSED - after disposal.
   *   INGEST_WORKER_RESTARTS_SPENT - when every replica died again and again; from then on every call.
   */
  ask(work: ModelWork, { signal, deadlineMs = Number.POSITIVE_INFINITY }: AskOptions = {}): Promise<PoolAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#closedBy !== undefined) throw this.#closedBy;
      signal?.throwIfAborted();
      if (deadlineMs <= 0) {
        this.#shed++;
        throw cascadeErrors.create('CASCADE_MODEL_LATE', { model: this.#name, deadlineMs: 0 });
      }
      checkWork(work, { model: this.#name, tensors: this.tensors });
      if (this.queued >= this.#maxQueue) {
        throw cascadeErrors.create('CASCADE_MODEL_QUEUE_FULL', { model: this.#name, limit: this.#maxQueue });
      }
      const request: ModelRequest = new ModelRequest(work, {
        order: this.#asked++,
        nowMs: performance.now(),
        deadlineMs,
        signal,
        resolve,
        reject,
        onAbort: () => {
          if (request.copies === 0) this.#aborted++;
          this.#checkIdle();
        },
      });
      this.#queue.push(request);
      if (deadlineMs !== Number.POSITIVE_INFINITY) this.#sweepAt(request.dueMs);
      this.#dispatchSoon();
    });
  }

  /** Work done and memory used so far, all processes together. */
  stats(): ModelPoolStats {
    const replicas = this.#replicas.map(({ stats }) => stats);
    const sum = (key: keyof (typeof replicas)[number]): number => replicas.reduce((total, one) => total + one[key], 0);
    return {
      calls: this.#calls,
      failures: this.#failures,
      batchSizes: this.#batchSizes.counts,
      latencyMs: this.#latencyMs.counts,
      queued: this.queued,
      shed: this.#shed,
      replicas: this.#replicas.length,
      batches: sum('batches'),
      busyMs: sum('busyMs'),
      processorMs: sum('processorMs'),
      restarts: sum('restarts'),
      peakRssBytes: sum('peakRssBytes'),
    };
  }

  /** Resolves when everything that was asked so far, and until then, has its answer. */
  drained(): Promise<void> {
    if (this.queued === 0 && this.#underWay.size === 0) return Promise.resolve();
    if (this.#idle === undefined) {
      let resolve = (): void => undefined;
      const promise = new Promise<void>(settle => {
        resolve = settle;
      });
      this.#idle = { promise, resolve };
    }
    return this.#idle.promise;
  }

  /** Rejects what waits with CASCADE_MODEL_CLOSED and ends the processes; a second time does nothing. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#close(cascadeErrors.create('CASCADE_MODEL_CLOSED', { model: this.#name }));
    this.#ended ??= Promise.all(this.#replicas.map(replica => replica[Symbol.asyncDispose]()));
    await this.#ended;
  }

  /** Once what has arrived with the same turn of the event loop is in the queue, so that it goes together. */
  #dispatchSoon(): void {
    if (this.#isDispatching) return;
    this.#isDispatching = true;
    setImmediate(() => {
      this.#isDispatching = false;
      this.#dispatch();
    });
  }

  /** Hands batches to the replicas with the least to do, as long as there are both. */
  #dispatch(): void {
    while (this.#closedBy === undefined) {
      const replica = this.#leastLoaded();
      if (replica === undefined) return;
      const batch = this.#takeBatch();
      if (batch.length === 0) return;
      const nowMs = performance.now();
      for (const request of batch) {
        request.sentMs = nowMs;
        request.copies++;
        this.#underWay.add(request);
      }
      replica.run(batch);
    }
  }

  #leastLoaded(): ModelReplica<ModelRequest> | undefined {
    let least: ModelReplica<ModelRequest> | undefined;
    for (const replica of this.#replicas) {
      if (replica.load < (least?.load ?? Number.POSITIVE_INFINITY)) least = replica;
    }
    return least;
  }

  #takeBatch(): ModelRequest[] {
    const suspect = this.#take(this.#suspects.shift.bind(this.#suspects));
    if (suspect !== undefined) return [suspect];
    const batch: ModelRequest[] = [];
    let rows = 0;
    while (rows < this.#batchSize) {
      if (batch.length > 0 && rows + (this.#queue.first?.rows ?? 0) > this.#batchSize) break;
      const next = this.#take(() => this.#queue.shift());
      if (next === undefined) break;
      batch.push(next);
      rows += next.rows;
    }
    return batch;
  }

  /** The next that somebody waits for. */
  #take(shift: () => ModelRequest | undefined): ModelRequest | undefined {
    for (let next = shift(); next !== undefined; next = shift()) {
      if (!next.isSettled) return next;
      this.#aborted--;
    }
    return undefined;
  }

  #answer(requests: readonly ModelRequest[], answers: readonly ModelAnswer[], modelMs: number): void {
    const nowMs = performance.now();
    let rows = 0;
    for (let i = 0; i < requests.length; i++) {
      const [request, answer] = [requests[i] as ModelRequest, answers[i]];
      rows += request.rows;
      this.#leave(request);
      this.#calls++;
      if (answer === undefined || request.isSettled) continue;
      if (answer.kind === 'failed') {
        this.#failures++;
        request.reject(fromErrorRecord(answer.error));
      } else {
        this.#latencyMs.add(nowMs - request.askedMs);
        const queueMs = request.sentMs - request.askedMs;
        request.resolve({ result: answer, batchSize: requests.length, queueMs, modelMs });
      }
    }
    this.#batchSizes.add(rows);
    this.#checkIdle();
  }

  #leave(request: ModelRequest): void {
    request.copies--;
    if (request.copies === 0) this.#underWay.delete(request);
  }

  #checkIdle(): void {
    if (this.queued > 0 || this.#underWay.size > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  #runAgain(requests: readonly ModelRequest[], ending: string): void {
    for (const request of requests) {
      this.#leave(request);
      if (request.isSettled || request.copies > 0) continue;
      if (request.attempts === 0) this.#queue.push(request);
      else if (request.attempts < MOST_ATTEMPTS) this.#suspects.push(request);
      else {
        this.#calls++;
        this.#failures++;
        const details = { model: this.#name, attempts: request.attempts, ending };
        request.reject(cascadeErrors.create('CASCADE_MODEL_NO_ANSWER', details));
      }
    }
    this.#checkIdle();
    this.#dispatchSoon();
  }

  /** Rejects what is late at the time that it is due. */
  #sweepAt(atMs: number): void {
    if (this.#sweep !== undefined && this.#sweep.atMs <= atMs) return;
    clearTimeout(this.#sweep?.timer);
    // Timers may fire a millisecond early.
    const timer = setTimeout(() => this.#sweepLate(), Math.max(0, atMs - performance.now()) + 1);
    timer.unref();
    this.#sweep = { timer, atMs };
  }

  #sweepLate(): void {
    this.#sweep = undefined;
    const nowMs = performance.now();
    let next = Number.POSITIVE_INFINITY;
    for (const request of [...this.#underWay, ...this.#suspects]) {
      if (request.isSettled) continue;
      if (request.dueMs > nowMs) next = Math.min(next, request.dueMs);
      else {
        if (request.copies === 0) this.#aborted++;
        request.reject(this.#tooLate('CASCADE_MODEL_LATE', request));
      }
    }
    for (let { first } = this.#queue; first !== undefined && first.dueMs <= nowMs; { first } = this.#queue) {
      this.#queue.shift();
      if (first.isSettled) this.#aborted--;
      else first.reject(this.#tooLate('CASCADE_MODEL_OVERLOADED', first));
    }
    next = Math.min(next, this.#queue.first?.dueMs ?? Number.POSITIVE_INFINITY);
    if (next !== Number.POSITIVE_INFINITY) this.#sweepAt(next);
    this.#checkIdle();
  }

  #tooLate(code: 'CASCADE_MODEL_LATE' | 'CASCADE_MODEL_OVERLOADED', { deadlineMs }: ModelRequest): SaccadeError {
    this.#shed++;
    return cascadeErrors.create(code, { model: this.#name, deadlineMs });
  }

  #lose(replica: ModelReplica<ModelRequest>, error: SaccadeError): void {
    this.#givenUp.add(replica);
    if (this.#givenUp.size === this.#replicas.length) this.#close(error);
  }

  #close(error: SaccadeError): void {
    this.#closedBy ??= error;
    clearTimeout(this.#sweep?.timer);
    for (const request of [...this.#queue.clear(), ...this.#suspects.splice(0), ...this.#underWay])
      request.reject(error);
    this.#aborted = 0;
    this.#underWay.clear();
    this.#checkIdle();
  }
}

function workOf(picture: Picture | PictureWork): PictureWork {
  return 'kind' in picture ? picture : { kind: 'picture', picture };
}

function unfit({ declaration: { name, head } }: StoredModel, expected: HeadResult['kind']): SaccadeError {
  const code = expected === 'detections' ? 'CASCADE_MODEL_NOT_DETECTOR' : 'CASCADE_MODEL_NOT_BINARY';
  return cascadeErrors.create(code, { model: name, head: head.kind });
}
