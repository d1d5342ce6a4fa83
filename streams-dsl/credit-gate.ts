import { Observable } from 'rxjs';

/** A hold on the item that is being passed: its source counts it as unfinished until it is let go. */
export interface Credit {
  /** Passes something on that came of the item, then lets go; who keeps it meanwhile takes a hold of its own. */
  pass(emit: () => void): void;
  /** Lets go. */
  release(): void;
}

/**
 * Bounds how many items of one source are unfinished. RxJS has no back-pressure: whoever keeps an item beyond the call
 * that brought it (an operator that awaits something, a sink) takes a hold by {@link holdCredit}, and the source waits
 * while `limit` items are held.
 *
 * Not counted: what an operator of RxJS itself or of the user keeps by itself (`delay`, `mergeMap`).
 */
export class CreditGate {
  readonly #limit: number;
  #held = 0;
  #mostHeld = 0;
  #isPaused = false;
  #wake: () => void = () => undefined;

  /** @param limit - Most items held, 1 or more. Default 64: at 25 fps more than two seconds of one stream. */
  constructor(limit = 64) {
    this.#limit = limit;
  }

  /** Items held now. */
  get held(): number {
    return this.#held;
  }

  /** Most items that were held at once so far. */
  get mostHeld(): number {
    return this.#mostHeld;
  }

  /** Whether the next item must wait. */
  get isClosed(): boolean {
    return this.#isPaused || this.#held >= this.#limit;
  }

  /** Lets nothing more through until {@link resume}. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Lets items through again. */
  resume(): void {
    this.#isPaused = false;
    this.#wake();
  }

  /** Resolves when an item may pass, or when `wake` is called. */
  async opened(): Promise<void> {
    if (this.isClosed) await new Promise<void>(resolve => (this.#wake = resolve));
  }

  /** Resolves when nothing is held any more, or when `wake` is called. */
  async drained(): Promise<void> {
    if (this.#held > 0) await new Promise<void>(resolve => (this.#wake = resolve));
  }

  /** Wakes who waits at {@link opened} or {@link drained}: the source is to end. */
  wake(): void {
    this.#wake();
  }

  /** Passes one item: all holds taken during the call count as one. */
  pass(emit: () => void): void {
    new Passage(this).pass(emit);
  }

  /** Counts one item more. For {@link Passage}. */
  take(): void {
    this.#held++;
    this.#mostHeld = Math.max(this.#mostHeld, this.#held);
  }

  /** Counts one item less. For {@link Passage}. */
  give(): void {
    this.#held--;
    if (!this.isClosed || this.#held === 0) this.#wake();
  }
}

/** One item on its way; unfinished until the last hold is let go. */
class Passage implements Credit {
  readonly #gate: CreditGate;
  #holds = 0;

  constructor(gate: CreditGate) {
    this.#gate = gate;
    this.hold();
  }

  hold(): void {
    if (this.#holds++ === 0) this.#gate.take();
  }

  release(): void {
    if (--this.#holds === 0) this.#gate.give();
  }

  pass(emit: () => void): void {
    const outer = passing;
    passing = this;
    try {
      emit();
    } finally {
      passing = outer;
      this.release();
    }
  }
}

/** What is being passed in the present call: RxJS hands items on synchronously. */
let passing: Passage | null = null;

const noCredit: Credit = { pass: emit => emit(), release: () => undefined };

/** Takes a hold on the item that is being passed; outside a gate it holds nothing. */
export function holdCredit(): Credit {
  if (passing === null) return noCredit;
  passing.hold();
  return passing;
}

/**
 * The only door from an `AsyncIterable` into RxJS: pulls a batch when the gate is open, passes its items one by one, and
 * waits whenever the gate is closed. Unsubscribing ends the source.
 *
 * Held at most: the gate's limit, and the rest of one batch.
 * @param source - Opened when subscribed; batches of any length. The signal is aborted on unsubscription.
 */
export function gatedSource<Item>(
  source: (signal: AbortSignal) => AsyncIterable<readonly Item[]>,
  gate: CreditGate,
): Observable<Item> {
  return new Observable(subscriber => {
    const ending = new AbortController();
    const pump = async (): Promise<void> => {
      for await (const batch of source(ending.signal)) {
        for (const item of batch) {
          while (gate.isClosed && !ending.signal.aborted) await gate.opened();
          if (ending.signal.aborted) return;
          gate.pass(() => subscriber.next(item));
        }
        while (gate.isClosed && !ending.signal.aborted) await gate.opened();
        if (ending.signal.aborted) return;
      }
    };
    pump().then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => {
      ending.abort();
      gate.wake();
    };
  });
}
