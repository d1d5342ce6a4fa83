import { fromErrorRecord, type SaccadeError } from '../../ingest/index.ts';
import type { Detection } from '../detection.ts';
import { cascadeErrors } from '../errors.ts';
import { checkWork } from './check-work.ts';
import { BatchController } from './batch-controller.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import { DeadlineTimer } from './deadline-timer.ts';
import { headOfKind } from './heads.ts';
import { batchSizeBounds, Histogram, type HistogramCounts, latencyBoundsMs } from './histogram.ts';
import type { HeadResult } from './model-head.ts';
import type { Picture } from './model-input.ts';
import { LatencyEstimate } from './latency-estimate.ts';
import { type AnsweredBatch, MOST_BATCHES, ModelReplica } from './model-replica.ts';
import { ModelRequest, type PoolAnswer } from './model-request.ts';
import type { ModelTensors, ModelWork, PictureWork } from './model-work.ts';
import { type ReplicaBounds, ReplicaScaler } from './replica-scaler.ts';
import { type PoolReplica, ReplicaSet } from './replica-set.ts';
import type { StoredModel } from './stored-model.ts';
import { fixedBatch } from './tensor-fit.ts';

/** How to start a pool of model workers. */
export interface ModelPoolOptions {
  /** Loaded and checked in every process. */
  readonly model: StoredModel;
  /** What it must give: `detections` for {@link ModelPool.run}, `confidence` for {@link ModelPool.confidence}. Default `detections`. */
  readonly produces?: HeadResult['kind'];
  /**
   * Processes, 1 or more, or the bounds between which their number follows the load. Default 1; more than there are cores
   * gain nothing, since each run keeps one core busy.
   */
  readonly replicas?: number | ReplicaBounds;
  /**
   * Most pictures in one batch, 1–1024. Default 8: detectors gain nothing from larger ones, and a large one makes
   * its first picture wait. Models with a fixed batch take that.
   */
  readonly maxBatchSize?: number;
  /**
   * Whether the size of batches is found from what they take: as many as save time, none that `sloMs` leaves no time for.
   * Default false: whatever waits, up to `maxBatchSize`.
   */
  readonly isAdaptive?: boolean;
  /**
   * Time in which works want their answers in ms, above 0: what no deadline of its own is asked with has this one. Default:
   * they wait.
   */
  readonly sloMs?: number | undefined;
  /** Longest time that a work waits for others to fill its batch in ms, 0 or more. Default 0: whatever waits is run at once. */
  readonly batchDelayMs?: number;
  /**
   * A batch that takes longer than this share of those of its size, 0–1 exclusive, is also given to a process that has nothing
   * to do; the first answer counts. Default: never.
   */
  readonly hedgeAfter?: number | undefined;
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
  /** Works that were run a second time because the first took long, and of these, how many the second answered first. */
  readonly hedged: { readonly calls: number; readonly won: number };
  /** Time that processes took for answers which came too late to count, in ms. */
  readonly lostMs: number;
  /** Most things in a batch now. */
  readonly batchLimit: number;
  /** Processes that there are now, those that are starting included. */
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

/** How often the number of processes is looked at, in ms. */
const SCALE_EVERY_MS = 1000;
/** Batches of about a size before one is said to take long. */
const HEDGED_AFTER = 20;

interface PoolSettings {
  readonly maxQueue: number;
  readonly isAdaptive: boolean;
  readonly sloMs: number;
  readonly batchDelayMs: number;
  readonly hedgeAfter: number | undefined;
}

/** A batch that a replica has. */
interface BatchUnderWay {
  readonly rows: number;
  readonly sentMs: number;
  /** Whether it was as large as allowed. */
  readonly isFull: boolean;
  /** When it has taken long; infinite: never, or it was given to another one. */
  hedgeMs: number;
  readonly isHedge: boolean;
}

/** Of a batch that was answered after the pool had closed. */
const forgotten: BatchUnderWay = { rows: 1, sentMs: 0, isFull: false, hedgeMs: 0, isHedge: true };

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
  readonly #options: PoolSettings;
  readonly #replicas: ReplicaSet;
  readonly #queue = new DeadlineQueue<ModelRequest>();
  /** What was begun when a process ended is suspect: it runs first, and alone. */
  readonly #suspects: ModelRequest[] = [];
  /** Sent to a replica and not answered. */
  readonly #underWay = new Set<ModelRequest>();
  readonly #batches = new Map<readonly ModelRequest[], BatchUnderWay>();
  /** What sizes take, and which is best. */
  readonly #controller: BatchController;
  /** Time from sending a batch to its answer, by size. */
  readonly #turnaround = new LatencyEstimate();
  readonly #lateTimer = new DeadlineTimer(() => this.#sweepLate());
  readonly #hedgeTimer = new DeadlineTimer(() => this.#hedge());
  readonly #delayTimer = new DeadlineTimer(() => this.#dispatch());
  readonly #scaling: { readonly timer: NodeJS.Timeout; readonly scaler: ReplicaScaler } | undefined;
  /** When the last in the queue is due. */
  #lastDueMs = 0;
  /** In the queue, and given up by who asked. */
  #aborted = 0;
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
    const { decodesImages = false, isAdaptive = false, sloMs, batchDelayMs = 0, hedgeAfter } = options;
    this.#model = model;
    this.#name = model.declaration.name;
    this.#options = { maxQueue, isAdaptive, sloMs: sloMs ?? Number.POSITIVE_INFINITY, batchDelayMs, hedgeAfter };
    this.#controller = new BatchController({
      maxSize: fixedBatch(model.declaration) ?? maxBatchSize,
      // One batch may run and one wait for it when a work comes, whose own is the third.
      limitMs: this.#options.sloMs / (MOST_BATCHES + 1),
    });
    const bounds = typeof replicas === 'number' ? { min: replicas, max: replicas } : replicas;
    this.#replicas = new ReplicaSet({
      count: bounds.min,
      onGiveUp: error => this.#close(error),
      make: events =>
        new ModelReplica<ModelRequest>(
          `of model ${this.#name}`,
          { model, maxBatchSize, minScore, deadlineMs, decodesImages },
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

  /** Inputs and outputs of the model, as its ONNX file declares them. */
  get tensors(): ModelTensors {
    return this.#replicas.tensors;
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
  ask(work: ModelWork, { signal, deadlineMs = this.#options.sloMs }: AskOptions = {}): Promise<PoolAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#closedBy !== undefined) throw this.#closedBy;
      signal?.throwIfAborted();
      checkWork(work, { model: this.#name, tensors: this.tensors });
      const { maxQueue } = this.#options;
      if (this.queued >= maxQueue) {
        throw cascadeErrors.create('CASCADE_MODEL_QUEUE_FULL', { model: this.#name, limit: maxQueue });
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
      if (this.#isHopeless(request)) {
        request.reject(this.#tooLate('CASCADE_MODEL_OVERLOADED', request));
        return;
      }
      this.#queue.push(request);
      this.#lastDueMs = this.#queue.size === 1 ? request.dueMs : Math.max(this.#lastDueMs, request.dueMs);
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
      const batch = this.#takeBatch();
      if (batch.length === 0) return;
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
    const { hedgeAfter } = this.#options;
    const isFull = rows >= this.#batchLimit;
    // Of a size that was never seen nothing is known.
    const isKnown = hedgeAfter !== undefined && !isHedge && this.#turnaround.count(rows) >= HEDGED_AFTER;
    const hedgeMs = isKnown ? nowMs + this.#turnaround.quantile(rows, hedgeAfter) : Number.POSITIVE_INFINITY;
    this.#batches.set(batch, { rows, sentMs: nowMs, isFull, hedgeMs, isHedge });
    this.#hedgeTimer.add(hedgeMs);
    replica.run(batch);
  }

  /** Gives batches that take long to replicas that have nothing to do. */
  #hedge(): void {
    const nowMs = performance.now();
    for (const [requests, batch] of this.#batches) {
      if (batch.hedgeMs > nowMs) {
        this.#hedgeTimer.add(batch.hedgeMs);
        continue;
      }
      batch.hedgeMs = Number.POSITIVE_INFINITY;
      const open = requests.filter(({ isSettled, copies }) => !isSettled && copies === 1);
      const idle = open.length === 0 ? undefined : this.#replicas.leastLoaded(0);
      if (idle === undefined) continue;
      this.#hedged += open.length;
      this.#send(idle, open, true);
    }
  }

  get #batchLimit(): number {
    return this.#options.isAdaptive ? this.#controller.size : this.#controller.maxSize;
  }

  #takeBatch(): ModelRequest[] {
    const suspect = this.#take(() => this.#suspects.shift());
    if (suspect !== undefined) return [suspect];
    const limit = this.#batchLimit;
    const { batchDelayMs } = this.#options;
    const { first } = this.#queue;
    if (batchDelayMs > 0 && first !== undefined && this.queued < limit) {
      const untilMs = first.askedMs + batchDelayMs;
      if (untilMs > performance.now()) {
        this.#delayTimer.add(untilMs);
        return [];
      }
    }
    const batch: ModelRequest[] = [];
    let rows = 0;
    while (rows < limit) {
      if (batch.length > 0 && rows + (this.#queue.first?.rows ?? 0) > limit) break;
      const next = this.#take(() => this.#queue.shift());
      if (next === undefined) break;
      if (this.#isBeyondHope(next, rows + next.rows)) {
        next.reject(this.#tooLate('CASCADE_MODEL_OVERLOADED', next));
        continue;
      }
      batch.push(next);
      rows += next.rows;
    }
    return batch;
  }

  /** Whether a work that comes now cannot be answered in time, as far as what is before it tells. */
  #isHopeless({ dueMs, askedMs, rows }: ModelRequest): boolean {
    if (dueMs === Number.POSITIVE_INFINITY) return false;
    if (dueMs <= askedMs) return true;
    // What is due earlier goes before others; how many these are would take a walk through the queue.
    if (this.#queue.size > 0 && dueMs < this.#lastDueMs) return false;
    const ready = this.#replicas.ready;
    if (ready === 0) return false;
    const limit = this.#batchLimit;
    const before = (this.#replicas.batches + Math.floor(this.queued / limit)) / ready;
    const batchMs = this.#controller.estimate.quantile(Math.min(limit, this.queued + rows), 0.5);
    return askedMs + before * batchMs + batchMs > dueMs;
  }

  /** Whether a work could not be answered in time even if it were run now. */
  #isBeyondHope({ dueMs }: ModelRequest, rows: number): boolean {
    if (dueMs === Number.POSITIVE_INFINITY) return false;
    return performance.now() + this.#controller.estimate.quantile(rows, 0.5) > dueMs;
  }

  /** The next that somebody waits for. */
  #take(shift: () => ModelRequest | undefined): ModelRequest | undefined {
    for (let next = shift(); next !== undefined; next = shift()) {
      if (!next.isSettled) return next;
      this.#aborted--;
    }
    return undefined;
  }

  #answer({ requests, answers, busyMs }: AnsweredBatch<ModelRequest>): void {
    const nowMs = performance.now();
    const { rows, sentMs, isFull, isHedge } = this.#batches.get(requests) ?? forgotten;
    this.#batches.delete(requests);
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
      this.#turnaround.add(rows, nowMs - sentMs);
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
    for (const batch of batches) this.#batches.delete(batch);
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

  /** Rejects what is due and has no answer. */
  #sweepLate(): void {
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
    for (const timer of [this.#lateTimer, this.#hedgeTimer, this.#delayTimer]) timer.clear();
    clearInterval(this.#scaling?.timer);
    this.#batches.clear();
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
