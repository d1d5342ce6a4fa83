import {
  type Decision,
  type Detection,
  type Evidence,
  evaluatePredicate,
  type Predicate,
  Smoother,
} from '../../cascade/index.ts';
import type { FrameIndex } from '../../ingest/index.ts';

/** Who answered for a frame, whatever the question. */
export type FrameAnswer = {
  readonly stream: string;
  readonly frame: FrameIndex;
  /** Media time in µs. */
  readonly timestampUs: number;
} & (
  | { readonly decidedBy: 'skipped' }
  | { readonly decidedBy: 'unchanged'; readonly difference: number; readonly inheritedFrom: FrameIndex | null }
  | { readonly decidedBy: 'rejected' | 'accepted'; readonly difference: number | null; readonly confidence: number }
  | {
      readonly decidedBy: 'referenced';
      readonly difference: number | null;
      readonly confidence: number | null;
      readonly detections: readonly Detection[];
    }
  | { readonly decidedBy: 'failed'; readonly code: string; readonly message: string }
  | { readonly decidedBy: 'defaulted'; readonly reason: string }
);

/**
 * Turns the answers of one stream, in frame order, into the decisions of one question: labels by the predicate, or carried
 * from an earlier frame, and smoothed. Several questions may be put to the same answers.
 */
export class FrameLabeler {
  readonly #predicate: Predicate;
  readonly #smoother: Smoother;
  /** Labels by frame, as long as an unchanged frame may carry them. */
  readonly #labels = new Map<FrameIndex, boolean>();
  #unsmoothed: (Omit<Decision, 'label' | keyof Evidence> & { readonly evidence: Evidence })[] = [];
  #firstUnsmoothed = 0;
  #lastLooked: FrameIndex | null = null;

  /** @param smoothingMs - Window of the majority in ms, 0 or more. */
  constructor(predicate: Predicate, smoothingMs: number) {
    this.#predicate = predicate;
    this.#smoother = new Smoother(smoothingMs);
  }

  /** Takes the answer for the next frame, and returns the decisions that are now certain. */
  push(answer: FrameAnswer): Decision[] {
    const { stream, frame, timestampUs } = answer;
    const evidence = this.#evidence(answer);
    const rawLabel = this.#label(evidence);
    if (evidence.decidedBy !== 'skipped') {
      this.#lastLooked = frame;
      this.#labels.set(frame, rawLabel);
      const [oldest] = this.#labels.size > mostLabels ? this.#labels.keys() : [];
      if (oldest !== undefined) this.#labels.delete(oldest);
    }
    this.#unsmoothed.push({ stream, frame, timestampUs, rawLabel, evidence });
    return this.#smoothed(this.#smoother.push(timestampUs, rawLabel));
  }

  /** Returns the decisions that waited for later frames: the stream has ended. */
  flush(): Decision[] {
    return this.#smoothed(this.#smoother.flush());
  }

  #smoothed(labels: ReturnType<Smoother['push']>): Decision[] {
    const decisions: Decision[] = [];
    for (const { position, label } of labels) {
      const one = this.#unsmoothed[position - this.#firstUnsmoothed];
      if (one === undefined) continue;
      const { stream, frame, timestampUs, rawLabel, evidence } = one;
      decisions.push({ stream, frame, timestampUs, label, rawLabel, ...evidence });
    }
    this.#unsmoothed.splice(0, decisions.length);
    this.#firstUnsmoothed += decisions.length;
    return decisions;
  }

  #evidence(answer: FrameAnswer): Evidence {
    const inheritedFrom = this.#lastLooked;
    switch (answer.decidedBy) {
      case 'skipped':
        return { decidedBy: 'skipped', inheritedFrom };
      case 'unchanged':
        return { decidedBy: 'unchanged', difference: answer.difference, inheritedFrom: answer.inheritedFrom };
      case 'rejected':
      case 'accepted': {
        const { decidedBy, difference, confidence } = answer;
        return { decidedBy, difference, confidence };
      }
      case 'referenced': {
        const { difference, confidence, detections } = answer;
        const { score } = evaluatePredicate(this.#predicate, detections);
        return { decidedBy: 'referenced', difference, confidence, score, detections };
      }
      case 'failed':
        return { decidedBy: 'failed', code: answer.code, message: answer.message, inheritedFrom };
      case 'defaulted':
        return { decidedBy: 'defaulted', reason: answer.reason, inheritedFrom };
    }
  }

  #label(evidence: Evidence): boolean {
    switch (evidence.decidedBy) {
      case 'rejected':
        return false;
      case 'accepted':
        return true;
      case 'referenced':
        return evaluatePredicate(this.#predicate, evidence.detections).label;
      case 'skipped':
      case 'unchanged':
      case 'failed':
      case 'defaulted':
        return evidence.inheritedFrom !== null && this.#labels.get(evidence.inheritedFrom) === true;
    }
  }
}

/** Labels kept: an hour at 25 fps, far more than any frame is compared over. */
const mostLabels = 90_000;
