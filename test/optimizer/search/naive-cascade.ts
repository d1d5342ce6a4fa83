import { type Decider, decide, smooth, type Thresholds } from '../../../cascade/index.ts';
import type { PlanStructure, ScoreTable } from '../../../optimizer/index.ts';

/** What the naive cascade answers for a row. */
export interface NaiveAnswer {
  readonly raw: boolean;
  readonly label: boolean;
  readonly decidedBy: Decider;
}

/** The cascade row by row, from its rules: no columns, no reuse, one object a row. Slow, and easily read. */
export function naiveCascade(
  table: ScoreTable,
  structure: PlanStructure,
  thresholds: Thresholds,
  smoothingMs: number,
): NaiveAnswer[] {
  const { part } = table;
  const difference = table.differences.find(({ id }) => id === structure.difference);
  const specialized = table.specialized.find(({ id }) => id === structure.specialized);
  const answers: NaiveAnswer[] = [];
  for (const { range, rows } of part.stretches) {
    const raw = new Map<number, { label: boolean; decidedBy: Decider }>();
    const look = (row: number): boolean => {
      const known = raw.get(row);
      if (known !== undefined) return known.label;
      const tDiffFrames = difference?.tDiffFrames ?? null;
      const other = tDiffFrames === null ? null : row - tDiffFrames / part.step;
      const orNull = (value: number | undefined): number | null =>
        value === undefined || Number.isNaN(value) ? null : value;
      const verdict = decide(thresholds, {
        difference: other !== null && other < rows.from ? null : orNull(difference?.scores[row]),
        confidence: orNull(specialized?.scores[row]),
      });
      const settled = {
        unchanged: () => ({ label: other !== null && look(other), decidedBy: 'unchanged' as const }),
        rejected: () => ({ label: false, decidedBy: 'rejected' as const }),
        accepted: () => ({ label: true, decidedBy: 'accepted' as const }),
        'ask-reference': () => ({ label: part.rawTruth[row] === 1, decidedBy: 'referenced' as const }),
      };
      if (verdict === 'ask-difference' || verdict === 'ask-specialized') throw new Error(verdict);
      const answer = settled[verdict]();
      raw.set(row, answer);
      return answer.label;
    };
    const all = Array.from({ length: rows.to - rows.from }, (_, i) => rows.from + i);
    const { skip } = structure;
    if (skip.kind === 'every') {
      for (const row of all) if (((part.frames[row] ?? 0) - range.from) % skip.tSkip === 0) look(row);
    } else {
      const keyframes = all.filter(row => part.keyframes[row] === 1);
      for (const keyframe of keyframes) look(keyframe);
      const starts = [...new Set([rows.from, ...keyframes])];
      for (const [group, start] of starts.entries()) {
        const next = starts[group + 1];
        const agree = next !== undefined && keyframes.includes(start) && look(start) === look(next);
        const end = next ?? rows.to;
        if (!agree) for (let row = start; row < end; row++) look(row);
      }
    }
    let last = false;
    const labels = all.map(row => {
      const own = raw.get(row);
      if (own !== undefined) last = own.label;
      return own?.label ?? last;
    });
    const smoothed = smooth(part.timestampsUs.subarray(rows.from, rows.to), labels, smoothingMs);
    for (const [i, row] of all.entries()) {
      const decidedBy = raw.get(row)?.decidedBy ?? 'skipped';
      answers.push({ raw: labels[i] === true, label: smoothed[i] === true, decidedBy });
    }
  }
  return answers;
}
