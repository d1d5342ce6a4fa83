import {
  type CameraCounts,
  type CameraOptions,
  type CameraStatus,
  cameraStreamName,
  type FrameIndex,
  type LiveOptions,
  SaccadeError,
} from '../ingest/index.ts';
import { AnswerAssembler } from './answer-assembler.ts';
import type { CascadeStats } from './cascade-stats.ts';
import type { Decision } from './decision.ts';
import type { Detection } from './detection.ts';
import type { Device } from './engines/device.ts';
import { cascadeErrors } from './errors.ts';
import { LiveWorkerHandle } from './live-worker-handle.ts';
import type { Picture } from './models/model-input.ts';
import { ModelPool } from './models/model-pool.ts';
import type { PreparedPlan } from './prepare-plan.ts';
import { residentMemory } from './resident-memory.ts';
import { aboutOneFrame } from './run-cascade.ts';

/** How to run a cascade over a camera. */
export interface LiveRunOptions {
  /** Its skip rule must be `every`. */
  readonly plan: PreparedPlan;
  readonly camera: CameraOptions;
  /** Which frames there is no time for. Default: those older than 0.5 s. */
  readonly live?: LiveOptions;
  /** Processes that run the reference model, 1 or more. Default 1. */
  readonly replicas?: number;
  /** What an ONNX reference model runs on. Default `cpu`. */
  readonly device?: Device | undefined;
  /** As for footage: answers in the place of an own model worker. */
  readonly ask?: (frame: FrameIndex, picture: Picture) => Promise<readonly Detection[]>;
  /** Told of each change of the camera's status. */
  readonly onStatus?: (status: CameraStatus) => void;
}

/** Longest wait for the last answers, once it is to end, in ms. */
const endGraceMs = 5000;

/**
 * A cascade over a camera, which is kept connected until the run is ended: one decision for each frame that arrived, in order,
 * indexes from 0 and unbroken by reconnects. Nothing is decoded or inferred in this process. Dispose it to end its processes.
 */
export class LiveRun implements AsyncDisposable {
  readonly #options: LiveRunOptions;
  readonly #worker: LiveWorkerHandle;
  readonly #assembler: AnswerAssembler;
  readonly #startedMs: number = performance.now();
  #pool: ModelPool | null = null;
  #readyMs = 0;
  #endedMs: number | null = null;
  #status: CameraStatus = { state: 'connecting', attempt: 1 };
  #waiting: Decision[] = [];
  #error: unknown = null;
  #hasEnded = false;
  #openAsks = 0;
  #wake: () => void = () => {};
  /** Wakes the credits that wait until decisions have been taken. */
  #drained: (() => void)[] = [];
  #peakRssBytes = 0;

