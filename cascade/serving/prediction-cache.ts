/** How a cache is bounded. */
export interface PredictionCacheOptions<Answer> {
  /** Most bytes of answers and keys that are kept, 0 or more. */
  readonly maxBytes: number;
  /** Bytes that an answer takes. */
  sizeOf(answer: Answer): number;
}

/** What a cache has done so far. */
export interface PredictionCacheStats {
  /** Questions whose answer was remembered. */
  readonly hits: number;
  /** Questions that joined an equal one under way. */
  readonly joined: number;
  /** Questions that were asked. */
  readonly misses: number;
  /** Answers that were forgotten to make room. */
  readonly evictions: number;
  /** Answers kept now. */
  readonly entries: number;
  /** Bytes that they take. */
  readonly bytes: number;
}

/** An answer, and whether it had been there or under way. */
export interface CachedAnswer<Answer> {
  readonly answer: Answer;
  readonly isCached: boolean;
}

/** A question under way. */
interface Flight<Answer> {
  readonly answer: Promise<Answer>;
  /** Gives it up; undefined: somebody waits for it who never gives up. */
  readonly giveUp: AbortController | undefined;
  waiting: number;
}

/**
 * Remembers answers by key, the ones not asked for longest forgotten first, and asks equal questions that come at the same
 * time only once (Crankshaw et al., Clipper, NSDI 2017, section 4.2). Failures are not remembered.
 */
export class PredictionCache<Answer> {
  readonly #options: PredictionCacheOptions<Answer>;
  /** Oldest use first. */
  readonly #kept = new Map<string, { readonly answer: Answer; readonly bytes: number }>();
  readonly #flights = new Map<string, Flight<Answer>>();
  #bytes = 0;
  #hits = 0;
  #joined = 0;
  #misses = 0;
  #evictions = 0;

  constructor(options: PredictionCacheOptions<Answer>) {
    this.#options = options;
  }

  /** What it has done so far. */
  get stats(): PredictionCacheStats {
    const [hits, joined, misses, evictions] = [this.#hits, this.#joined, this.#misses, this.#evictions];
    return { hits, joined, misses, evictions, entries: this.#kept.size, bytes: this.#bytes };
  }

  /**
   * The answer to a question.
   * @param key - Equal for equal questions only.
   * @param ask - Asks; called before this returns, or never. Its signal is aborted when nobody waits any more.
   * @param signal - Gives up waiting: the promise rejects with its reason.
   */
  ask(
    key: string,
    ask: (signal: AbortSignal | undefined) => Promise<Answer>,
    signal?: AbortSignal,
  ): Promise<CachedAnswer<Answer>> {
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#hits++;
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return Promise.resolve({ answer: kept.answer, isCached: true });
    }
    const known = this.#flights.get(key);
    if (known !== undefined) {
      this.#joined++;
      return this.#wait(key, known, true, signal);
    }
    this.#misses++;
    const giveUp = signal === undefined ? undefined : new AbortController();
    const flight = { answer: ask(giveUp?.signal), giveUp, waiting: 0 };
    this.#flights.set(key, flight);
    const land = (): void => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    flight.answer.then(
      answer => {
        land();
        this.#keep(key, answer);
      },
      () => land(),
    );
    return this.#wait(key, flight, false, signal);
  }

  /** Forgets everything; what is under way goes on. */
  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }

  #wait(
    key: string,
    flight: Flight<Answer>,
    isCached: boolean,
    signal: AbortSignal | undefined,
  ): Promise<CachedAnswer<Answer>> {
    flight.waiting++;
    const answered = flight.answer.then(answer => ({ answer, isCached }));
    if (signal === undefined) return answered;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        reject(signal.reason);
        if (--flight.waiting > 0 || flight.giveUp === undefined) return;
        // Whoever comes now must not join what is given up.
        this.#flights.delete(key);
        flight.giveUp.abort(signal.reason);
      };
      if (signal.aborted) {
        leave();
        answered.catch(() => undefined);
        return;
      }
      signal.addEventListener('abort', leave);
      const stop = (): void => signal.removeEventListener('abort', leave);
      answered.finally(stop).then(resolve, reject);
    });
  }

  #keep(key: string, answer: Answer): void {
    const bytes = this.#options.sizeOf(answer) + key.length;
    if (bytes > this.#options.maxBytes) return;
    this.#bytes += bytes;
    this.#kept.set(key, { answer, bytes });
    for (const [oldest, { bytes: freed }] of this.#kept) {
      if (this.#bytes <= this.#options.maxBytes) return;
      this.#kept.delete(oldest);
      this.#bytes -= freed;
      this.#evictions++;
    }
  }
}
