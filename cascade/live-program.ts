import {
  type Camera,
  type CameraFrame,
  type FrameIndex,
  type LiveDropReason,
  LiveGate,
  type LiveOptions,
  machineMs,
} from '../ingest/index.ts';
import { EarlierPictures } from './earlier-pictures.ts';
import type { FromLiveWorker } from './live-protocol.ts';
import { LookBatch } from './look-batch.ts';
import type { Picture } from './models/model-input.ts';
import { residentMemory } from './resident-memory.ts';
import { creditsOf, looksPerChunk, mostTogetherMs, type WorkerVitals } from './stream-protocol.ts';
import type { StreamStages } from './stream-stages.ts';

/** Longest time between two signs of life in ms. */
const aliveIntervalMs = 1000;

/** Decoded frames that wait: twice what arrives at 30 fps within the staleness bound; at 1080p 100 MB. */
const mostWaiting = 32;

/** What is looked at, and where it goes. */
export interface LiveProgramOptions {
  /** Every n-th frame is looked at, 1 or more. */
  readonly tSkip: number;
  readonly live: LiveOptions;
  /** Index of the first frame. */
  readonly from: FrameIndex;
  readonly send: (message: FromLiveWorker) => void;
}

/**
 * The part of a cascade that runs next to the decoder of a camera: frames arrive when they like, are looked at as often as
 * there is a credit, and dropped by the rules of {@link LiveGate} where there is no time. Each is reported once.
 */
export class LiveProgram {
  readonly #stages: StreamStages;
  readonly #options: LiveProgramOptions;
  readonly #gate: LiveGate<CameraFrame>;
  readonly #earlier: EarlierPictures;
  readonly #dropped = new Map<FrameIndex, LiveDropReason>();
  /** Capture times of the frames that were not reported yet. */
  #timestampsUs: number[] = [];
  /** When the first of them arrived, and the first of them that is to be looked at. */
  #sinceMs: number | null = null;
  #wantedSinceMs: number | null = null;
  /** First frame that was not reported. */
  #next: FrameIndex;
  #credits: number = creditsOf.every;
  #isOver = false;
  #wake: () => void = () => undefined;

  /** Owns nothing of what it is given. */
  constructor(stages: StreamStages, options: LiveProgramOptions) {
    this.#stages = stages;
    this.#options = options;
    this.#next = options.from;
    this.#earlier = new EarlierPictures(stages.difference?.tDiffFrames ?? null);
    this.#gate = new LiveGate({ limit: mostWaiting, ...options.live }, { nowMs: machineMs }, (frame, reason) => {
      this.#dropped.set(frame.index, reason);
      frame[Symbol.dispose]();
    });
  }

  /** Takes a frame over, as it arrives; their indexes follow each other. */
  receive(frame: CameraFrame): void {
    const nowMs = machineMs();
    this.#timestampsUs.push(frame.timestampUs);
    this.#sinceMs ??= nowMs;
    if (frame.index % this.#options.tSkip === 0) {
      this.#wantedSinceMs ??= nowMs;
      this.#gate.offer(frame, nowMs);
    } else frame[Symbol.dispose]();
    this.#wake();
  }

  /** One report more may go unanswered. */
  credit(): void {
    this.#credits++;
    this.#wake();
  }

  /** Nothing more arrives: {@link run} ends when everything has been reported. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /**
   * Looks and reports until {@link end}.
   * @param camera - What the frames come from.
   */
  async run(camera: Camera): Promise<void> {
    const alive = setInterval(() => this.#showLife(camera), aliveIntervalMs);
    try {
      while (!this.#isOver || this.#timestampsUs.length > 0) {
        const waitMs = this.#credits > 0 ? this.#waitMs() : null;
        if (waitMs === null) await this.#changed();
        else if (waitMs > 0) await this.#changedWithin(waitMs);
        else await this.#look(camera);
      }
    } finally {
      clearInterval(alive);
    }
  }

  /** Time until a report is due in ms; null: nothing has arrived. */
  #waitMs(): number | null {
    if (this.#sinceMs === null) return null;
    if (this.#isOver) return 0;
    const { mode = 'auto', stalenessMs = 500 } = this.#options.live;
    const togetherMs = mode === 'freshest' ? 0 : Math.min(mostTogetherMs, stalenessMs / 2);
    const wantedMs = (this.#wantedSinceMs ?? Number.POSITIVE_INFINITY) + togetherMs;
    return Math.max(0, Math.min(wantedMs, this.#sinceMs + aliveIntervalMs) - machineMs());
  }

  async #look(camera: Camera): Promise<void> {
    const served: CameraFrame[] = [];
    for (let frame = this.#gate.take(); frame !== undefined; frame = this.#gate.take()) {
      served.push(frame);
      if (served.length >= looksPerChunk) break;
    }
    const from = this.#next;
    // A full queue has dropped frames behind those that still wait: their turn comes later.
    const last = served.at(-1)?.index;
    const arrivedTo = from + this.#timestampsUs.length;
    const to = this.#gate.waiting > 0 && last !== undefined ? last + 1 : arrivedTo;
    this.#next = to;
    const timestampsUs = Float64Array.from(this.#timestampsUs.splice(0, to - from));
    const nowMs = machineMs();
    this.#sinceMs = to < arrivedTo ? nowMs : null;
    this.#wantedSinceMs = this.#gate.waiting > 0 ? nowMs : null;
    const ask = (frame: FrameIndex, picture: Picture): void => this.#options.send({ type: 'ask', frame, picture });
    using batch = new LookBatch(this.#stages, this.#earlier, ask);
    for (const [frame, reason] of this.#dropped) {
      if (frame >= to) continue;
      batch.addDropped(frame, reason);
      this.#dropped.delete(frame);
    }
    for (let frame = served.shift(); frame !== undefined; frame = served.shift()) batch.add(frame);
    this.#earlier.forgetBefore(to);
    this.#credits--;
    const looks = await batch.finish();
    const keepFrom = this.#earlier.earliest ?? to;
    this.#options.send({
      type: 'arrived',
      range: { from, to },
      timestampsUs,
      looks,
      keepFrom,
      counts: camera.counts,
      vitals: this.#vitals(camera),
    });
    // Frames and messages come in: looking blocks the event loop.
    await new Promise<void>(resolve => setImmediate(resolve));
  }

  #showLife(camera: Camera): void {
    const { counts, status } = camera;
    const isQuiet = status.state !== 'playing' && this.#timestampsUs.length === 0;
    const passedUs = isQuiet ? camera.passTime() : null;
    this.#options.send({ type: 'alive', counts, passedUs, vitals: this.#vitals(camera) });
  }

  #vitals({ damage, decodeMs }: Camera): WorkerVitals {
    return { times: { decodeMs, ...this.#stages.times }, damage, rssBytes: residentMemory() };
  }

  #changed(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve;
    });
  }

  async #changedWithin(waitMs: number): Promise<void> {
    const timer = setTimeout(() => this.#wake(), Math.ceil(waitMs));
    await this.#changed();
    clearTimeout(timer);
  }
}
