import { type Decider, type Decision, deciders } from '../cascade/index.ts';
import type { LiveDropReason } from '../ingest/index.ts';
import { IntervalBuilder } from '../sinks/index.ts';

/** Counts decisions and turns them into intervals. */
export class DecisionTally {
  /** What an earlier run had written. */
  readonly history: Pick<Decision, 'rawLabel' | 'decidedBy'>[] = [];
  /** Frames by who answered. */
  readonly decidedBy: Record<Decider, number>;
  /** Frames, those of an earlier run included. */
  answered = 0;
  /** Frames with label true. */
  positives = 0;
  /** Frames of a live stream for which there was no time, by reason. */
  readonly dropped: Record<LiveDropReason, number> = { stale: 0, superseded: 0, full: 0 };
  /** Time of the newest frame in µs; null: none yet. */
  lastUs: number | null = null;
  readonly #builder: IntervalBuilder;
  #intervals: ReturnType<IntervalBuilder['push']>[] = [];

  /** @param query - Name of the question, for the intervals. */
  constructor(query: string) {
    this.#builder = new IntervalBuilder(query);
    this.decidedBy = Object.fromEntries(deciders.map(decider => [decider, 0])) as Record<Decider, number>;
  }

  /** Counts a decision that was written before. */
  addHistory(decision: Decision): void {
    const { rawLabel, decidedBy } = decision;
    this.history.push({ rawLabel, decidedBy });
    this.add(decision);
  }

  /** Counts a decision. */
  add(decision: Decision): void {
    this.answered++;
    this.lastUs = decision.timestampUs;
    if (decision.decidedBy === 'defaulted' && Object.hasOwn(this.dropped, decision.reason)) {
      this.dropped[decision.reason as LiveDropReason]++;
    }
    if (decision.label) this.positives++;
    this.decidedBy[decision.decidedBy]++;
    this.#intervals.push(this.#builder.push(decision));
  }

  /** Ends the interval that is open. */
  endIntervals(): void {
    this.#intervals.push(this.#builder.flush());
  }

  /** Takes the intervals that have ended since the last time. */
  takeIntervals(): NonNullable<ReturnType<IntervalBuilder['push']>>[] {
    const taken = this.#intervals.filter(interval => interval !== undefined);
    this.#intervals = [];
    return taken;
  }
}
