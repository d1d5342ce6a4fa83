import { type FrameIndex, type FrameRange, type FrameTable, toErrorRecord } from '../ingest/index.ts';
import type { Decision, Evidence } from './decision.ts';
import type { Detection } from './detection.ts';
import { cascadeErrors } from './errors.ts';
import { FrameMemory } from './frame-memory.ts';
import { evaluatePredicate, type Predicate } from './predicate.ts';
import { type SmoothedLabel, Smoother } from './smoothing.ts';
import { type LookColumns, type LookKind, lookKinds } from './stream-protocol.ts';

/** What the reference model said of a frame, or why it could not. */
export type ReferenceAnswer =
  | { readonly detections: readonly Detection[] }
  | { readonly code: string; readonly message: string };

/** A look, out of its columns. */
interface Look {
  readonly kind: LookKind;
  readonly difference: number | null;
  readonly confidence: number | null;
  /** -1: the empty scene, or nothing. */
  readonly comparedWith: number;
}

/** What an assembler needs to know of the query and its footage. */
export interface AssemblerOptions {
  readonly stream: string;
  /** Null: a live source, whose frames come with their times as they are settled, and end by {@link AnswerAssembler.end}. */
  readonly table: FrameTable | null;
  readonly predicate: Predicate;
  /** Window of the smoothing in ms, 0 or more. */
  readonly smoothingMs: number;
  /** Answers to the frames before the first one to answer: what an earlier, interrupted run wrote. Default none. */
  readonly history?: readonly Pick<Decision, 'rawLabel' | 'decidedBy'>[];
}

/** What is told of frames of a live source when they are settled. */
export interface ArrivedTimes {
  /** Capture time of each frame of the range in µs, ascending. */
  readonly timestampsUs: ArrayLike<number>;
  /** No frame behind the range is compared with one before this. */
  readonly keepFrom: FrameIndex;
}

/**
 * Puts the workers' looks and the reference model's answers together into one decision a frame, in frame order: looks,
 * answers and ranges may come in any order (several workers, several replicas), decisions never do.
 */
export class AnswerAssembler {
  readonly #options: AssemblerOptions;
  readonly #looks = new Map<FrameIndex, Look>();
  readonly #answers = new Map<FrameIndex, ReferenceAnswer>();
  /** End of each settled range by its start, until the decisions get there, and what later ranges refer to. */
  readonly #settled = new Map<FrameIndex, { readonly to: FrameIndex; readonly keepFrom: FrameIndex }>();
  readonly #memory: FrameMemory;
  readonly #smoother: Smoother;
  // Decided but not smoothed yet.
  readonly #unsmoothed = new Map<FrameIndex, Evidence>();
  #settledTo: FrameIndex;
  /** What ranges behind `#settledTo` refer to. */
  #keepFrom: FrameIndex = 0;
  #frameCount: number;
  #next: FrameIndex;
  #lastLooked: FrameIndex | null = null;

  /** Starts behind the frames of `history`. */
  constructor(options: AssemblerOptions) {
    this.#options = options;
    const { table, history = [], smoothingMs } = options;
    this.#memory = new FrameMemory(table);
    this.#frameCount = table?.timestampsUs.length ?? Number.POSITIVE_INFINITY;
    this.#smoother = new Smoother(smoothingMs);
    for (const [index, { rawLabel }] of history.entries()) {
      this.#memory.setLabel(index, rawLabel);
      this.#smoother.push(this.#memory.timestampUs(index), rawLabel);
    }
    this.#next = history.length;
    this.#settledTo = history.length;
    const lastLooked = history.findLastIndex(({ decidedBy }) => decidedBy !== 'skipped');
    this.#lastLooked = lastLooked < 0 ? null : lastLooked;
  }

  /** First frame that has no decision yet. */
  get next(): FrameIndex {
    return this.#next;
  }

