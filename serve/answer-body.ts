import type { Decider, Decision, Detection } from '../cascade/index.ts';
import { SaccadeError } from '../ingest/index.ts';
import type { AnswerSources } from '../streams-dsl/index.ts';

/** The answer to a question about one picture. */
export interface PictureAnswer {
  readonly label: boolean;
  /** Score of the predicate or confidence of the specialized model, 0–1; null: nobody gave one. */
  readonly score: number | null;
  /** What the reference model saw, as shares of the picture; empty when it was not asked. */
  readonly boxes: readonly AnsweredBox[];
  readonly decidedBy: Decider;
  /** In words. */
  readonly why: string;
  /** Whether there was no time for an answer, and this is the one declared for it. */
  readonly defaulted: boolean;
}

/** One object in the picture: its left top corner and size, as shares of the picture, 0–1. */
export interface AnsweredBox {
  readonly label: string;
  readonly score: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What `POST /v1/queries/{name}:predict` answers. */
export interface PredictBody extends AnswerSources {
  readonly query: string;
  readonly requestId: string;
  /** Of the last row that is a decision; null: none is. */
  readonly answer: PictureAnswer | null;
  /** What came out of the pipeline, as its sinks get it. */
  readonly rows: readonly unknown[];
  /** In ms: receiving the body, the query, and both. */
  readonly timing: { readonly receiveMs: number; readonly queryMs: number; readonly totalMs: number };
}

/**
 * The answer among the rows of a pipeline.
 * @throws the failure - when the picture could not be answered: no label is better than one that nobody gave.
 */
export function answerOf(rows: readonly unknown[]): PictureAnswer | null {
  const decision = rows.findLast(isDecision);
  if (decision === undefined) return null;
  const { label, decidedBy } = decision;
  if (decision.decidedBy === 'failed') {
    const { code, message } = decision;
    throw new SaccadeError({ code, message, remedy: 'Send another picture.', retryable: false });
  }
  // A user's own operator may have taken fields away.
  const found = decision.decidedBy === 'referenced' && Array.isArray(decision.detections) ? decision.detections : [];
  const boxes = found.map(boxOf);
  return {
    label,
    score: scoreOf(decision),
    boxes,
    decidedBy,
    why: whyOf(decision),
    defaulted: decidedBy === 'defaulted',
  };
}

function isDecision(row: unknown): row is Decision {
  return (
    typeof row === 'object' && row !== null && 'decidedBy' in row && 'label' in row && typeof row.label === 'boolean'
  );
}

function boxOf({ label, score, box: { x, y, width, height } }: Detection): AnsweredBox {
  return { label, score, x, y, width, height };
}

function scoreOf(decision: Decision): number | null {
  if (decision.decidedBy === 'referenced') return decision.score ?? null;
  return decision.decidedBy === 'accepted' || decision.decidedBy === 'rejected' ? (decision.confidence ?? null) : null;
}

function whyOf(decision: Decision): string {
  switch (decision.decidedBy) {
    case 'accepted':
    case 'rejected':
      return `the specialized model was sure: confidence ${round(decision.confidence)}`;
    case 'referenced':
      return decision.confidence === null
        ? `the reference model was asked: score ${round(decision.score)}`
        : `the specialized model was unsure (${round(decision.confidence)}), the reference model was asked: score ${round(decision.score)}`;
    case 'unchanged':
      return `nothing differs from the empty scene: difference ${round(decision.difference)}`;
    case 'skipped':
      return 'the picture was not looked at';
    case 'defaulted':
      return `there was no time to answer: ${decision.reason}`;
    case 'failed':
      return decision.message;
  }
}

function round(value: unknown): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(3))) : 'unknown';
}
