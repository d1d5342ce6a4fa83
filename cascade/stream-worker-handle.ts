import {
  type Damage,
  type FootageInfo,
  type FrameIndex,
  type FrameRange,
  type FrameTable,
  type OpenFootageOptions,
  type PaceOptions,
  type SaccadeError,
  type SupervisedWorker,
  superviseWorker,
  type WorkerLauncher,
} from '../ingest/index.ts';
import { addTimes, noTimes } from './cascade-stats.ts';
import type { Picture } from './models/model-input.ts';
import { RangeWork } from './range-work.ts';
import {
  creditsOf,
  type FromStreamWorker,
  type LookColumns,
  type StageTimes,
  type StreamProgramConfig,
  type ToStreamWorker,
  type WorkerVitals,
} from './stream-protocol.ts';

/** What a stream worker tells the run that it works for. */
export interface StreamWorkerEvents {
  /** An uncertain frame: the promise settles when it has been answered or given up. */
  ask(frame: FrameIndex, picture: Picture): Promise<void>;
  /** A range is settled but for its asks. */
  looked(range: FrameRange, looks: LookColumns): void;
  /** Keyframes were looked at; the insides of their groups wait for `resolve`. */
  groups(ranges: readonly FrameRange[], looks: LookColumns): void;
  /** The worker died at this place again and again: its frames count as lost. */
  lost(range: FrameRange): void;
  /** The worker has nothing more to read. */
  idle(): void;
  /** Resolves when more may be read: what was answered has been taken. */
  drained(): Promise<void>;
  /** The worker cannot go on. */
  failed(error: SaccadeError): void;
}

/** What a stream worker found in the footage. */
export interface OpenedByWorker {
  readonly info: FootageInfo;
  readonly table: FrameTable;
}

/** What a stream worker is started with. */
export interface StreamWorkerOptions {
  readonly footage: OpenFootageOptions;
  readonly program: StreamProgramConfig;
  /** Frames whose answer is known already: they are not looked at. */
  readonly known: Uint32Array;
  /** When frames arrive, for footage that is played as a camera would send it; null: they all have. */
  pace(): PaceOptions | null;
  /** Starts the process; undefined: a process of its own. */
  readonly launcher: WorkerLauncher | undefined;
  /** Where looking may begin so that a frame is reached: the frame itself, or the keyframe before it. */
  startAt(frame: FrameIndex): FrameIndex;
  /** Where the decoder gets past a place that kills it: the next keyframe. */
  endOfPlace(frame: FrameIndex): FrameIndex;
}

/** Deaths of a worker at one place after which the frames there count as lost: chance may kill it twice. */
const deathsUntilLost = 3;

/**
 * One stream worker process, from the main process: hands it ranges, gives credits, and when it dies has its successor
 * repeat what was not settled.
 */
export class StreamWorkerHandle implements AsyncDisposable {
  readonly #worker: SupervisedWorker<ToStreamWorker>;
  readonly #options: StreamWorkerOptions;
  readonly #events: StreamWorkerEvents;
  /** Ranges given and not settled to their end, oldest first. */
  readonly #work: RangeWork[] = [];
  readonly #opened: Promise<OpenedByWorker>;
  /** Counts the processes: answers to the asks of a dead one give its successor no credit. */
  #generation = 0;
  #asks: Promise<void>[] = [];
  #reading = false;
  /** Chunks or groups that the worker may still send unanswered. */
  #credits: number;
  #vitals: WorkerVitals | null = null;
  #earlierTimes: StageTimes = noTimes;
  #peakRssBytes = 0;

