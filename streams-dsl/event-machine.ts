import type { EventPeak, EventPhase } from './saccade-event.ts';
import { StreamClock } from './stream-clock.ts';

/** When an event starts, goes on and ends; times in µs of stream time. */
export interface EventRules {
  readonly startThreshold: number;
  /** At most `startThreshold`. */
  readonly stopThreshold: number;
  readonly minDurationUs: number;
  readonly mergeGapUs: number;
  readonly cooldownUs: number;
  readonly updateEveryUs: number;
}

/** One frame as the machine sees it; it may become the peak. */
export interface EventFrame extends EventPeak {
  /** What is compared with the thresholds, 0–1. */
  readonly level: number;
}

/** What is to be told of an event. */
export interface EventChange {
  readonly phase: EventPhase;
  readonly start: EventFrame;
  readonly last: EventFrame;
  readonly peak: EventFrame;
  /** The frame that brought it about. */
  readonly now: EventFrame;
  /** How many were told of the event before. */
  readonly sequence: number;
}

/** An event that lasts. */
interface OpenEvent {
  readonly start: EventFrame;
  last: EventFrame;
  peak: EventFrame;
  /** Whether a frame after `last` was below. */
  isInterrupted: boolean;
  /** 0: not long enough yet to be told of. */
  told: number;
  toldUs: number;
}

/** What a machine knows, as plain data. */
export interface EventMachineState {
  readonly watermarkUs: number | null;
  readonly isAbove: boolean;
  readonly open: OpenEvent | null;
  /** Null: there is none. */
  readonly cooldownUntilUs: number | null;
}

/** The events of one stream. */
export class EventMachine {
  readonly #rules: EventRules;
  readonly #clock = new StreamClock(0);
  #isAbove = false;
  #open: OpenEvent | null = null;
  #cooldownUntilUs = Number.NEGATIVE_INFINITY;

  /** @param kept - What another machine of the same rules knew: this one goes on as that would have. Default: nothing. */
  constructor(rules: EventRules, kept?: EventMachineState) {
    this.#rules = rules;
    if (kept === undefined) return;
    const { watermarkUs, isAbove, open, cooldownUntilUs } = kept;
    if (watermarkUs !== null) this.#clock.observe(watermarkUs);
    this.#isAbove = isAbove;
    this.#open = open && { ...open };
    this.#cooldownUntilUs = cooldownUntilUs ?? Number.NEGATIVE_INFINITY;
  }

  /** What it knows. */
  get state(): EventMachineState {
    const finite = (us: number): number | null => (Number.isFinite(us) ? us : null);
    return {
      watermarkUs: finite(this.#clock.watermarkUs),
      isAbove: this.#isAbove,
      open: this.#open,
      cooldownUntilUs: finite(this.#cooldownUntilUs),
    };
  }

  /** Index of the frame that shows the event under way best; null: there is none. */
  get peakFrame(): number | null {
    return this.#open?.peak.frame ?? null;
  }

  /** Takes the next frame. @returns What it changes, in order; `late` when it lies before a frame that was taken. */
  next(frame: EventFrame): readonly EventChange[] | 'late' {
    const order = this.#clock.observe(frame.timestampUs);
    if (order === 'late') return 'late';
    const changes = order === 'jumped' ? this.#reset() : [];
    const { startThreshold, stopThreshold, mergeGapUs } = this.#rules;
    this.#isAbove = frame.level >= (this.#isAbove ? stopThreshold : startThreshold);
    const open = this.#open;
    if (open !== null) {
      // Only a frame says that something is over: time between frames is no interruption, however slow a stream is.
      open.isInterrupted ||= !this.#isAbove;
      if (open.isInterrupted && frame.timestampUs - open.last.timestampUs > mergeGapUs) {
        changes.push(...this.#close(frame));
      }
    }
    if (this.#isAbove && frame.timestampUs >= this.#cooldownUntilUs) changes.push(...this.#goOn(frame));
    return changes;
  }

  /** Ends what is under way. */
  end(): readonly EventChange[] {
    return this.#close(null);
  }

  #reset(): EventChange[] {
    const changes = this.#close(null);
    this.#isAbove = false;
    this.#cooldownUntilUs = Number.NEGATIVE_INFINITY;
    return changes;
  }

  #goOn(frame: EventFrame): EventChange[] {
    const fresh = { start: frame, last: frame, peak: frame, isInterrupted: false, told: 0, toldUs: frame.timestampUs };
    this.#open ??= fresh;
    const open = this.#open;
    open.last = frame;
    open.isInterrupted = false;
    if (rank(frame) > rank(open.peak)) open.peak = frame;
    const { minDurationUs, updateEveryUs } = this.#rules;
    if (open.told === 0) {
      return frame.timestampUs - open.start.timestampUs >= minDurationUs ? [this.#tell('started', open, frame)] : [];
    }
    return frame.timestampUs - open.toldUs >= updateEveryUs ? [this.#tell('updated', open, frame)] : [];
  }

  #close(now: EventFrame | null): EventChange[] {
    const open = this.#open;
    this.#open = null;
    if (open === null || open.told === 0) return [];
    this.#cooldownUntilUs = open.last.timestampUs + this.#rules.cooldownUs;
    return [this.#tell('ended', open, now ?? open.last)];
  }

  #tell(phase: EventPhase, open: OpenEvent, now: EventFrame): EventChange {
    const { start, last, peak } = open;
    open.toldUs = now.timestampUs;
    return { phase, start, last, peak, now, sequence: open.told++ };
  }
}

/** How well a frame shows an event; scores are at most 1. */
function rank({ score, box }: EventPeak): number {
  return (score ?? -1) + (box === null ? 0 : 2);
}
