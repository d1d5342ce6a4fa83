import { type Decider, type Decision, deciders } from '../cascade/index.ts';
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
