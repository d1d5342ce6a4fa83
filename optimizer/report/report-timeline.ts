import { type Decider, deciders } from '../../cascade/index.ts';
import type { LabeledPart } from '../labeled-part.ts';

/** What happened on a part of the footage, as runs; its stretches lie one after another. */
export interface ReportTimeline {
  /** Length in seconds. */
  readonly seconds: number;
  /** Where each stretch begins on the timeline, and which file and second of it that is. */
  readonly stretches: readonly {
    readonly atSeconds: number;
    readonly source: number;
    readonly fileSeconds: number;
  }[];
  /** When the truth is positive. */
  readonly truth: readonly TimeRun[];
  /** When the answer is. */
  readonly answer: readonly TimeRun[];
  /** Who answered; a skipped frame counts to who answered the frame whose label it carries. */
  readonly deciders: readonly (TimeRun & { readonly decidedBy: Decider })[];
}

/** Seconds of the timeline, `from` inclusive, `to` exclusive. */
export interface TimeRun {
  readonly from: number;
  readonly to: number;
}

/** What a plan answered on a part: columns of one length, a row a frame, as those of the part. */
export interface AnsweredPart {
  readonly part: LabeledPart;
  /** (n) 1 where the answer is positive, after smoothing. */
  readonly answers: ArrayLike<number>;
  /** (n) who answered, as position in `deciders` of cascade. */
  readonly decidedBy: ArrayLike<number>;
}

/** Puts runs of equal answers together. Times are rounded to ms. */
export function reportTimeline({ part, answers, decidedBy }: AnsweredPart): ReportTimeline {
  const deciderRuns: { from: number; to: number; decidedBy: Decider }[] = [];
  const stretches: { atSeconds: number; source: number; fileSeconds: number }[] = [];
  const [truth, answer] = [new RunBuilder(), new RunBuilder()];
  let at = 0;
  for (const { source, rows } of part.stretches) {
    if (rows.to <= rows.from) continue;
    const firstUs = part.timestampsUs[rows.from] as number;
    stretches.push({ atSeconds: tidy(at), source, fileSeconds: tidy(firstUs / 1e6) });
    const lastUs = part.timestampsUs[rows.to - 1] as number;
    // The last row lasts as long as the others do.
    const rowUs = rows.to - rows.from > 1 ? (lastUs - firstUs) / (rows.to - rows.from - 1) : 0;
    const startOf = (row: number): number =>
      tidy(at + ((row < rows.to ? (part.timestampsUs[row] as number) : lastUs + rowUs) - firstUs) / 1e6);
    let looked: Decider = 'skipped';
    for (let row = rows.from; row < rows.to; row++) {
      const [from, to] = [startOf(row), startOf(row + 1)];
      truth.add(part.truth[row] === 1, from, to);
      answer.add(answers[row] === 1, from, to);
      const decider = deciders[decidedBy[row] as number] ?? 'failed';
      if (decider !== 'skipped') looked = decider;
      const last = deciderRuns.at(-1);
      if (last?.decidedBy === looked && row > rows.from) last.to = to;
      else deciderRuns.push({ from, to, decidedBy: looked });
    }
    at = startOf(rows.to);
  }
  return { seconds: tidy(at), stretches, truth: truth.runs, answer: answer.runs, deciders: deciderRuns };
}

class RunBuilder {
  readonly runs: { from: number; to: number }[] = [];

  add(holds: boolean, from: number, to: number): void {
    if (!holds) return;
    const last = this.runs.at(-1);
    if (last?.to === from) last.to = to;
    else this.runs.push({ from, to });
  }
}

function tidy(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
