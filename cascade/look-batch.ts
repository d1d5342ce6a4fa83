import type { Frame, FrameIndex, LiveDropReason } from '../ingest/index.ts';
import { decide, type Scores, type Verdict } from './decide.ts';
import type { EarlierPictures } from './earlier-pictures.ts';
import type { Picture } from './models/model-input.ts';
import { type LookColumns, type LookKind, lookKinds } from './stream-protocol.ts';
import type { StreamStages } from './stream-stages.ts';

interface Look {
  readonly frame: FrameIndex;
  readonly kind: LookKind;
  readonly difference: number | null;
  readonly confidence: number | null;
  readonly comparedWith: FrameIndex | null;
}

/** A frame that the difference detector let through; kept decoded until the specialized model has answered. */
interface PendingLook {
  readonly frame: Frame;
  readonly exact: ExactFrame | undefined;
  readonly difference: number | null;
  readonly comparedWith: FrameIndex | null;
}

/** Decodes a frame anew, for the reference model, which sees more than the cheap stages do; owned by the caller. */
export type ExactFrame = () => Frame | undefined;

/** Sends an uncertain frame, scaled to the reference model's input, to where it is answered. */
export type Ask = (frame: FrameIndex, picture: Picture) => void;

/**
 * The cheap stages over a few frames: each is compared at once, while it is hot in the cache, and disposed when that
 * settles it; the specialized model takes the rest as one batch.
 */
export class LookBatch implements Disposable {
  readonly #stages: StreamStages;
  readonly #earlier: EarlierPictures;
  readonly #ask: Ask;
  readonly #looks: Look[] = [];
  readonly #pending: PendingLook[] = [];

  /**
   * Starts an empty batch.
   * @param earlier - The pictures that frames are compared with, and that this batch's frames are added to.
   */
  constructor(stages: StreamStages, earlier: EarlierPictures, ask: Ask) {
    this.#stages = stages;
    this.#earlier = earlier;
    this.#ask = ask;
  }

  /**
   * Looks at the next frame and takes it over.
   * @param exact - Where the picture to ask about comes from; default: the frame itself.
   */
  add(frame: Frame, exact?: ExactFrame): void {
    const compared = this.#compare(frame);
    const verdict = decide(this.#stages.thresholds, compared.scores);
    if (verdict === 'ask-specialized') {
      this.#pending.push({ frame, exact, difference: compared.difference, comparedWith: compared.comparedWith });
      return;
    }
    const { difference, comparedWith } = compared;
    this.#settle({ frame, exact }, verdict, { difference, comparedWith, confidence: null });
  }

  /** Notes that a wanted frame did not decode. */
  addLost(frame: FrameIndex): void {
    this.#looks.push({ frame, kind: 'lost', difference: null, confidence: null, comparedWith: null });
  }

  /** Notes that there was no time for a wanted frame. */
  addDropped(frame: FrameIndex, reason: LiveDropReason): void {
    this.#looks.push({ frame, kind: reason, difference: null, confidence: null, comparedWith: null });
  }

  /** Asks the specialized model about the frames that still wait, and returns all looks in frame order. */
  async finish(): Promise<LookColumns> {
    const { specialized, thresholds } = this.#stages;
    if (specialized !== null && this.#pending.length > 0) {
      const pictures = this.#pending.map(({ frame }) => specialized.picture(frame));
      const confidences = await specialized.confidences(pictures);
      for (const [i, { frame, exact, difference, comparedWith }] of this.#pending.splice(0).entries()) {
        const confidence = confidences[i] ?? Number.NaN;
        const verdict = decide({ ...thresholds, deltaDiff: null }, { confidence });
        this.#settle({ frame, exact }, verdict, { difference, comparedWith, confidence });
      }
    }
    this.#looks.sort((a, b) => a.frame - b.frame);
    return toColumns(this.#looks);
  }

  /** Frees the frames that were never settled: an error came between. */
  [Symbol.dispose](): void {
    for (const { frame } of this.#pending.splice(0)) frame[Symbol.dispose]();
  }

  #compare(frame: Frame): { scores: Scores; difference: number | null; comparedWith: FrameIndex | null } {
    const { difference: stage } = this.#stages;
    if (stage === null) return { scores: {}, difference: null, comparedWith: null };
    const picture = this.#stages.scale(frame, stage.request);
    const other = stage.scene === null ? this.#earlier.before(frame.index) : { index: null, picture: stage.scene };
    this.#earlier.add(frame.index, picture);
    if (other === null) return { scores: { difference: null }, difference: null, comparedWith: null };
    const difference = stage.score(picture, other.picture);
    return { scores: { difference }, difference, comparedWith: other.index };
  }

  #settle(
    { frame, exact }: Pick<PendingLook, 'frame' | 'exact'>,
    verdict: Verdict,
    evidence: Omit<Look, 'frame' | 'kind'>,
  ): void {
    using owned = frame;
    if (verdict === 'ask-reference') {
      using decodedAgain = exact?.();
      this.#ask(owned.index, this.#stages.askPicture(decodedAgain ?? owned));
    } else if (verdict === 'ask-difference' || verdict === 'ask-specialized') {
      throw new Error(`The cascade stopped at ${verdict} for frame ${owned.index}.`);
    }
    this.#looks.push({ frame: owned.index, kind: verdict, ...evidence });
  }
}

function toColumns(looks: readonly Look[]): LookColumns {
  return {
    frames: Uint32Array.from(looks, ({ frame }) => frame),
    kinds: Uint8Array.from(looks, ({ kind }) => lookKinds.indexOf(kind)),
    differences: Float64Array.from(looks, ({ difference }) => difference ?? Number.NaN),
    confidences: Float64Array.from(looks, ({ confidence }) => confidence ?? Number.NaN),
    comparedWith: Int32Array.from(looks, ({ comparedWith }) => comparedWith ?? -1),
  };
}
