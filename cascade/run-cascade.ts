import { parse } from 'node:path';
import {
  checkUnchanged,
  type FootageInfo,
  type FrameIndex,
  type FrameRange,
  type FrameTable,
  type LiveOptions,
  machineMs,
  type OpenFootageOptions,
  SaccadeError,
  type WorkerLauncher,
} from '../ingest/index.ts';
import { AnswerAssembler } from './answer-assembler.ts';
import type { CascadeStats } from './cascade-stats.ts';
import { cutRanges, keyframeAfter } from './cut-ranges.ts';
import type { Decision } from './decision.ts';
import type { Detection } from './detection.ts';
import type { Device } from './engines/device.ts';
import type { CascadeErrorCode } from './errors.ts';
import { lookStart } from './group-batches.ts';
import { GroupResolver } from './group-resolver.ts';
import type { Picture } from './models/model-input.ts';
import { ModelPool } from './models/model-pool.ts';
import type { SkipRule } from './plan.ts';
import type { PreparedPlan } from './prepare-plan.ts';
import { residentMemory } from './resident-memory.ts';
import { type LookColumns, lookKinds, type WorkerVitals } from './stream-protocol.ts';
import { type StreamWorkerEvents, StreamWorkerHandle, type StreamWorkerOptions } from './stream-worker-handle.ts';

/** How to run a cascade over footage. */
export interface CascadeOptions {
  readonly plan: PreparedPlan;
  readonly footage: OpenFootageOptions;
  /** Stream workers that share the footage, cut at keyframes, 1 or more. Default 1. */
  readonly workers?: number;
  /** Processes that run the reference model, 1 or more. Default 1. */
  readonly replicas?: number;
  /** What an ONNX reference model runs on. Default `cpu`. */
  readonly device?: Device | undefined;
  /** Answers to the first frames, from an earlier run that was interrupted. Default none. */
  readonly history?: readonly Pick<Decision, 'rawLabel' | 'decidedBy'>[];
  /** What the reference model is known to say of some frames: they are not asked again. Default none. */
  readonly known?: ReadonlyMap<FrameIndex, readonly Detection[]>;
  /**
   * Answers in the place of an own model worker, so that several runs can share one; `replicas` does not matter then.
   * Rejects with an error about the one picture, or with one that ends the run. Default: the run starts its own.
   */
  readonly ask?: (frame: FrameIndex, picture: Picture) => Promise<readonly Detection[]>;
  /** Starts the stream workers; several runs may share a process by it. Default: a process each. */
  readonly launcher?: WorkerLauncher;
  /**
   * Plays the footage at its own times, as if a camera sent it, from the moment when the decisions are first asked for; by
   * these rules frames are dropped for which there is no time. Only with the skip rule `every` and one worker. Default: every
   * frame is there from the start, and the reader waits.
   */
  readonly live?: LiveOptions;
  /** Called with each new answer of the reference model, in no particular order. */
  readonly onAnswer?: (frame: FrameIndex, detections: readonly Detection[]) => void;
}

/** Decisions that may wait to be taken before the workers pause. */
const mostWaitingDecisions = 4096;
/** Ranges under way for each worker: one is read while another waits for its turn. */
const rangesPerWorker = 2;

/** What is known once the footage has been opened. */
interface OpenedFootage {
  readonly info: FootageInfo;
  readonly table: FrameTable;
  readonly assembler: AnswerAssembler;
  readonly groups: GroupResolver;
  /** In frame order; the first `given` of them have been given to workers. */
  readonly ranges: readonly FrameRange[];
  given: number;
}

/**
 * A cascade over footage: stream workers look, a model worker answers what they are unsure of, decisions come out in frame
 * order. Nothing is decoded or inferred in this process. Dispose it to end its processes.
 */
export class CascadeRun implements AsyncDisposable {
  readonly #options: CascadeOptions;
  readonly #workers: StreamWorkerHandle[];
  #pool: ModelPool | null = null;
  #opened: OpenedFootage | null = null;
  readonly #startedMs: number = performance.now();
  #readyMs = 0;
  #endedMs: number | null = null;
  #waiting: Decision[] = [];
  #error: unknown = null;
  /** Wakes whoever takes the decisions. */
  #wake: () => void = () => {};
  /** Wakes the credits that wait until decisions have been taken. */
  #drained: (() => void)[] = [];
  #peakRssBytes = 0;
  #playedSinceMs: number | null = null;