  private constructor(options: LiveRunOptions) {
    this.#options = options;
    const { plan: prepared, camera, live = {} } = options;
    const { predicate, smoothingMs } = prepared.plan;
    const stream = camera.streamId ?? cameraStreamName(camera.url);
    this.#assembler = new AnswerAssembler({ stream, table: null, predicate, smoothingMs });
    this.#worker = new LiveWorkerHandle(
      { camera: { ...camera, streamId: stream }, program: prepared.program, live },
      {
        ask: (frame, picture, isVoid) => this.#ask(frame, picture, isVoid),
        arrived: ({ range, timestampsUs, looks, keepFrom }) => {
          this.#assembler.addLooks(looks);
          this.#assembler.settle(range, { timestampsUs, keepFrom });
          this.#advance();
        },
        passed: timestampUs => this.#take(this.#assembler.pass(timestampUs)),
        status: status => {
          this.#status = status;
          options.onStatus?.(status);
        },
        ended: () => {
          this.#hasEnded = true;
          this.#advance();
        },
        drained: () => this.#whenDrained(),
        failed: error => this.#fail(error),
      },
    );
  }

  /**
   * Starts the workers, and resolves once the models are loaded; whether the camera is connected is told by its status.
   * @throws CASCADE_LIVE_KEYFRAMES - when the plan looks at keyframes; what reading the credentials and loading the models
   *   throw; nothing is left running then.
   */
  static async start(options: LiveRunOptions): Promise<LiveRun> {
    const { plan } = options.plan;
    if (plan.skip.kind !== 'every') throw cascadeErrors.create('CASCADE_LIVE_KEYFRAMES', { plan: plan.name });
    const run = new LiveRun(options);
    try {
      await run.#open();
      return run;
    } catch (error) {
      await run[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What the camera does. */
  get status(): CameraStatus {
    return this.#status;
  }

  /** What the camera has done. */
  get counts(): CameraCounts {
    return this.#worker.counts;
  }

  /** Frames whose times and labels are kept in this process. */
  get keptFrames(): number {
    return this.#assembler.kept;
  }

  /** Ids of the worker processes that run now. */
  get pids(): Readonly<Record<'streamWorkers' | 'modelWorkers', readonly number[]>> {
    const { pid } = this.#worker;
    return { streamWorkers: pid === undefined ? [] : [pid], modelWorkers: this.#pool?.pids ?? [] };
  }

  /** Resident memory of the camera's worker now, in bytes; as of its last message. */
  get streamWorkerRssBytes(): number {
    return this.#worker.rssBytes;
  }

  /**
   * Takes the decisions in frame order, as they become certain; can be taken once. When the signal is aborted the camera is
   * left, and what has arrived by then is still handed out.
   * @throws what ended the run early, after all decisions that were certain.
   */
  async *decisions({ signal }: { signal?: AbortSignal } = {}): AsyncGenerator<readonly Decision[]> {
    let isLate = false;
    let cancel = (): void => undefined;
    const end = (): void => {
      this.#worker.end();
      const timer = setTimeout(() => {
        isLate = true;
        this.#wake();
      }, endGraceMs);
      cancel = () => clearTimeout(timer);
      this.#wake();
    };
    if (signal?.aborted === true) end();
    signal?.addEventListener('abort', end);
    try {
      for (;;) {
        const batch = this.#waiting.splice(0);
        for (const resume of this.#drained.splice(0)) resume();
        if (batch.length > 0) yield batch;
        else if (this.#error !== null) throw this.#error;
        else if (isLate || (this.#hasEnded && this.#assembler.isComplete)) return;
        else await new Promise<void>(resolve => (this.#wake = resolve));
      }
    } finally {
      cancel();
      this.#endedMs ??= performance.now();
      signal?.removeEventListener('abort', end);
    }
  }

  /** Times, memory and damage so far. */
  stats(): CascadeStats {
    const { times, damage, rssBytes } = this.#worker.vitals;
    const pool = this.#pool?.stats();
    return {
      startupSeconds: (this.#readyMs - this.#startedMs) / 1000,
      runSeconds: ((this.#endedMs ?? performance.now()) - this.#readyMs) / 1000,
      busySeconds: {
        decode: times.decodeMs / 1000,
        scale: times.scaleMs / 1000,
        difference: times.differenceMs / 1000,
        specialized: times.specializedMs / 1000,
        reference: (pool?.busyMs ?? 0) / 1000,
      },
      referenceCalls: pool?.calls ?? 0,
      peakRssBytes: { main: this.#peakRssBytes, streamWorkers: rssBytes, modelWorkers: pool?.peakRssBytes ?? 0 },
      damage,
      restarts: this.#worker.restarts + (pool?.restarts ?? 0),
    };
  }

  /** Ends all processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#pool?.[Symbol.asyncDispose](), this.#worker[Symbol.asyncDispose]()]);
  }

  async #open(): Promise<void> {
    const { plan, replicas = 1, device, ask } = this.#options;
    const pool =
      ask === undefined &&
      ModelPool.start({ model: plan.referenceModel, replicas, device }).then(started => (this.#pool = started));
    const [worker, model] = await Promise.allSettled([this.#worker.opened, pool]);
    if (worker.status === 'rejected') throw worker.reason;
    if (model.status === 'rejected') throw model.reason;
    this.#readyMs = performance.now();
  }

  async #ask(frame: FrameIndex, picture: Picture, isVoid: () => boolean): Promise<void> {
    this.#openAsks++;
    try {
      const detections = await (this.#options.ask?.(frame, picture) ?? this.#pool?.run(picture));
      if (detections !== undefined && !isVoid()) this.#assembler.addAnswer(frame, { detections });
    } catch (error) {
      if (!(error instanceof SaccadeError) || !aboutOneFrame.has(error.code)) return this.#fail(error);
      if (!isVoid()) this.#assembler.addAnswer(frame, error);
    } finally {
      this.#openAsks--;
    }
    this.#advance();
  }

  #advance(): void {
    if (this.#hasEnded && this.#openAsks === 0) this.#assembler.end();
    this.#take(this.#assembler.take());
  }

  #take(decisions: readonly Decision[]): void {
    this.#waiting.push(...decisions);
    this.#peakRssBytes = Math.max(this.#peakRssBytes, residentMemory());
    this.#wake();
  }

  #whenDrained(): Promise<void> {
    // What waits here would grow stale after it was judged fresh.
    if (this.#waiting.length < 1) return Promise.resolve();
    return new Promise(resolve => this.#drained.push(resolve));
  }

  #fail(error: unknown): void {
    this.#error ??= error;
    this.#wake();
  }
}
