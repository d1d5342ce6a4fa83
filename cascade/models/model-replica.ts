import { type SaccadeError, type SupervisedWorker, superviseWorker, type WorkerExit } from '../../ingest/index.ts';
import type { BatchAnswer, FromModelWorker, ModelAnswer, ModelWorkerOptions, ToModelWorker } from './model-protocol.ts';
import type { ModelTensors, ModelWork } from './model-work.ts';
import { packWorks } from './pack-works.ts';

/** Batches that a replica may have: one runs while the works of the next are on their way. */
export const MOST_BATCHES = 2;

/** What a replica tells its pool; `Request` is whatever the pool sent a batch of. */
export interface ReplicaEvents<Request> {
  /** It can take a batch. */
  onFree(): void;
  /** The answers for a batch. */
  onAnswers(answered: AnsweredBatch<Request>): void;
  /** Its process ended with these batches: the first was being run, or next to be. */
  onLost(lost: { readonly batches: readonly (readonly Request[])[]; readonly exit: WorkerExit }): void;
  /** It will not be started again. */
  onGiveUp(error: SaccadeError): void;
}

/** A batch with its answers. */
export interface AnsweredBatch<Request> {
  /** As they were given to {@link ModelReplica.run}; the same array. */
  readonly requests: readonly Request[];
  /** One a request, in their order. */
  readonly answers: readonly ModelAnswer[];
  /** Time that the process took for it in ms. */
  readonly busyMs: number;
}

/** What one replica has done, all its processes together. */
export interface ReplicaStats {
  readonly batches: number;
  readonly busyMs: number;
  readonly processorMs: number;
  readonly restarts: number;
  readonly peakRssBytes: number;
}

/** One process that runs a model, restarted when it ends, with the batches that it has not answered. */
export class ModelReplica<Request extends { readonly work: ModelWork }> implements AsyncDisposable {
  readonly #worker: SupervisedWorker<ToModelWorker>;
  readonly #events: ReplicaEvents<Request>;
  /** Oldest first. */
  readonly #batches = new Map<number, readonly Request[]>();
  #nextBatch = 0;
  #answered = 0;
  #isRetired = false;
  #onEmpty: () => void = () => undefined;
  #busyMs = 0;
  #processorMs = 0;
  #peakRssBytes = 0;
  #tensors: ModelTensors = { inputs: [], outputs: [] };

  /** @param deadlineMs - Longest time without an answer while one is due, in ms; then the process is killed. */
  constructor(name: string, options: ModelWorkerOptions & { deadlineMs: number }, events: ReplicaEvents<Request>) {
    const { deadlineMs, ...workerOptions } = options;
    this.#events = events;
    this.#worker = superviseWorker<ToModelWorker, FromModelWorker>({
      name,
      file: new URL('./model-worker.js', import.meta.url),
      args: [JSON.stringify(workerOptions satisfies ModelWorkerOptions)],
      hangTimeoutMs: deadlineMs,
      onMessage: message => {
        if ('tensors' in message) this.#tensors = message.tensors;
        else this.#receive(message);
      },
      onReady: () => events.onFree(),
      onExit: exit => this.#lose(exit),
      onGiveUp: error => events.onGiveUp(error),
    });
  }

  /**
   * Resolves when the model has been loaded, checked and run once.
   * @throws what loading it throws.
   */
  get started(): Promise<void> {
    return this.#worker.started;
  }

  /** Tensors of the model; none before it has started. */
  get tensors(): ModelTensors {
    return this.#tensors;
  }

  /** Process id; undefined between two starts. */
  get pid(): number | undefined {
    return this.#worker.pid;
  }

  /** Batches that it has not answered; infinite when it can take no more. */
  get load(): number {
    return this.isReady && this.#batches.size < MOST_BATCHES ? this.#batches.size : Number.POSITIVE_INFINITY;
  }

  /** Batches that it has not answered. */
  get batches(): number {
    return this.#batches.size;
  }

  /** Whether its process runs, and has loaded the model. */
  get isReady(): boolean {
    return this.#worker.isReady && !this.#isRetired;
  }

  /** Works in the batch that it runs; 0 when it has none. */
  get runningSize(): number {
    const [running] = this.#batches.values();
    return running?.length ?? 0;
  }

  get stats(): ReplicaStats {
    return {
      batches: this.#answered,
      busyMs: this.#busyMs,
      processorMs: this.#processorMs,
      restarts: this.#worker.restarts,
      peakRssBytes: this.#peakRssBytes,
    };
  }

  /** Sends a batch; `load` must be finite. */
  run(requests: readonly Request[]): void {
    const batch = this.#nextBatch++;
    this.#batches.set(batch, requests);
    this.#worker.send({ batch, ...packWorks(requests.map(({ work }) => work)) });
    this.#worker.isAwaiting = true;
  }

  /** Takes no more batches, and ends the process when it has answered those that it has. */
  async retire(): Promise<void> {
    this.#isRetired = true;
    if (this.#batches.size > 0) {
      await new Promise<void>(resolve => {
        this.#onEmpty = resolve;
      });
    }
    await this[Symbol.asyncDispose]();
  }

  /** Ends the process; batches that were not answered are dropped silently. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#batches.clear();
    this.#onEmpty();
    await this.#worker[Symbol.asyncDispose]();
  }

  #receive({ batch, answers, busyMs, processorMs, peakRssBytes }: BatchAnswer): void {
    const requests = this.#batches.get(batch);
    if (requests === undefined) return;
    this.#batches.delete(batch);
    this.#worker.isAwaiting = this.#batches.size > 0;
    this.#answered++;
    this.#busyMs += busyMs;
    this.#processorMs += processorMs;
    this.#peakRssBytes = Math.max(this.#peakRssBytes, peakRssBytes);
    this.#events.onAnswers({ requests, answers, busyMs });
    if (this.#batches.size === 0) this.#onEmpty();
    this.#events.onFree();
  }

  #lose(exit: WorkerExit): void {
    const batches = [...this.#batches.values()];
    this.#batches.clear();
    this.#onEmpty();
    this.#events.onLost({ batches, exit });
  }
}