  private constructor(options: CascadeOptions) {
    this.#options = options;
    const { plan, footage, workers = 1, known, launcher, live } = options;
    const workerOptions: StreamWorkerOptions = {
      footage,
      program: plan.program,
      known: Uint32Array.from(known?.keys() ?? []),
      launcher,
      pace: () => (live === undefined || this.#playedSinceMs === null ? null : { startMs: this.#playedSinceMs, live }),
      startAt: frame => (plan.plan.skip.kind === 'every' ? frame : lookStart(this.table, frame)),
      endOfPlace: frame => keyframeAfter(this.table, frame),
    };
    this.#workers = Array.from({ length: workers }, () => {
      const worker: StreamWorkerHandle = new StreamWorkerHandle(
        workerOptions,
        this.#eventsOf(() => worker),
      );
      return worker;
    });
  }

  /**
   * Starts the workers, and resolves once all have opened the footage and loaded their models.
   * @throws what opening the footage and loading the models throw; nothing is left running then.
   */
  static async start(options: CascadeOptions): Promise<CascadeRun> {
    const run = new CascadeRun(options);
    try {
      await run.#open();
      return run;
    } catch (error) {
      await run[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What the footage is. */
  get info(): FootageInfo {
    return this.#footage.info;
  }

  /** Where its frames lie. */
  get table(): FrameTable {
    return this.#footage.table;
  }

  /**
   * Takes the decisions in frame order, in batches as they become certain; can be taken once. Ends after the last frame,
   * or early when the signal is aborted: what was certain by then has been handed out.
   * @throws what ended the run early, after all decisions that were certain; INGEST_FILE_CHANGED - when the file was found
   *   longer or shorter at its end, or before frames of it that were lost are handed out.
   */
  async *decisions({ signal }: { signal?: AbortSignal } = {}): AsyncGenerator<readonly Decision[]> {
    const wake = (): void => this.#wake();
    signal?.addEventListener('abort', wake);
    this.#playedSinceMs ??= machineMs();
    try {
      for (const worker of this.#workers) this.#assign(worker);
      this.#advance();
      while (signal?.aborted !== true) {
        const batch = this.#waiting.splice(0);
        for (const resume of this.#drained.splice(0)) resume();
        if (batch.some(isLost)) this.#checkFootage();
        if (batch.length > 0) yield batch;
        else if (this.#error !== null) throw this.#error;
        else if (this.#endedMs !== null) return this.#checkFootage();
        else await new Promise<void>(resolve => (this.#wake = resolve));
      }
    } finally {
      this.#endedMs ??= performance.now();
      signal?.removeEventListener('abort', wake);
    }
  }

  /** When the decisions were first asked for, on the clock of `machineMs`; null before. */
  get playedSinceMs(): number | null {
    return this.#playedSinceMs;
  }

  /** Ids of the worker processes that run now; one that is being restarted has none. */
  get pids(): Readonly<Record<'streamWorkers' | 'modelWorkers', readonly number[]>> {
    return { streamWorkers: this.#workers.flatMap(({ pid }) => pid ?? []), modelWorkers: this.#pool?.pids ?? [] };
  }

  /** Resident memory of the stream workers now, in bytes, summed; as of their last messages. */
  get streamWorkerRssBytes(): number {
    return this.#workers.reduce((total, worker) => total + worker.rssBytes, 0);
  }

  /** Times, memory and damage so far. */
  stats(): CascadeStats {
    const vitals = this.#workers.map(worker => worker.vitals);
    const sum = (of: (vitals: WorkerVitals) => number): number => vitals.reduce((total, one) => total + of(one), 0);
    const pool = this.#pool?.stats();
    const endedMs = this.#endedMs ?? performance.now();
    return {
      startupSeconds: (this.#readyMs - this.#startedMs) / 1000,
      runSeconds: (endedMs - this.#readyMs) / 1000,
      busySeconds: {
        decode: sum(({ times }) => times.decodeMs) / 1000,
        scale: sum(({ times }) => times.scaleMs) / 1000,
        difference: sum(({ times }) => times.differenceMs) / 1000,
        specialized: sum(({ times }) => times.specializedMs) / 1000,
        reference: (pool?.busyMs ?? 0) / 1000,
      },
      referenceCalls: pool?.calls ?? 0,
      peakRssBytes: {
        main: this.#peakRssBytes,
        streamWorkers: sum(({ rssBytes }) => rssBytes),
        modelWorkers: pool?.peakRssBytes ?? 0,
      },
      damage: {
        refusedPackets: sum(({ damage }) => damage.refusedPackets),
        concealedFrames: sum(({ damage }) => damage.concealedFrames),
      },
      restarts: this.#workers.reduce((total, worker) => total + worker.restarts, 0) + (pool?.restarts ?? 0),
    };
  }

  /** Ends all processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([
      this.#pool?.[Symbol.asyncDispose](),
      ...this.#workers.map(worker => worker[Symbol.asyncDispose]()),
    ]);
  }

  async #open(): Promise<void> {
    const { plan, replicas = 1, device, ask } = this.#options;
    const pool =
      ask === undefined &&
      ModelPool.start({ model: plan.referenceModel, replicas, device }).then(started => (this.#pool = started));
    // The streams' error comes first where both fail: a missing file says more than a process that was not needed.
    const [streams, model] = await Promise.allSettled([Promise.all(this.#workers.map(worker => worker.opened)), pool]);
    if (streams.status === 'rejected') throw streams.reason;
    if (model.status === 'rejected') throw model.reason;
    const [first] = streams.value;
    if (first === undefined) throw new RangeError('A cascade needs at least one stream worker.');
    this.#opened = this.#prepare(first.info, first.table);
    this.#readyMs = performance.now();
  }

  #prepare(info: FootageInfo, table: FrameTable): OpenedFootage {
    const { footage, plan: prepared, history = [], known } = this.#options;
    const { plan } = prepared;
    const frameCount = table.timestampsUs.length;
    const from = firstUnknown(plan.skip, { known, from: history.length, to: frameCount });
    const ranges = cutRanges(table, plan.skip, { workers: this.#workers.length, from });
    const start = ranges[0]?.from ?? frameCount;
    const assembler = new AnswerAssembler({
      stream: footage.streamId ?? parse(footage.path).name,
      table,
      predicate: plan.predicate,
      smoothingMs: plan.smoothingMs,
      history: history.slice(0, start),
    });
    assembler.settle({ from: Math.min(history.length, start), to: start });
    const tSkip = plan.skip.kind === 'every' ? plan.skip.tSkip : 1;
    for (const [frame, detections] of known ?? []) if (frame % tSkip === 0) assembler.addKnown(frame, detections);
    const groups = new GroupResolver(frame => assembler.rawLabel(frame), frameCount);
    return { info, table, assembler, groups, ranges, given: 0 };
  }

  get #footage(): OpenedFootage {
    if (this.#opened === null) throw new Error('The run was used before it had started.');
    return this.#opened;
  }

  #eventsOf(worker: () => StreamWorkerHandle): StreamWorkerEvents {
    return {
      ask: (frame, picture) => this.#ask(frame, picture),
      looked: (range, looks) => {
        this.#footage.assembler.addLooks(looks);
        this.#footage.assembler.settle(range);
        this.#advance();
      },
      groups: (ranges, looks) => {
        const { assembler, groups } = this.#footage;
        assembler.addLooks(looks);
        for (const range of ranges) {
          assembler.settle({ from: range.from, to: range.from + 1 });
          groups.add(range);
        }
        this.#advance();
      },
      lost: range => {
        const { skip } = this.#options.plan.plan;
        const tSkip = skip.kind === 'every' ? skip.tSkip : 1;
        this.#footage.assembler.addLooks(lostLooks(range, tSkip));
        this.#footage.assembler.settle(range);
        this.#advance();
      },
      idle: () => this.#assign(worker()),
      drained: () => this.#whenDrained(),
      failed: error => this.#fail(error),
    };
  }

  async #ask(frame: FrameIndex, picture: Picture): Promise<void> {
    const { assembler } = this.#footage;
    if (assembler.isAnswered(frame)) return;
    try {
      const detections = await (this.#options.ask?.(frame, picture) ?? this.#pool?.run(picture));
      if (detections === undefined) return;
      this.#options.onAnswer?.(frame, detections);
      assembler.addAnswer(frame, { detections });
    } catch (error) {
      if (!(error instanceof SaccadeError) || !aboutOneFrame.has(error.code)) return this.#fail(error);
      assembler.addAnswer(frame, error);
    }
    this.#advance();
  }

  #checkFootage(): void {
    checkUnchanged(this.#options.footage.path, this.info);
  }

  /** Gives a worker that has nothing to read the next range, unless too much is under way. */
  #assign(worker: StreamWorkerHandle): void {
    const { ranges, assembler } = this.#footage;
    const head = ranges.findIndex(({ to }) => to > assembler.next);
    const range = ranges[this.#footage.given];
    if (range === undefined || this.#footage.given >= head + this.#workers.length * rangesPerWorker) return;
    this.#footage.given++;
    worker.look(range);
  }

  /** Takes what has become certain. */
  #advance(): void {
    const { assembler, groups } = this.#footage;
    for (const { range, refine } of groups.take()) {
      if (!refine) assembler.settle({ from: range.from + 1, to: range.to });
      this.#workers.find(worker => worker.holds(range.from))?.resolve(range, refine);
    }
    const firstWanted = this.#options.history?.length ?? 0;
    this.#waiting.push(...assembler.take().filter(({ frame }) => frame >= firstWanted));
    for (const worker of this.#workers) if (worker.isIdle) this.#assign(worker);
    if (assembler.isComplete) this.#endedMs ??= performance.now();
    this.#peakRssBytes = Math.max(this.#peakRssBytes, residentMemory());
    this.#wake();
  }

  #whenDrained(): Promise<void> {
    // What waits here would grow stale after it was judged fresh.
    const most = this.#options.live === undefined ? mostWaitingDecisions : 1;
    if (this.#waiting.length < most) return Promise.resolve();
    return new Promise(resolve => this.#drained.push(resolve));
  }

  #fail(error: unknown): void {
    this.#error ??= error;
    this.#wake();
  }
}

function isLost(decision: Decision): boolean {
  return decision.decidedBy === 'failed' && decision.code === ('CASCADE_FRAME_LOST' satisfies CascadeErrorCode);
}

/** Errors of the reference model that concern one picture: the frame fails, the stream goes on. */
export const aboutOneFrame: ReadonlySet<string> = new Set<CascadeErrorCode>([
  'CASCADE_FRAME_LOST',
  'CASCADE_PICTURE_SIZE',
  'CASCADE_MODEL_RUN_FAILED',
  'CASCADE_MODEL_NO_ANSWER',
]);

/** First frame to look at whose answer is not known. */
function firstUnknown(
  skip: SkipRule,
  { known, from, to }: { known: CascadeOptions['known']; from: FrameIndex; to: FrameIndex },
): FrameIndex {
  if (known === undefined || known.size === 0 || skip.kind !== 'every') return from;
  let frame = Math.ceil(from / skip.tSkip) * skip.tSkip;
  while (frame < to && known.has(frame)) frame += skip.tSkip;
  return Math.min(frame, to);
}

function lostLooks({ from, to }: FrameRange, tSkip: number): LookColumns {
  const frames = Uint32Array.from({ length: to - from }, (_, i) => from + i).filter(frame => frame % tSkip === 0);
  const count = frames.length;
  return {
    frames,
    kinds: new Uint8Array(count).fill(lookKinds.indexOf('lost')),
    differences: new Float64Array(count).fill(Number.NaN),
    confidences: new Float64Array(count).fill(Number.NaN),
    comparedWith: new Int32Array(count).fill(-1),
  };
}