  /** Starts a process and has it open the footage and load its models. */
  constructor(options: StreamWorkerOptions, events: StreamWorkerEvents) {
    this.#options = options;
    this.#events = events;
    this.#credits = creditsOf[options.program.skip.kind];
    let settle: { resolve(footage: OpenedByWorker): void; reject(error: SaccadeError): void } | undefined;
    this.#opened = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.#worker = superviseWorker<ToStreamWorker, FromStreamWorker>({
      name: 'the stream worker',
      file: new URL('./stream-worker.js', import.meta.url),
      ...(options.launcher !== undefined && { launcher: options.launcher }),
      onReady: () => {
        this.#worker.send({ type: 'open', footage: options.footage, program: options.program });
      },
      onMessage: message => {
        if (message.type === 'opened') settle?.resolve(message);
        this.#receive(message);
        this.#watch();
      },
      onExit: () => this.#died(),
      onGiveUp: error => {
        settle?.reject(error);
        events.failed(error);
      },
    });
  }

  /**
   * Resolves once the first process has opened the footage and loaded its models.
   * @throws what that throws.
   */
  get opened(): Promise<OpenedByWorker> {
    return this.#opened;
  }

  /** Whether the worker has nothing more to read. */
  get isIdle(): boolean {
    return !this.#reading && this.#work.every(({ isGiven }) => isGiven);
  }

  /** Gives the worker a range to look at, behind those that it has. */
  look(range: FrameRange): void {
    this.#work.push(new RangeWork(range));
    this.#readNext();
  }

  /** Tells what becomes of the inside of a group that this worker holds. */
  resolve(range: FrameRange, refine: boolean): void {
    if (!refine) this.#settle({ from: range.from + 1, to: range.to });
    this.#credits++;
    this.#worker.send({ type: 'resolve', keyframe: range.from, refine });
    this.#watch();
  }

  /** Whether the worker holds the group that begins at a keyframe. */
  holds(keyframe: FrameIndex): boolean {
    return this.#work.some(({ range }) => range.from <= keyframe && keyframe < range.to);
  }

  /** Times by stage, damage and memory of all its processes so far. */
  get vitals(): WorkerVitals {
    const { times, damage } = this.#vitals ?? { times: noTimes, damage: noDamage };
    return { times: addTimes(this.#earlierTimes, times), damage, rssBytes: this.#peakRssBytes };
  }

  /** Id of the process; undefined while it is being restarted. */
  get pid(): number | undefined {
    return this.#worker.pid;
  }

  /** Resident memory of the process in bytes, as of its last message; 0 before the first. */
  get rssBytes(): number {
    return this.#vitals?.rssBytes ?? 0;
  }

  /** Processes that died and were started anew. */
  get restarts(): number {
    return this.#worker.restarts;
  }

  /** Ends the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker[Symbol.asyncDispose]();
  }

  #receive(message: FromStreamWorker): void {
    if ('vitals' in message) {
      this.#vitals = message.vitals;
      this.#peakRssBytes = Math.max(this.#peakRssBytes, message.vitals.rssBytes);
    }
    switch (message.type) {
      case 'opened':
        // After a restart: the successor repeats what its predecessor had not settled.
        for (const work of this.#work) work.isGiven = false;
        if (this.#work.length > 0) this.#readNext();
        break;
      case 'alive':
        break;
      case 'ask':
        this.#asks.push(this.#events.ask(message.frame, message.picture));
        break;
      case 'looked':
        this.#credits--;
        this.#events.looked(message.range, message.looks);
        this.#settle(message.range);
        void this.#creditWhenAnswered(this.#asks);
        this.#asks = [];
        break;
      case 'groups':
        this.#credits -= message.ranges.length;
        this.#asks = [];
        for (const { from } of message.ranges) this.#settle({ from, to: from + 1 });
        this.#events.groups(message.ranges, message.looks);
        break;
      case 'range-done':
        this.#reading = false;
        this.#readNext();
        break;
    }
  }

  async #creditWhenAnswered(asks: readonly Promise<void>[]): Promise<void> {
    const generation = this.#generation;
    await Promise.all(asks);
    await this.#events.drained();
    if (generation !== this.#generation) return;
    this.#credits++;
    this.#worker.send({ type: 'credit' });
    this.#watch();
  }

  #settle(range: FrameRange): void {
    for (const work of this.#work) work.settle(range);
    const done = this.#work.findIndex(work => !work.isSettled);
    this.#work.splice(0, done < 0 ? this.#work.length : done);
  }

  #readNext(): void {
    if (this.#reading) return;
    const work = this.#work.find(({ isGiven }) => !isGiven);
    if (work === undefined) {
      this.#events.idle();
      return;
    }
    this.#reading = true;
    work.isGiven = true;
    const { startAt, known, pace } = this.#options;
    const range = { from: Math.max(work.range.from, startAt(work.settledTo)), to: work.range.to };
    const knownHere = known.filter(frame => frame >= range.from && frame < range.to);
    this.#worker.send({ type: 'look', range, known: knownHere, pace: pace() });
  }

  #died(): void {
    this.#generation++;
    this.#credits = creditsOf[this.#options.program.skip.kind];
    this.#asks = [];
    this.#reading = false;
    this.#earlierTimes = this.vitals.times;
    this.#vitals = null;
    const [first] = this.#work;
    if (first === undefined || ++first.deaths < deathsUntilLost) return;
    const place = { from: first.settledTo, to: Math.min(this.#options.endOfPlace(first.settledTo), first.range.to) };
    this.#events.lost(place);
    this.#settle(place);
  }

  /** Has the supervisor watch for silence while the worker has something to do and may do it. */
  #watch(): void {
    this.#worker.isAwaiting = this.#reading && this.#credits > 0;
  }
}

const noDamage: Damage = { refusedPackets: 0, concealedFrames: 0 };
