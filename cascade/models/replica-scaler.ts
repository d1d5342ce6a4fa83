/** How many processes there may be. */
export interface ReplicaBounds {
  /** 1 or more. */
  readonly min: number;
  /** `min` or more. */
  readonly max: number;
}

/** What the processes did in one second. */
export interface ReplicaLoad {
  /** Processes, those that are starting included. */
  readonly replicas: number;
  /** Processes that run. */
  readonly ready: number;
  /** Share of the time in which the running ones were busy, 0–1. */
  readonly busyShare: number;
  /** Batches that wait, and works that were rejected because there was no time for them. */
  readonly waitingBatches: number;
  readonly shed: number;
}

/** Busier than this with something waiting is too busy: the rest is what arrives unevenly. */
const BUSY = 0.8;
/** A process less is enough when the others would then be less busy than this. */
const IDLE = 0.5;
/** Seconds in a row before one is added: starting one takes about as long. */
const ADD_AFTER = 2;
/** Seconds in a row before one is ended: one that is ended too early has to load the model again. */
const REMOVE_AFTER = 30;

/** Decides when a process is added or ended. Told of each second; knows no clock. */
export class ReplicaScaler {
  readonly #bounds: ReplicaBounds;
  #busy = 0;
  #idle = 0;

  constructor(bounds: ReplicaBounds) {
    this.#bounds = bounds;
  }

  /** Takes in a second. @returns 1: start one more, -1: end one, 0: leave them. */
  next({ replicas, ready, busyShare, waitingBatches, shed }: ReplicaLoad): -1 | 0 | 1 {
    const isBusy = shed > 0 || (busyShare > BUSY && waitingBatches >= 1);
    const isIdle = ready > 1 && (busyShare * ready) / (ready - 1) < IDLE;
    this.#busy = isBusy ? this.#busy + 1 : 0;
    this.#idle = isIdle && !isBusy ? this.#idle + 1 : 0;
    // What is starting has not helped yet.
    if (this.#busy >= ADD_AFTER && replicas === ready && replicas < this.#bounds.max) {
      this.#busy = 0;
      return 1;
    }
    if (this.#idle < REMOVE_AFTER || replicas <= this.#bounds.min) return 0;
    this.#idle = 0;
    return -1;
  }
}
