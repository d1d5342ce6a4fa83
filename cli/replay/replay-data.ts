import type { Decision, Detection } from '../../cascade/index.ts';

/** What a replay shows. */
export interface Replay {
  /** Name of the query. */
  readonly query: string;
  /** The query in words. */
  readonly question: string;
  /** Labels of detections that the query is about. */
  readonly labels: readonly string[];
  /** One decision a frame, from frame 0 on; those of an interrupted run may end before the footage does. */
  readonly decisions: readonly Decision[];
  /** Position by position what the reference says, 1 for positive; null when it is not known. */
  readonly truth: Uint8Array | null;
}

/** The decision about the frame looked at whose label a skipped frame carries; other decisions are their own. */
export function lookedAt(decisions: readonly Decision[], decision: Decision): Decision {
  if (decision.decidedBy !== 'skipped' || decision.inheritedFrom === null) return decision;
  return decisions[decision.inheritedFrom] ?? decision;
}

/** Whether an answer is another than the reference's; false when that is not known. */
export function isWrong({ truth }: Replay, decision: Decision): boolean {
  return truth !== null && (truth[decision.frame] === 1) !== decision.label;
}

/** Numbers that a decision rests on, as text, such as `confidence 0.98`; empty when there are none. */
export function evidenceOf(decision: Decision): string {
  const number = (value: number): string => String(Number(value.toPrecision(3)));
  switch (decision.decidedBy) {
    case 'unchanged':
      return `difference ${number(decision.difference)}`;
    case 'rejected':
    case 'accepted':
      return `confidence ${number(decision.confidence)}`;
    case 'referenced':
      return `score ${number(decision.score)}`;
    case 'failed':
      return decision.code;
    case 'skipped':
    case 'defaulted':
      return '';
  }
}

/** Boxes less sure than that are noise more often than not. */
const leastScore = 0.25;

/** What the reference saw that the query is about, for drawing; nothing when it was not asked. */
export function shownDetections({ labels }: Replay, looked: Decision): readonly Detection[] {
  if (looked.decidedBy !== 'referenced') return [];
  return looked.detections.filter(({ label, score }) => score >= leastScore && labels.includes(label));
}
