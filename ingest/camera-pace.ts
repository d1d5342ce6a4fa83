import type { Clock } from './clock.ts';
import type { FrameRange, FrameTable } from './footage.ts';
import type { FrameIndex } from './frame.ts';
import { type LiveDropReason, LiveGate, type LiveOptions } from './live-gate.ts';

/** How recorded footage is played as if a camera sent it. */
export interface PaceOptions {
  /** When the first frame of the footage is due, on the clock of `machineMs`. */
  readonly startMs: number;
  /** What becomes of frames for which there is no time. */
  readonly live: LiveOptions;
}

/** What is played. */
export interface CameraPaceOptions extends PaceOptions {
  /** Where the frames of the footage lie. */
  readonly table: FrameTable;
  /** The part of it to play: frames before it were played earlier, by the same clock. */
  readonly range: FrameRange;
  /** Frames that are looked at; the others come along. */
  readonly wanted: (index: FrameIndex) => boolean;
  /** Time for which frames are collected in ms, 0 or more: 0 gives each wanted frame when it is due. */
  readonly togetherMs: number;
}

/** Some frames of a camera, up to the newest that is accounted for. */
export interface ArrivedFrames {
  /** Follows the last one without a gap. */
  readonly range: FrameRange;
  /** Wanted frames to look at, ascending. */
  readonly served: readonly FrameIndex[];
  /** Wanted frames that nobody looks at, ascending, and why. */
  readonly dropped: ReadonlyMap<FrameIndex, LiveDropReason>;
  /** What is to be decoded for the served ones: frames before a keyframe are passed over. Null: nothing. */
  readonly decode: FrameRange | null;
}

/**
 * Plays footage at its own times: says which frames have arrived since the last time, and drops by the rules of
 * {@link LiveGate} those that were not asked for in time. It waits for nothing and decodes nothing.
 */
export class CameraPace {
  readonly #options: CameraPaceOptions;
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #gate: LiveGate<FrameIndex>;
  readonly #dropped = new Map<FrameIndex, LiveDropReason>();
  /** First frame that has not been given out. */
  #next: FrameIndex;
  /** First frame that has not arrived. */
  #coming: FrameIndex;

  /** @param clock - Reads `machineMs`; replaced in tests. */
  constructor(options: CameraPaceOptions, clock: Pick<Clock, 'nowMs'>) {
    this.#options = options;
    this.#clock = clock;
    this.#gate = new LiveGate(options.live, clock, (frame, reason) => this.#dropped.set(frame, reason));
    this.#next = options.range.from;
    this.#coming = options.range.from;
  }

  /** Whether every frame has been given out. */
  get isOver(): boolean {
    return this.#next >= this.#options.range.to;
  }

  /** Time until there is something to take in ms; 0: now. */
  get waitMs(): number {
    const { range, wanted, togetherMs } = this.#options;
    let first = this.#next;
    while (first < range.to - 1 && !wanted(first)) first++;
    const lastMs = this.#dueMs(range.to - 1);
    return Math.max(0, Math.min(this.#dueMs(first) + togetherMs, lastMs) - this.#clock.nowMs());
  }

  /**
   * What has arrived and was not taken yet; an empty range when that is nothing.
   * @param most - Most frames to look at, 1 or more.
   */
  take(most: number): ArrivedFrames {
    const { range, wanted } = this.#options;
    const nowMs = this.#clock.nowMs();
    for (; this.#coming < range.to && this.#dueMs(this.#coming) <= nowMs; this.#coming++) {
      if (wanted(this.#coming)) this.#gate.offer(this.#coming, this.#dueMs(this.#coming));
    }
    const served: FrameIndex[] = [];
    while (served.length < most) {
      const frame = this.#gate.take();
      if (frame === undefined) break;
      served.push(frame);
    }
    // A full queue has dropped frames behind those that still wait: their turn comes later.
    const last = served.at(-1);
    const from = this.#next;
    const to = this.#gate.waiting > 0 && last !== undefined ? last + 1 : this.#coming;
    this.#next = to;
    const dropped = new Map<FrameIndex, LiveDropReason>();
    for (let frame = from; frame < to; frame++) {
      const reason = this.#dropped.get(frame);
      if (reason !== undefined) dropped.set(frame, reason);
      this.#dropped.delete(frame);
    }
    return { range: { from, to }, served, dropped, decode: this.#decode(from, served) };
  }

  #decode(from: FrameIndex, served: readonly FrameIndex[]): FrameRange | null {
    const [first] = served;
    const last = served.at(-1);
    if (first === undefined || last === undefined) return null;
    const keyframe = this.#options.table.keyframes.findLast(index => index <= first) ?? 0;
    return { from: Math.max(from, keyframe), to: last + 1 };
  }

  #dueMs(frame: FrameIndex): number {
    const { startMs, table } = this.#options;
    const { timestampsUs } = table;
    return startMs + ((timestampsUs[frame] ?? 0) - (timestampsUs[0] ?? 0)) / 1000;
  }
}
