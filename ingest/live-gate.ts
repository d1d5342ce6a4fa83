import type { Clock } from './clock.ts';

/**
 * Which frames of a live source are served when the consumer is slower. `every-frame`: all, in order, whatever their age;
 * only a full queue drops the newest. `auto`: all in order while the consumer keeps up, but none older than the staleness
 * bound. `freshest`: the newest alone.
 */
export type LiveMode = 'every-frame' | 'auto' | 'freshest';

/** Why a frame of a live source was never served. */
export type LiveDropReason = 'stale' | 'superseded' | 'full';

/** How a live source is served. */
export interface LiveOptions {
  /** Default `auto`. */
  readonly mode?: LiveMode;
  /** `auto`: longest wait of a served frame in ms, above 0. Default 500 (roboflow/inference's limit). */
  readonly stalenessMs?: number;
  /** Most frames that wait, 1 or more. Default 64. */
  readonly limit?: number;
}

/**
 * The queue in front of a consumer of live frames: it never holds back the camera, so it drops by rule and counts each
 * drop with its reason.
 */
export class LiveGate<Item> {
  readonly #options: Required<LiveOptions>;
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #onDrop: (item: Item, reason: LiveDropReason) => void;
  readonly #waiting: { readonly item: Item; readonly sinceMs: number }[] = [];
  readonly #dropped: Record<LiveDropReason, number> = { stale: 0, superseded: 0, full: 0 };
  #hasEnded = false;
  #wake: () => void = () => undefined;

  /**
   * Starts empty.
   * @param onDrop - Told of each frame that is dropped, as it is dropped.
   */
  constructor(
    { mode = 'auto', stalenessMs = 500, limit = 64 }: LiveOptions,
    clock: Pick<Clock, 'nowMs'>,
    onDrop: (item: Item, reason: LiveDropReason) => void = () => undefined,
  ) {
    this.#options = { mode, stalenessMs, limit };
    this.#clock = clock;
    this.#onDrop = onDrop;
  }

  /** Frames dropped so far, by reason. */
  get dropped(): Readonly<Record<LiveDropReason, number>> {
    return { ...this.#dropped };
  }

  /** Frames that wait now. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Takes a frame that has arrived.
   * @param sinceMs - When it did, on the gate's clock. Default: just now.
   */
  offer(item: Item, sinceMs: number = this.#clock.nowMs()): void {
    const { mode, limit } = this.#options;
    if (mode === 'freshest') this.#drop('superseded', this.#waiting.length);
    else if (this.#waiting.length >= limit) {
      if (mode === 'every-frame') {
        this.#dropped.full++;
        this.#onDrop(item, 'full');
        return;
      }
      this.#drop('full', 1);
    }
    this.#waiting.push({ item, sinceMs });
    this.#wake();
  }

  /** The next frame to serve; undefined when none waits. */
  take(): Item | undefined {
    const { mode, stalenessMs } = this.#options;
    if (mode === 'auto') {
      const oldestMs = this.#clock.nowMs() - stalenessMs;
      const fresh = this.#waiting.findIndex(({ sinceMs }) => sinceMs >= oldestMs);
      this.#drop('stale', fresh < 0 ? this.#waiting.length : fresh);
    }
    return this.#waiting.shift()?.item;
  }

  /** Nothing more arrives. */
  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  /** Frames one by one as the consumer asks for them, until {@link end} or the signal. */
  async *batches(signal: AbortSignal): AsyncGenerator<readonly Item[]> {
    const wake = (): void => this.#wake();
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted) {
        const item = this.take();
        if (item !== undefined) yield [item];
        else if (this.#hasEnded) return;
        else await new Promise<void>(resolve => (this.#wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  #drop(reason: LiveDropReason, count: number): void {
    for (const { item } of this.#waiting.splice(0, count)) this.#onDrop(item, reason);
    this.#dropped[reason] += count;
  }
}
