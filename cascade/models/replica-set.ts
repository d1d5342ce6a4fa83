import type { SaccadeError } from '../../ingest/index.ts';
import { MOST_BATCHES, type ModelReplica, type ReplicaEvents, type ReplicaStats } from './model-replica.ts';
import type { ModelRequest } from './model-request.ts';
import type { ModelTensors } from './model-work.ts';

/** A replica as the pool uses it. */
export type PoolReplica = ModelReplica<ModelRequest>;

/** How replicas are made. */
export interface ReplicaSetOptions {
  /** Started at once, 1 or more. */
  readonly count: number;
  /** Makes one; `onGiveUp` of the events is the set's. */
  make(events: Pick<ReplicaEvents<ModelRequest>, 'onGiveUp'>): PoolReplica;
  /** The last one will not be started again. */
  onGiveUp(error: SaccadeError): void;
}

const nothing: ReplicaStats = { batches: 0, busyMs: 0, processorMs: 0, restarts: 0, peakRssBytes: 0 };

/** The replicas of a pool, whose number changes. */
export class ReplicaSet implements AsyncDisposable {
  readonly #options: ReplicaSetOptions;
  readonly #replicas: PoolReplica[] = [];
  readonly #ending = new Set<Promise<void>>();
  /** What replicas did that are no more. */
  #past = nothing;
  #tensors: ModelTensors | undefined;

  constructor(options: ReplicaSetOptions) {
    this.#options = options;
    for (let i = 0; i < options.count; i++) this.add();
  }

  /** Resolves when all have loaded the model. @throws what loading it throws. */
  get started(): Promise<unknown> {
    return Promise.all(this.#replicas.map(({ started }) => started));
  }

  /** Replicas, those that are starting included. */
  get count(): number {
    return this.#replicas.length;
  }

  /** Replicas that take batches now, or will when they have done what they have. */
  get ready(): number {
    return this.#replicas.reduce((count, { isReady }) => count + Number(isReady), 0);
  }

  /** Ids of the processes that run now. */
  get pids(): number[] {
    return this.#replicas.flatMap(({ pid }) => pid ?? []);
  }

  /** Tensors of the model. */
  get tensors(): ModelTensors {
    if (this.#tensors !== undefined) return this.#tensors;
    const found = this.#replicas.find(({ tensors }) => tensors.inputs.length > 0)?.tensors;
    this.#tensors = found;
    return found ?? { inputs: [], outputs: [] };
  }

  /** The one with the least to do that takes a batch; undefined: none does. @param most - Batches that it may have. */
  leastLoaded(most: number = Number.POSITIVE_INFINITY): PoolReplica | undefined {
    let least: PoolReplica | undefined;
    for (const replica of this.#replicas) {
      if (replica.load < (least?.load ?? Number.POSITIVE_INFINITY) && replica.load <= most) least = replica;
    }
    return least;
  }

  /** Replicas that have nothing to do. */
  get idle(): number {
    return this.#replicas.reduce((count, { load }) => count + Number(load === 0), 0);
  }

  /** Batches that could be taken now. */
  get openPlaces(): number {
    return this.#replicas.reduce((sum, { load }) => sum + Math.max(0, MOST_BATCHES - load), 0);
  }

  /** Batches that are under way. */
  get batches(): number {
    return this.#replicas.reduce((sum, { batches }) => sum + batches, 0);
  }

  /** Starts one more. */
  add(): void {
    const replica: PoolReplica = this.#options.make({
      onGiveUp: error => {
        this.#remove(replica);
        if (this.#replicas.length === 0) this.#options.onGiveUp(error);
      },
    });
    this.#replicas.push(replica);
  }

  /** Ends the youngest one when it has answered what it was given. */
  retire(): void {
    const replica = this.#replicas.at(-1);
    if (replica === undefined || this.#replicas.length === 1) return;
    this.#remove(replica);
    const ending = replica.retire().then(() => {
      this.#ending.delete(ending);
    });
    this.#ending.add(ending);
  }

  /** What all have done so far, those that are no more included. */
  get stats(): ReplicaStats {
    return this.#replicas.map(({ stats }) => stats).reduce(add, this.#past);
  }

  /** Ends all at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#replicas.map(replica => replica[Symbol.asyncDispose]()), ...this.#ending]);
  }

  #remove(replica: PoolReplica): void {
    const place = this.#replicas.indexOf(replica);
    if (place < 0) return;
    this.#replicas.splice(place, 1);
    this.#past = { ...add(this.#past, replica.stats), peakRssBytes: 0 };
  }
}

function add(a: ReplicaStats, b: ReplicaStats): ReplicaStats {
  return {
    batches: a.batches + b.batches,
    busyMs: a.busyMs + b.busyMs,
    processorMs: a.processorMs + b.processorMs,
    restarts: a.restarts + b.restarts,
    peakRssBytes: a.peakRssBytes + b.peakRssBytes,
  };
}
