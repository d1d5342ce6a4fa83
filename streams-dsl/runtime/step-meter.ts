import { channel } from 'node:diagnostics_channel';
import { Observable, type OperatorFunction } from 'rxjs';

/** What one step has done so far. */
export interface StepMeasures {
  /** Items taken. */
  readonly rowsIn: number;
  /** Items given on. */
  readonly rowsOut: number;
  /** Items that the step keeps now and kept at most: asked about, but not answered. 0 for steps that keep none. */
  readonly waiting: { readonly now: number; readonly most: number };
  /** Time of the main process within the step alone, in ms; 0 unless times are measured. */
  readonly mainMs: number;
}

/** A message on the channel `saccade:step`: a step of a running pipeline has given on an item. */
export interface StepMessage {
  /** Id of the step in the plan. */
  readonly step: string;
  /** Items that it has given on so far. */
  readonly rowsOut: number;
  /** Items that it has taken so far. */
  readonly rowsIn: number;
}

/** Channel of `node:diagnostics_channel` on which exporters listen. */
export const stepChannel = 'saccade:step';

const steps = channel(stepChannel);

interface StepMeterOptions {
  readonly isTimed: boolean;
  readonly keeps: boolean;
  readonly inputs: readonly StepMeter[];
}

/** Counts what passes one step, and measures the time in it when told to. */
export class StepMeter {
  readonly #id: string;
  readonly #isTimed: boolean;
  readonly #keeps: boolean;
  readonly #inputs: readonly StepMeter[];
  #mostWaiting = 0;
  #rowsOut = 0;
  #mainMs = 0;

  /**
   * Starts at zero.
   * @param options.isTimed - Whether times are measured too: two clock readings an item.
   * @param options.keeps - Whether each item that the step takes waits in it until one comes out.
   * @param options.inputs - Meters of the steps that it takes from: what they gave is what it has taken.
   */
  constructor(id: string, { isTimed, keeps, inputs }: StepMeterOptions) {
    this.#id = id;
    this.#isTimed = isTimed;
    this.#keeps = keeps;
    this.#inputs = inputs;
  }

  /** What was counted so far. */
  get measures(): StepMeasures {
    const rowsIn = this.#rowsIn;
    const now = this.#keeps ? rowsIn - this.#rowsOut : 0;
    const waiting = { now, most: this.#mostWaiting };
    return { rowsIn, rowsOut: this.#rowsOut, waiting, mainMs: this.#mainMs };
  }

  /** The step with its items counted. */
  around<In, Out>(operator: OperatorFunction<In, Out>): OperatorFunction<In, Out> {
    // A layer of RxJS costs a fifth of a µs an item: there is one only where something is measured on the way in.
    const isWatched = this.#isTimed || this.#keeps;
    return source => this.out(operator(isWatched ? this.#in(source) : source));
  }

  /** Counts what comes out, of a step that takes nothing. */
  out<Item>(source: Observable<Item>): Observable<Item> {
    return new Observable(subscriber =>
      source.subscribe({
        next: item => {
          this.#rowsOut++;
          if (steps.hasSubscribers) {
            steps.publish({ step: this.#id, rowsOut: this.#rowsOut, rowsIn: this.#rowsIn } satisfies StepMessage);
          }
          subscriber.next(item);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
  }

  #in<Item>(source: Observable<Item>): Observable<Item> {
    return new Observable(subscriber =>
      source.subscribe({
        next: item => {
          if (this.#isTimed) this.#time(() => subscriber.next(item));
          else subscriber.next(item);
          if (this.#keeps) this.#mostWaiting = Math.max(this.#mostWaiting, this.#rowsIn - this.#rowsOut);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
  }

  get #rowsIn(): number {
    return this.#inputs.reduce((rows, input) => rows + input.#rowsOut, 0);
  }

  /** Steps call each other: what the later ones take is theirs. */
  #time(pass: () => void): void {
    const outer = timed;
    const own = { othersMs: 0 };
    timed = own;
    const started = performance.now();
    try {
      pass();
    } finally {
      const tookMs = performance.now() - started;
      timed = outer;
      if (outer !== null) outer.othersMs += tookMs;
      this.#mainMs += tookMs - own.othersMs;
    }
  }
}

/** The innermost step that is being timed. */
let timed: { othersMs: number } | null = null;
