import {
  type CameraCounts,
  type CameraOptions,
  type CameraStatus,
  type FrameIndex,
  type LiveOptions,
  type SaccadeError,
  type SupervisedWorker,
  superviseWorker,
} from '../ingest/index.ts';
import { addTimes, noTimes } from './cascade-stats.ts';
import type { ArrivedReport, FromLiveWorker, ToLiveWorker } from './live-protocol.ts';
import type { Picture } from './models/model-input.ts';
import type { StageTimes, StreamProgramConfig, WorkerVitals } from './stream-protocol.ts';

/** What the worker of a camera tells the run that it works for. */
export interface LiveWorkerEvents {
  /**
   * An uncertain frame: the promise settles when it has been answered or given up.
   * @param isVoid - Whether the worker has died before it reported the frame: its index will be that of another one.
   */
  ask(frame: FrameIndex, picture: Picture, isVoid: () => boolean): Promise<void>;
  /** Frames are settled but for their asks. */
  arrived(report: ArrivedReport): void;
  /** No frame before this time in µs since 1970 will come. */
  passed(timestampUs: number): void;
  /** The camera does something else than before. */
  status(status: CameraStatus): void;
  /** All that arrived has been reported: it was told to end. */
  ended(): void;
  /** Resolves when more may be looked at: what was answered has been taken. */
  drained(): Promise<void>;
  /** The worker cannot go on. */
  failed(error: SaccadeError): void;
}

/** What the worker of a camera is started with. */
export interface LiveWorkerOptions {
  readonly camera: CameraOptions;
  readonly program: StreamProgramConfig;
  readonly live: LiveOptions;
}

/** The worker tells that it lives once a second; a call into the decoder that blocks it for so long in ms never returns. */
const hangTimeoutMs = 20_000;
/** A camera is worth trying for ever: a worker that dies at once is started every 2.5 s on average. */
const restartLimit = { restarts: 60, windowMs: 60_000 };

const noCounts: CameraCounts = { frames: 0, limited: 0, reconnects: 0, codecChanges: 0, sizeChanges: 0 };
const noVitals: WorkerVitals = { times: noTimes, damage: { refusedPackets: 0, concealedFrames: 0 }, rssBytes: 0 };

/** The asks of one report: void when the worker dies before it sends the report. */
interface AskGroup {
  isVoid: boolean;
  readonly answered: Promise<void>[];
}

/**
 * The worker process of one camera, from the main process: gives credits, and when it dies starts another, which goes on with
 * the first frame that was not reported. Frames that had arrived and were not reported are lost with it.
 */
export class LiveWorkerHandle implements AsyncDisposable {
  readonly #worker: SupervisedWorker<ToLiveWorker>;
  readonly #options: LiveWorkerOptions;
  readonly #events: LiveWorkerEvents;
  readonly #opened: Promise<void>;
  #asks: AskGroup = { isVoid: false, answered: [] };
  #generation = 0;
  /** Where a new process begins. */
  #resume = { index: 0, timestampUs: 0 };
  #counts: CameraCounts = noCounts;
  #earlierCounts: CameraCounts = noCounts;
  #vitals: WorkerVitals = noVitals;
  #earlier: WorkerVitals = noVitals;
  #peakRssBytes = 0;
  #isEnding = false;

