import { blockBounds, type RateBounds } from './block-bounds.ts';
import { type Decider, type Decision, deciders } from './decision.ts';
import { cascadeErrors } from './errors.ts';

/** What is compared of a decision. */
export type EvaluatedDecision = Pick<Decision, 'frame' | 'timestampUs' | 'label' | 'rawLabel' | 'decidedBy'>;

/** How to compare. */
export interface EvaluateOptions {
  /** Frames of a window of agreement, 1 or more. Default 30 (NoScope §8). */
  readonly windowFrames?: number;
  /** Frames of a window that must agree for it to be right, 1–`windowFrames`. Default 28 (NoScope §8). */
  readonly windowAgreement?: number;
  /**
   * Length of the blocks of time over which bounds are taken in µs of media time, above 0. Default 10 s: longer than
   * most events, since what lies within one event is not independent.
   */
  readonly blockUs?: number;
}

/** How many frames were answered rightly and wrongly, by what the truth says. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

/** Shares of frames, 0–1; null where there is nothing to take a share of. */
export interface Rates extends Confusion {
  /** False negatives ÷ frames that the truth calls positive. */
  readonly falseNegativeRate: number | null;
  /** False positives ÷ frames that the truth calls negative. */
  readonly falsePositiveRate: number | null;
  /** True positives ÷ frames answered positive. */
  readonly precision: number | null;
  /** True positives ÷ frames that the truth calls positive. */
  readonly recall: number | null;
}

/** How good answers are, measured against truth on the same frames (docs/accuracy.md). */
export interface Evaluation {
  /** Frames compared. */
  readonly frames: number;
  /** Answers against truth, both smoothed: the figures that count. */
  readonly smoothed: Rates;
  /** Answers against truth frame by frame, neither smoothed. */
  readonly raw: Rates;
  readonly windows: {
    readonly windowFrames: number;
    readonly windowAgreement: number;
    /** Windows side by side from the first frame on; an incomplete one at the end does not count. */
    readonly count: number;
    /** Windows in which enough frames agree. */
    readonly right: number;
    /** Their share, 0–1; null without a window. */
    readonly share: number | null;
  };
  /** Smoothed answers by who gave them, in the order of the cascade; who gave none is left out. */
  readonly byDecider: readonly ({ readonly decidedBy: Decider; readonly frames: number } & Confusion)[];
  /** Share of the frames, 0–1, in which the reference disagrees with its own smoothed label; null without frames. */
  readonly referenceUnsteadiness: number | null;
  /** How often the label changes from one frame to the next. */
  readonly labelChanges: Readonly<Record<'answers' | 'truth' | 'rawAnswers' | 'rawTruth', number>>;
  readonly bounds: {
    /** Length of a block in µs. */
    readonly blockUs: number;
    /** Two-sided 95 % bounds; null with too few blocks for any. */
    readonly falseNegativeRate: RateBounds | null;
    readonly falsePositiveRate: RateBounds | null;
  };
}

/**
 * Compares answers with truth, frame by frame.
 * @param answers - One decision a frame, in frame order.
 * @param truth - The reference model's answers, for the same frames in the same order.
 * @throws CASCADE_EVALUATION_FRAMES - when the two are not about the same frames.
 * @throws CASCADE_EVALUATION_OPTION - when an option is out of range.
 */
