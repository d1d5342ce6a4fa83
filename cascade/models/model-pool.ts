import { fromErrorRecord, type SaccadeError } from '../../ingest/index.ts';
import type { Detection } from '../detection.ts';
import { cascadeErrors } from '../errors.ts';
import { BatchController } from './batch-controller.ts';
import { BatchesUnderWay } from './batches-under-way.ts';
import { checkWork } from './check-work.ts';
import { DeadlineTimer } from './deadline-timer.ts';
import { headOfKind } from './heads.ts';
import { batchSizeBounds, Histogram, latencyBoundsMs } from './histogram.ts';
import type { HeadResult } from './model-head.ts';
import type { Picture } from './model-input.ts';
import type { AskOptions, ModelPoolOptions, ModelPoolStats } from './model-pool-options.ts';
import { type AnsweredBatch, MOST_BATCHES, ModelReplica } from './model-replica.ts';
import { ModelRequest, type PoolAnswer } from './model-request.ts';
import type { ModelTensors, ModelWork, PictureWork } from './model-work.ts';
import { ReplicaScaler } from './replica-scaler.ts';
import { type PoolReplica, ReplicaSet } from './replica-set.ts';
import { RequestQueue } from './request-queue.ts';
import type { StoredModel } from './stored-model.ts';
import { fixedBatch } from './tensor-fit.ts';