  /** Starts a process, which loads its models and connects to the camera. */
  constructor(options: LiveWorkerOptions, events: LiveWorkerEvents) {
    this.#options = options;
    this.#events = events;
    let settle: { resolve(): void; reject(error: SaccadeError): void } | undefined;
    this.#opened = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.#opened.catch(() => undefined);
    this.#worker = superviseWorker<ToLiveWorker, FromLiveWorker>({
      name: 'the worker of a camera',
      file: new URL('./live-worker.js', import.meta.url),
      hangTimeoutMs,
      restartLimit,
      onReady: () => this.#open(),
      onMessage: message => {
        if (message.type === 'opened') settle?.resolve();
        this.#receive(message);
      },
      onExit: () => this.#died(),
      onGiveUp: error => {
        settle?.reject(error);
        events.failed(error);
      },
    });
  }

  /** Resolves once the first process has loaded its models; the camera may still be out of reach. @throws what that throws. */
  get opened(): Promise<void> {
    return this.#opened;
  }

  /** What the camera has done, over all processes. */
  get counts(): CameraCounts {
    const [a, b] = [this.#earlierCounts, this.#counts];
    return {
      frames: a.frames + b.frames,
      limited: a.limited + b.limited,
      reconnects: a.reconnects + b.reconnects,
      codecChanges: a.codecChanges + b.codecChanges,
      sizeChanges: a.sizeChanges + b.sizeChanges,
    };
  }

  /** Times by stage, damage and memory of all processes. */
  get vitals(): WorkerVitals {
    const [a, b] = [this.#earlier, this.#vitals];
    const times: StageTimes = addTimes(a.times, b.times);
    const refusedPackets = a.damage.refusedPackets + b.damage.refusedPackets;
    const concealedFrames = a.damage.concealedFrames + b.damage.concealedFrames;
    return { times, damage: { refusedPackets, concealedFrames }, rssBytes: this.#peakRssBytes };
  }

  /** Id of the process; undefined while it is being restarted. */
  get pid(): number | undefined {
    return this.#worker.pid;
  }

  /** Resident memory of the process in bytes, as of its last message. */
  get rssBytes(): number {
    return this.#vitals.rssBytes;
  }

  /** Processes that died and were started anew. */
  get restarts(): number {
    return this.#worker.restarts;
  }

  /** Has the worker leave the camera and report what has arrived; then comes `ended`. */
  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (this.#worker.send({ type: 'end' }) === 'dropped') this.#events.ended();
  }

  /** Ends the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    await this.#worker[Symbol.asyncDispose]();
  }

  #open(): void {
    const { camera, program, live } = this.#options;
    this.#worker.send({ type: 'open', camera: { ...camera, resume: this.#resume }, program, live });
    // It gives a sign of life every second, whatever the camera does; loading models may take longer than that.
    this.#worker.isAwaiting = true;
  }

  #receive(message: FromLiveWorker): void {
    if ('counts' in message) this.#counts = message.counts;
    if ('vitals' in message) {
      this.#vitals = message.vitals;
      this.#peakRssBytes = Math.max(this.#peakRssBytes, message.vitals.rssBytes);
    }
    switch (message.type) {
      case 'opened':
        break;
      case 'status':
        this.#events.status(message.status);
        break;
      case 'alive':
        if (message.passedUs !== null) {
          this.#resume = { ...this.#resume, timestampUs: Math.max(this.#resume.timestampUs, message.passedUs) };
          this.#events.passed(message.passedUs);
        }
        break;
      case 'ask': {
        const group = this.#asks;
        group.answered.push(this.#events.ask(message.frame, message.picture, () => group.isVoid));
        break;
      }
      case 'arrived': {
        const { range, timestampsUs, looks, keepFrom } = message;
        this.#resume = { index: range.to, timestampUs: timestampsUs.at(-1) ?? this.#resume.timestampUs };
        this.#events.arrived({ range, timestampsUs, looks, keepFrom });
        void this.#creditWhenAnswered(this.#asks.answered);
        this.#asks = { isVoid: false, answered: [] };
        break;
      }
      case 'ended':
        this.#events.ended();
        break;
    }
  }

  async #creditWhenAnswered(asks: readonly Promise<void>[]): Promise<void> {
    const generation = this.#generation;
    await Promise.all(asks);
    await this.#events.drained();
    if (generation === this.#generation) this.#worker.send({ type: 'credit' });
  }

  #died(): void {
    this.#generation++;
    this.#asks.isVoid = true;
    this.#asks = { isVoid: false, answered: [] };
    this.#earlierCounts = this.counts;
    this.#counts = noCounts;
    this.#earlier = this.vitals;
    this.#vitals = noVitals;
    if (this.#isEnding) this.#events.ended();
  }
}