export function evaluate(
  answers: readonly EvaluatedDecision[],
  truth: readonly EvaluatedDecision[],
  options: EvaluateOptions = {},
): Evaluation {
  const { windowFrames = 30, windowAgreement = 28, blockUs = 10_000_000 } = options;
  checkOption(
    'windowFrames',
    windowFrames,
    'an integer of 1 or more',
    Number.isInteger(windowFrames) && windowFrames >= 1,
  );
  const fits = Number.isInteger(windowAgreement) && windowAgreement >= 1 && windowAgreement <= windowFrames;
  checkOption('windowAgreement', windowAgreement, `an integer from 1 to ${windowFrames}`, fits);
  checkOption('blockUs', blockUs, 'a number above 0', blockUs > 0);
  checkFrames(answers, truth);

  const smoothed = new Tally();
  const raw = new Tally();
  const byDecider = new Map<Decider, Tally>();
  const blocks = new Map<number, Tally>();
  const startUs = truth[0]?.timestampUs ?? 0;
  let unsteady = 0;
  let agreeing = 0;
  let rightWindows = 0;
  for (const [index, { label: expected, rawLabel: rawExpected, timestampUs }] of truth.entries()) {
    const { label, rawLabel, decidedBy } = answers[index] as EvaluatedDecision;
    smoothed.add(label, expected);
    raw.add(rawLabel, rawExpected);
    tallyOf(byDecider, decidedBy).add(label, expected);
    tallyOf(blocks, Math.floor((timestampUs - startUs) / blockUs)).add(label, expected);
    if (rawExpected !== expected) unsteady++;
    if (label === expected) agreeing++;
    if (index % windowFrames !== windowFrames - 1) continue;
    if (agreeing >= windowAgreement) rightWindows++;
    agreeing = 0;
  }

  const windowCount = Math.floor(truth.length / windowFrames);
  const positives = [...blocks.values()].map(({ falseNegatives, truePositives }) => ({
    errors: falseNegatives,
    frames: falseNegatives + truePositives,
  }));
  const negatives = [...blocks.values()].map(({ falsePositives, trueNegatives }) => ({
    errors: falsePositives,
    frames: falsePositives + trueNegatives,
  }));
  return {
    frames: truth.length,
    smoothed: ratesOf(smoothed),
    raw: ratesOf(raw),
    windows: {
      windowFrames,
      windowAgreement,
      count: windowCount,
      right: rightWindows,
      share: shareOf(rightWindows, windowCount),
    },
    byDecider: deciders.flatMap(decidedBy => {
      const tally = byDecider.get(decidedBy);
      return tally === undefined ? [] : [{ decidedBy, frames: tally.frames, ...tally.counts }];
    }),
    referenceUnsteadiness: shareOf(unsteady, truth.length),
    labelChanges: {
      answers: changes(answers, 'label'),
      truth: changes(truth, 'label'),
      rawAnswers: changes(answers, 'rawLabel'),
      rawTruth: changes(truth, 'rawLabel'),
    },
    bounds: { blockUs, falseNegativeRate: blockBounds(positives), falsePositiveRate: blockBounds(negatives) },
  };
}

class Tally implements Confusion {
  truePositives = 0;
  falsePositives = 0;
  trueNegatives = 0;
  falseNegatives = 0;

  add(label: boolean, expected: boolean): void {
    if (expected) {
      if (label) this.truePositives++;
      else this.falseNegatives++;
    } else if (label) this.falsePositives++;
    else this.trueNegatives++;
  }

  get frames(): number {
    return this.truePositives + this.falsePositives + this.trueNegatives + this.falseNegatives;
  }

  get counts(): Confusion {
    const { truePositives, falsePositives, trueNegatives, falseNegatives } = this;
    return { truePositives, falsePositives, trueNegatives, falseNegatives };
  }
}

function tallyOf<Key>(tallies: Map<Key, Tally>, key: Key): Tally {
  let tally = tallies.get(key);
  if (tally === undefined) {
    tally = new Tally();
    tallies.set(key, tally);
  }
  return tally;
}

function ratesOf({ counts }: Tally): Rates {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = counts;
  return {
    ...counts,
    falseNegativeRate: shareOf(falseNegatives, truePositives + falseNegatives),
    falsePositiveRate: shareOf(falsePositives, trueNegatives + falsePositives),
    precision: shareOf(truePositives, truePositives + falsePositives),
    recall: shareOf(truePositives, truePositives + falseNegatives),
  };
}

function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function changes(decisions: readonly EvaluatedDecision[], of: 'label' | 'rawLabel'): number {
  let count = 0;
  for (let i = 1; i < decisions.length; i++) if (decisions[i]?.[of] !== decisions[i - 1]?.[of]) count++;
  return count;
}

function checkFrames(answers: readonly EvaluatedDecision[], truth: readonly EvaluatedDecision[]): void {
  const count = Math.max(answers.length, truth.length);
  for (let position = 0; position < count; position++) {
    const [answer, expected] = [answers[position], truth[position]];
    if (answer?.frame === expected?.frame && answer?.timestampUs === expected?.timestampUs) continue;
    const say = (decision: EvaluatedDecision | undefined): string =>
      decision === undefined ? 'none' : `frame ${decision.frame} at ${decision.timestampUs} µs`;
    const details = { position: position + 1, expected: say(expected), got: say(answer) };
    throw cascadeErrors.create('CASCADE_EVALUATION_FRAMES', {
      ...details,
      answers: answers.length,
      truth: truth.length,
    });
  }
}

function checkOption(option: string, value: number, expected: string, holds: boolean): void {
  if (!holds) throw cascadeErrors.create('CASCADE_EVALUATION_OPTION', { option, expected, value });
}