/** How often the number of processes is looked at, in ms. */
const SCALE_EVERY_MS = 1000;
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
  readonly #maxQueue: number;
  readonly #isAdaptive: boolean;
  /** Infinite: works wait. */
  readonly #sloMs: number;
  readonly #replicas: ReplicaSet;
  readonly #queue: RequestQueue;
  /** Sent to a replica and not answered. */
  readonly #underWay = new Set<ModelRequest>();
  readonly #batches: BatchesUnderWay;
  /** What sizes take, and which is best. */
  readonly #controller: BatchController;
  readonly #lateTimer = new DeadlineTimer(() => this.#sweepLate());
  readonly #scaling: { readonly timer: NodeJS.Timeout; readonly scaler: ReplicaScaler } | undefined;
  readonly #latencyMs = new Histogram(latencyBoundsMs);
  readonly #batchSizes = new Histogram(batchSizeBounds);
  #asked = 0;
  #calls = 0;
  #failures = 0;
  #shed = 0;
  #hedged = 0;
  #hedgesWon = 0;
  #lostMs = 0;
  #scaledBusyMs = 0;
  #scaledShed = 0;
  #isDispatching = false;
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
      await pool.#replicas.started;
      return pool;
    } catch (error) {
      await pool[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(options: ModelPoolOptions) {
    const { model, replicas = 1, maxBatchSize = 8, maxQueue = 1024, deadlineMs = 30_000, minScore } = options;
    const { decodesImages = false, isAdaptive = false, sloMs, batchDelayMs = 0, hedgeAfter, device } = options;
    this.#model = model;
    this.#name = model.declaration.name;
    this.#maxQueue = maxQueue;
    this.#isAdaptive = isAdaptive;
    this.#sloMs = sloMs ?? Number.POSITIVE_INFINITY;
    this.#queue = new RequestQueue({
      batchDelayMs,
      onDelayed: () => this.#dispatch(),
      isBeyondHope: (request, rows, ahead) => this.#isBeyondHope(request, rows, ahead),
      shed: request => request.reject(this.#tooLate('CASCADE_MODEL_OVERLOADED', request)),
    });
    this.#batches = new BatchesUnderWay(hedgeAfter, batch => this.#hedge(batch));
    this.#controller = new BatchController({
      maxSize: fixedBatch(model.declaration) ?? maxBatchSize,
      // One batch may run and one wait for it when a work comes, whose own is the third.
      limitMs: this.#sloMs / (MOST_BATCHES + 1),
    });
    const bounds = typeof replicas === 'number' ? { min: replicas, max: replicas } : replicas;
    this.#replicas = new ReplicaSet({
      count: bounds.min,
      onGiveUp: error => this.#close(error),
      make: events =>
        new ModelReplica<ModelRequest>(
          `of model ${this.#name}`,
          { model, maxBatchSize, minScore, deadlineMs, decodesImages, device },
          {
            ...events,
            onFree: () => this.#dispatchSoon(),
            onAnswers: answered => this.#answer(answered),
            onLost: ({ batches, exit }) => {
              for (const request of batches[0] ?? []) request.attempts++;
              this.#runAgain(batches, exit.signal ?? exit.ending);
            },
          },
        ),
    });
    if (bounds.max <= bounds.min) return;
    const timer = setInterval(() => this.#scale(), SCALE_EVERY_MS);
    timer.unref();
    this.#scaling = { timer, scaler: new ReplicaScaler(bounds) };
  }

  /** Ids of the processes that run now; a replica that is being restarted has none. */
  get pids(): number[] {
    return this.#replicas.pids;
  }

  /** Inputs and outputs of the model, as the network itself declares them. */
  get tensors(): ModelTensors {
    return this.#replicas.tensors;
  }

  /** Works that wait for a process. */
  get queued(): number {
    return this.#queue.size;
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
  ask(work: ModelWork, { signal, deadlineMs = this.#sloMs }: AskOptions = {}): Promise<PoolAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#closedBy !== undefined) throw this.#closedBy;
      signal?.throwIfAborted();
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
          if (request.copies === 0) this.#queue.giveUp();
          this.#checkIdle();
        },
      });
      if (this.#isHopeless(request)) {
        request.reject(this.#tooLate('CASCADE_MODEL_OVERLOADED', request));
        return;
      }
      this.#queue.push(request);
      this.#lateTimer.add(request.dueMs);
      this.#dispatchSoon();
    });
  }

  /** Work done and memory used so far, all processes together. */
  stats(): ModelPoolStats {
    return {
      ...this.#replicas.stats,
      calls: this.#calls,
      failures: this.#failures,
      batchSizes: this.#batchSizes.counts,
      latencyMs: this.#latencyMs.counts,
      queued: this.queued,
      shed: this.#shed,
      hedged: { calls: this.#hedged, won: this.#hedgesWon },
      lostMs: this.#lostMs,
      batchLimit: this.#batchLimit,
      replicas: this.#replicas.count,
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
    this.#ended ??= this.#replicas[Symbol.asyncDispose]();
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
      const replica = this.#replicas.leastLoaded();
      if (replica === undefined) return;
      const limit = this.#nextLimit(replica);
      if (limit === 0) return;
      const batch = this.#queue.take(limit, replica.load);
      if (batch.length === 0) {
        this.#batches.retry();
        return;
      }
      this.#send(replica, batch, false);
    }
  }

  #send(replica: PoolReplica, batch: readonly ModelRequest[], isHedge: boolean): void {
    const nowMs = performance.now();
    let rows = 0;
    for (const request of batch) {
      if (!isHedge) request.sentMs = nowMs;
      request.copies++;
      rows += request.rows;
      this.#underWay.add(request);
    }
    this.#batches.add(batch, { rows, isFull: rows >= this.#batchLimit, isHedge });
    replica.run(batch);
  }

  /** Gives a batch that takes long to a replica that has nothing to do. */
  #hedge(batch: readonly ModelRequest[]): boolean {
    const open = batch.filter(({ isSettled, copies }) => !isSettled && copies === 1);
    if (open.length === 0) return true;
    const idle = this.#replicas.leastLoaded(0);
    if (idle === undefined) return false;
    this.#hedged += open.length;
    this.#send(idle, open, true);
    return true;
  }

  /**
   * Most things in the batch that a replica is given now; 0: it is better to wait. Where batches of half the size cost about as
   * much, what waits is divided among all that can take a batch, so that none is idle while another has everything; and one
   * that is busy is given none smaller than what it runs, which would cost more to send than they save.
   */
  #nextLimit({ runningSize }: PoolReplica): number {
    const limit = this.#batchLimit;
    if (!this.#isAdaptive || !this.#controller.canBeHalved(limit)) return limit;
    const half = Math.ceil(limit / 2);
    if (this.queued < Math.min(half, runningSize)) return 0;
    const { idle, openPlaces } = this.#replicas;
    const even = Math.ceil(this.queued / openPlaces);
    return Math.min(limit, Math.max(1, even, Math.min(half, Math.ceil(this.queued / Math.max(1, idle)))));
  }

  get #batchLimit(): number {
    return this.#isAdaptive ? this.#controller.size : this.#controller.maxSize;
  }

  /** Whether a work that comes now cannot be answered in time, as far as what is before it tells. */
  #isHopeless({ dueMs, askedMs, rows }: ModelRequest): boolean {
    if (dueMs === Number.POSITIVE_INFINITY) return false;
    if (dueMs <= askedMs) return true;
    // Else a few slow batches would end it: nothing would be run any more that shows what batches take now.
    if (this.#underWay.size === 0 && this.queued === 0) return false;
    // What is due earlier goes before others; how many these are would take a walk through the queue.
    if (dueMs < this.#queue.lastDueMs) return false;
    const ready = this.#replicas.ready;
    if (ready === 0) return false;
    const limit = this.#batchLimit;
    const before = (this.#replicas.batches + Math.floor(this.queued / limit)) / ready;
    const batchMs = this.#controller.estimate.quantile(Math.min(limit, this.queued + rows), 0.5);
    return askedMs + before * batchMs + batchMs > dueMs;
  }

  /** Whether a work could not be answered in time even if it were run now. */
  #isBeyondHope({ dueMs, rows: own }: ModelRequest, rows: number, ahead: number): boolean {
    if (dueMs === Number.POSITIVE_INFINITY || (this.#underWay.size === 0 && rows === own)) return false;
    return performance.now() + (ahead + 1) * this.#controller.estimate.quantile(rows, 0.5) > dueMs;
  }

  #answer({ requests, answers, busyMs }: AnsweredBatch<ModelRequest>): void {
    const nowMs = performance.now();
    const { rows, isFull, isHedge } = this.#batches.answered(requests);
    let counted = 0;
    for (let i = 0; i < requests.length; i++) {
      const [request, answer] = [requests[i] as ModelRequest, answers[i]];
      this.#leave(request);
      if (answer === undefined || request.isSettled) continue;
      counted++;
      if (answer.kind === 'failed') {
        this.#failures++;
        request.reject(fromErrorRecord(answer.error));
      } else {
        this.#latencyMs.add(nowMs - request.askedMs);
        const queueMs = request.sentMs - request.askedMs;
        request.resolve({ result: answer, batchSize: requests.length, queueMs, modelMs: busyMs });
      }
    }
    this.#calls += isHedge ? counted : requests.length;
    if (isHedge) this.#hedgesWon += counted;
    if (counted === 0) this.#lostMs += busyMs;
    if (!isHedge) {
      this.#batchSizes.add(rows);
      this.#controller.add(rows, busyMs, isFull);
    }
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

  #runAgain(batches: readonly (readonly ModelRequest[])[], ending: string): void {
    const requests = batches.flat();
    for (const batch of batches) this.#batches.lost(batch);
    for (const request of requests) {
      this.#leave(request);
      if (request.isSettled || request.copies > 0) continue;
      if (request.attempts === 0) this.#queue.push(request);
      else if (request.attempts < MOST_ATTEMPTS) this.#queue.pushSuspect(request);
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

  /** Rejects what is due and has no answer. */
  #sweepLate(): void {
    const nowMs = performance.now();
    let next = this.#queue.dropLate(nowMs);
    for (const request of this.#underWay) {
      if (request.isSettled) continue;
      if (request.dueMs > nowMs) next = Math.min(next, request.dueMs);
      else request.reject(this.#tooLate('CASCADE_MODEL_LATE', request));
    }
    this.#lateTimer.add(next);
    this.#checkIdle();
  }

  #tooLate(code: 'CASCADE_MODEL_LATE' | 'CASCADE_MODEL_OVERLOADED', { deadlineMs }: ModelRequest): SaccadeError {
    this.#shed++;
    return cascadeErrors.create(code, { model: this.#name, deadlineMs });
  }

  #scale(): void {
    if (this.#scaling === undefined || this.#closedBy !== undefined) return;
    const { busyMs } = this.#replicas.stats;
    const ready = this.#replicas.ready;
    const change = this.#scaling.scaler.next({
      replicas: this.#replicas.count,
      ready,
      busyShare: ready === 0 ? 0 : (busyMs - this.#scaledBusyMs) / (SCALE_EVERY_MS * ready),
      waitingBatches: Math.floor(this.queued / this.#batchLimit),
      shed: this.#shed - this.#scaledShed,
    });
    this.#scaledBusyMs = busyMs;
    this.#scaledShed = this.#shed;
    if (change > 0) this.#replicas.add();
    if (change < 0) this.#replicas.retire();
  }

  #close(error: SaccadeError): void {
    this.#closedBy ??= error;
    this.#lateTimer.clear();
    clearInterval(this.#scaling?.timer);
    this.#batches.clear();
    for (const request of [...this.#queue.clear(), ...this.#underWay]) request.reject(error);
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
