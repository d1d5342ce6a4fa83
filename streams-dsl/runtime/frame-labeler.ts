import {
  type Decision,
  type Detection,
  type Evidence,
  evaluatePredicate,
  type Predicate,
  Smoother,
} from '../../cascade/index.ts';
import type { FrameIndex } from '../../ingest/index.ts';
import { type LabelRun, LabelRuns } from './label-runs.ts';

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
  /** `label` undefined: that of the frame before. */
  | { readonly decidedBy: 'defaulted'; readonly reason: string; readonly label?: boolean }
);

/** A decision whose smoothed label is not certain yet. */
type Unsmoothed = Omit<Decision, 'label' | keyof Evidence> & { readonly evidence: Evidence };

/** What a labeler knows, as plain data. */
export interface LabelerState {
  readonly labels: readonly LabelRun[];
  readonly lastLooked: FrameIndex | null;
  /** Times and raw labels of the frames that smoothed labels to come depend on. */
  readonly recent: readonly (readonly [timestampUs: number, rawLabel: boolean])[];
  readonly unsmoothed: readonly Unsmoothed[];
}

/**
 * Turns the answers of one stream, in frame order, into the decisions of one question: labels by the predicate, or carried
 * from an earlier frame, and smoothed. Several questions may be put to the same answers.
 */
export class FrameLabeler {
  readonly #predicate: Predicate;
  readonly #smoothingMs: number;
  #smoother: Smoother;
  /** Labels by frame, as long as an unchanged frame may carry them. */
  readonly #labels: LabelRuns;
  #unsmoothed: Unsmoothed[] = [];
  #firstUnsmoothed = 0;
  #lastLooked: FrameIndex | null = null;
  #lastUs = Number.NEGATIVE_INFINITY;

  /**
   * @param smoothingMs - Window of the majority in ms, 0 or more.
   * @param kept - What another labeler of the same settings knew: this one goes on as that would have. Default: nothing.
   */
  constructor(predicate: Predicate, smoothingMs: number, kept?: LabelerState) {
    this.#predicate = predicate;
    this.#smoothingMs = smoothingMs;
    this.#smoother = new Smoother(smoothingMs);
    this.#labels = new LabelRuns(kept?.labels);
    if (kept === undefined) return;
    this.#lastLooked = kept.lastLooked;
    this.#unsmoothed = [...kept.unsmoothed];
    // What becomes certain again was told before.
    for (const [timestampUs, rawLabel] of kept.recent) {
      this.#lastUs = timestampUs;
      this.#firstUnsmoothed += this.#smoother.push(timestampUs, rawLabel).length;
    }
  }

  /** What it knows. */
  get state(): LabelerState {
    const recent = this.#smoother.recent.map(({ timestampUs, label }) => [timestampUs, label] as const);
    return { labels: this.#labels.runs, lastLooked: this.#lastLooked, recent, unsmoothed: this.#unsmoothed };
  }

  /**
   * Takes the answer for the next frame, and returns the decisions that are now certain. A time before that of the frame before
   * is a clock that was set back: smoothing begins anew.
   */
  push(answer: FrameAnswer): Decision[] {
    const { stream, frame, timestampUs } = answer;
    const settled = timestampUs < this.#lastUs ? this.#startAnew() : [];
    this.#lastUs = timestampUs;
    const evidence = this.#evidence(answer);
    const given = answer.decidedBy === 'defaulted' ? answer.label : undefined;
    const rawLabel = given ?? this.#label(evidence);
    if (evidence.decidedBy !== 'skipped') {
      this.#lastLooked = frame;
      this.#labels.push(frame, rawLabel);
    }
    this.#unsmoothed.push({ stream, frame, timestampUs, rawLabel, evidence });
    return [...settled, ...this.#smoothed(this.#smoother.push(timestampUs, rawLabel))];
  }

  /** Returns the decisions that waited for later frames: the stream has ended. */
  flush(): Decision[] {
    return this.#smoothed(this.#smoother.flush());
  }

  /** The clock was set back: what waits would wait for a time that may never come. */
  #startAnew(): Decision[] {
    const settled = this.flush();
    this.#smoother = new Smoother(this.#smoothingMs);
    this.#firstUnsmoothed = 0;
    return settled;
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
        return evidence.inheritedFrom !== null && this.#labels.at(evidence.inheritedFrom);
    }
  }
}
