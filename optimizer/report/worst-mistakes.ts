import { deciders } from '../../cascade/index.ts';
import type { ReportedMistake } from './report-data.ts';
import type { AnsweredPart } from './report-timeline.ts';

/** What is known of the answers beside the answers. */
export interface MistakeOptions extends AnsweredPart {
  /** (n) differences that the plan saw; NaN where it did not compare. Default none. */
  readonly differences?: ArrayLike<number> | undefined;
  /** (n) confidences that the plan saw; NaN where it did not ask. Default none. */
  readonly confidences?: ArrayLike<number> | undefined;
  /** Most mistakes, 0 or more. Default 12. */
  readonly most?: number;
}

/**
 * The gravest mistakes: longest runs of wrong answers, each shown by its middle frame, half of the places for each kind
 * where both have so many; gravest first. Their pictures are for the caller to read.
 */
export function worstMistakes(options: MistakeOptions): ReportedMistake[] {
  const { part, answers, decidedBy, most = 12 } = options;
  const found: (ReportedMistake & { readonly row: number })[] = [];
  for (const { source, rows } of part.stretches) {
    for (let from = rows.from; from < rows.to; ) {
      const isWrong = (row: number): boolean => row < rows.to && part.truth[row] !== answers[row];
      let to = from + 1;
      if (isWrong(from)) {
        while (isWrong(to) && part.truth[to] === part.truth[from]) to++;
        const row = (from + to - 1) >> 1;
        const looked = lookedAt(decidedBy, row, rows.from);
        found.push({
          row,
          source,
          frame: part.frames[row] as number,
          seconds: (part.timestampsUs[row] as number) / 1e6,
          kind: part.truth[row] === 1 ? 'missed' : 'false-alarm',
          frames: (to - from) * part.step,
          decidedBy: deciders[decidedBy[looked] as number] ?? 'failed',
          difference: numberAt(options.differences, looked),
          confidence: numberAt(options.confidences, looked),
          image: null,
        });
      }
      from = to;
    }
  }
  found.sort((a, b) => b.frames - a.frames || a.row - b.row);
  const missed = found.filter(({ kind }) => kind === 'missed');
  const alarms = found.filter(({ kind }) => kind === 'false-alarm');
  const half = most >> 1;
  const chosen = new Set([
    ...missed.slice(0, Math.max(half, most - alarms.length)),
    ...alarms.slice(0, Math.max(most - half, most - missed.length)),
  ]);
  return found.filter(mistake => chosen.has(mistake)).map(({ row: _, ...mistake }) => mistake);
}

/** The row whose label a skipped row carries. */
function lookedAt(decidedBy: ArrayLike<number>, row: number, first: number): number {
  const skipped = deciders.indexOf('skipped');
  let looked = row;
  while (looked > first && decidedBy[looked] === skipped) looked--;
  return looked;
}

function numberAt(column: ArrayLike<number> | undefined, row: number): number | null {
  const value = column?.[row];
  return value === undefined || Number.isNaN(value) ? null : value;
}