  /** Adds what a worker saw of some frames. */
  addLooks(looks: LookColumns): void {
    for (let i = 0; i < looks.frames.length; i++) {
      const frame = looks.frames[i] ?? 0;
      if (frame < this.#next) continue;
      const kind = lookKinds[looks.kinds[i] ?? 0] ?? 'lost';
      const orNull = (value: number | undefined): number | null =>
        value === undefined || Number.isNaN(value) ? null : value;
      this.#looks.set(frame, {
        kind,
        difference: orNull(looks.differences[i]),
        confidence: orNull(looks.confidences[i]),
        comparedWith: looks.comparedWith[i] ?? -1,
      });
    }
  }

  /**
   * Settles a range, but for the answers asked: frames of it without a look carry the label before them.
   * @param arrived - Of a live source, whose ranges follow each other without a gap.
   */
  settle(range: FrameRange, arrived?: ArrivedTimes): void {
    // The inside of a group that is a keyframe alone: it would hide the next keyframe, which begins at the same frame.
    if (range.to <= range.from) return;
    // A worker that was restarted repeats what its predecessor had reported.
    if (range.to <= this.#settledTo) return;
    this.#settled.set(range.from, { to: range.to, keepFrom: arrived?.keepFrom ?? 0 });
    if (arrived !== undefined) this.#memory.add(arrived.timestampsUs);
  }

  /** A live source has ended: what waits for later frames is decided without them, once all asks have been answered. */
  end(): void {
    this.#frameCount = Math.max(this.#settledTo, ...[...this.#settled.values()].map(({ to }) => to));
  }

  /**
   * No frame of a live source earlier than this will come any more: what waits for none but those is decided.
   * @param timestampUs - Capture time in µs.
   * @returns Decisions in frame order, as {@link take} does.
   */
  pass(timestampUs: number): Decision[] {
    const decisions = this.take();
    // Frames that are not decided would come after those that are passed over.
    if (this.#next >= this.#settledTo && this.#settled.size === 0) {
      this.#smoothed(this.#smoother.pass(timestampUs), decisions);
    }
    return decisions;
  }

  /** Frames whose times and labels are kept. */
  get kept(): number {
    return this.#memory.size;
  }

  /** Adds a frame whose reference answer is known without a look. */
  addKnown(frame: FrameIndex, detections: readonly Detection[]): void {
    if (frame < this.#next) return;
    this.#looks.set(frame, { kind: 'ask-reference', difference: null, confidence: null, comparedWith: -1 });
    this.#answers.set(frame, { detections });
  }

  /** Whether nobody needs to be asked about a frame any more. */
  isAnswered(frame: FrameIndex): boolean {
    return frame < this.#next || this.#answers.has(frame);
  }

  /** Whether every frame of the footage has been decided and taken. */
  get isComplete(): boolean {
    return this.#next >= this.#frameCount && this.#unsmoothed.size === 0;
  }

  /** Adds the reference model's answer for a frame. */
  addAnswer(frame: FrameIndex, answer: ReferenceAnswer): void {
    if (frame >= this.#next) this.#answers.set(frame, answer);
  }

  /**
   * Raw label of a frame that was looked at, as soon as it is certain, even before its turn. `failed` when the frame has
   * none of its own, undefined when it is not known yet.
   */
  rawLabel(frame: FrameIndex): boolean | 'failed' | undefined {
    const known = this.#memory.label(frame);
    if (known !== undefined) return known;
    const look = this.#looks.get(frame);
    if (look === undefined) return undefined;
    switch (look.kind) {
      case 'rejected':
        return false;
      case 'accepted':
        return true;
      case 'lost':
      case 'stale':
      case 'superseded':
      case 'full':
        return 'failed';
      case 'unchanged':
        return look.comparedWith < 0 ? false : this.rawLabel(look.comparedWith);
      case 'ask-reference': {
        const answer = this.#answers.get(frame);
        if (answer === undefined) return undefined;
        return 'detections' in answer ? evaluatePredicate(this.#options.predicate, answer.detections).label : 'failed';
      }
    }
  }

  /** Takes the decisions that are now certain, in frame order. */
  take(): Decision[] {
    const decisions: Decision[] = [];
    for (;;) {
      if (this.#next >= this.#settledTo) {
        this.#forget();
        const settled = this.#settled.get(this.#settledTo);
        if (settled === undefined) break;
        this.#settled.delete(this.#settledTo);
        this.#settledTo = settled.to;
        this.#keepFrom = settled.keepFrom;
      }
      const evidence = this.#evidence(this.#next);
      if (evidence === null) break;
      this.#decide(this.#next, evidence, decisions);
    }
    if (this.#next >= this.#frameCount) this.#smoothed(this.#smoother.flush(), decisions);
    return decisions;
  }

  #decide(frame: FrameIndex, evidence: Evidence, decisions: Decision[]): void {
    const label = this.#label(evidence);
    this.#memory.setLabel(frame, label);
    if (evidence.decidedBy !== 'skipped') this.#lastLooked = frame;
    this.#looks.delete(frame);
    this.#answers.delete(frame);
    this.#unsmoothed.set(frame, evidence);
    this.#next = frame + 1;
    this.#smoothed(this.#smoother.push(this.#memory.timestampUs(frame), label), decisions);
  }

  /** Turns labels that have become certain into decisions. */
  #smoothed(labels: readonly SmoothedLabel[], decisions: Decision[]): void {
    for (const { position: frame, label } of labels) {
      const evidence = this.#unsmoothed.get(frame);
      // Frames of the history have been answered before: they only fill the window.
      if (evidence === undefined) continue;
      this.#unsmoothed.delete(frame);
      const { stream } = this.#options;
      const rawLabel = this.#memory.label(frame) ?? false;
      decisions.push({ stream, frame, timestampUs: this.#memory.timestampUs(frame), label, rawLabel, ...evidence });
    }
  }

  /** Why the frame's label is what it is; null while its answer is still awaited. */
  #evidence(frame: FrameIndex): Evidence | null {
    const look = this.#looks.get(frame);
    const inheritedFrom = this.#lastLooked;
    if (look === undefined) return { decidedBy: 'skipped', inheritedFrom };
    const { difference, confidence } = look;
    switch (look.kind) {
      case 'unchanged': {
        const comparedWith = look.comparedWith < 0 ? null : look.comparedWith;
        return { decidedBy: 'unchanged', difference: difference ?? 0, inheritedFrom: comparedWith };
      }
      case 'rejected':
      case 'accepted':
        return { decidedBy: look.kind, difference, confidence: confidence ?? 0 };
      case 'lost': {
        const { code, message } = toErrorRecord(cascadeErrors.create('CASCADE_FRAME_LOST', { frame }));
        return { decidedBy: 'failed', code, message, inheritedFrom };
      }
      case 'stale':
      case 'superseded':
      case 'full':
        return { decidedBy: 'defaulted', reason: look.kind, inheritedFrom };
      case 'ask-reference': {
        const answer = this.#answers.get(frame);
        if (answer === undefined) return null;
        if (!('detections' in answer)) {
          return { decidedBy: 'failed', code: answer.code, message: answer.message, inheritedFrom };
        }
        const { detections } = answer;
        const { score } = evaluatePredicate(this.#options.predicate, detections);
        return { decidedBy: 'referenced', difference, confidence, score, detections };
      }
    }
  }

  #label(evidence: Evidence): boolean {
    switch (evidence.decidedBy) {
      case 'rejected':
        return false;
      case 'accepted':
        return true;
      case 'referenced':
        return evaluatePredicate(this.#options.predicate, evidence.detections).label;
      case 'skipped':
      case 'unchanged':
      case 'defaulted':
      case 'failed':
        return evidence.inheritedFrom !== null && (this.#memory.label(evidence.inheritedFrom) ?? false);
    }
  }

  /** Forgets what nothing refers to any more: called where all settled frames have been decided. */
  #forget(): void {
    const [unsmoothed = this.#next] = this.#unsmoothed.keys();
    this.#memory.forgetBefore(Math.min(this.#keepFrom, this.#lastLooked ?? this.#next, unsmoothed));
  }
}
