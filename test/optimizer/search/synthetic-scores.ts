import { type SkipRule, smooth } from '../../../cascade/index.ts';
import type { LabeledPart, ScoreTable } from '../../../optimizer/index.ts';
import { seeded } from '../../cascade/random.ts';

/** What synthetic footage is like. */
export interface SyntheticOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly frameRateFps: number;
  /** Mean time between two events in s. */
  readonly gapSeconds: number;
  /** Share of the events that every candidate finds hard. */
  readonly hardShare: number;
  readonly models: number;
  readonly skips: readonly SkipRule[];
  readonly smoothingMs: number;
  readonly keyframeInterval?: number;
}

/**
 * Scores of footage with events: events differ in how hard they are, for all candidates alike and for each alone, empty
 * stretches differ too, and scores of consecutive frames go together.
 */
export function syntheticScores(options: SyntheticOptions): ScoreTable {
  const { seed, seconds, frameRateFps, gapSeconds, hardShare, models, skips, smoothingMs } = options;
  const random = seeded(seed);
  const gauss = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const count = Math.round(seconds * frameRateFps);
  const rawTruth = new Uint8Array(count);
  const timestampsUs = Float64Array.from({ length: count }, (_, i) => Math.round((i * 1e6) / frameRateFps));
  // Pieces of alternating presence and absence, each with its own difficulty.
  const pieceOf = new Int32Array(count);
  const pieces: { present: boolean; hardness: number; from: number }[] = [];
  for (let from = 0, present = false; from < count; present = !present) {
    const meanSeconds = present ? 2 + 7 * Math.exp(0.5 * gauss()) : 2 - gapSeconds * Math.log(1 - random());
    const to = Math.min(count, from + Math.max(2, Math.round(meanSeconds * frameRateFps)));
    const isHard = random() < hardShare;
    pieces.push({ present, hardness: gauss() + (isHard ? (present ? 4 : 3) : 0), from });
    pieceOf.fill(pieces.length - 1, from, to);
    if (present) rawTruth.fill(1, from, to);
    from = to;
  }
  const present = Uint8Array.from(rawTruth);
  for (let row = 0; row < count; row++) {
    // The reference flickers, mostly on hard events.
    const piece = pieces[pieceOf[row] ?? 0];
    if (random() < (piece?.present === true && piece.hardness > 1.5 ? 0.08 : 0.004))
      rawTruth[row] = 1 - (rawTruth[row] ?? 0);
  }
  const labels = smooth(
    timestampsUs,
    Array.from(rawTruth, label => label === 1),
    smoothingMs,
  );
  const truth = Uint8Array.from(labels, label => (label ? 1 : 0));
  const keyframeInterval = options.keyframeInterval ?? 10;
  const part: LabeledPart = {
    stretches: [{ source: 0, range: { from: 0, to: count }, rows: { from: 0, to: count } }],
    step: 1,
    frames: Uint32Array.from({ length: count }, (_, i) => i),
    timestampsUs,
    keyframes: Uint8Array.from({ length: count }, (_, i) => (i % keyframeInterval === 0 ? 1 : 0)),
    rawTruth,
    truth,
  };
  const series = (of: (row: number, own: readonly number[], noise: number) => number): number[] => {
    const own = pieces.map(() => gauss());
    let noise = gauss();
    return Array.from({ length: count }, (_, row) => {
      noise = 0.9 * noise + Math.sqrt(1 - 0.81) * gauss();
      return of(row, own, noise);
    });
  };
  const specialized = Array.from({ length: models }, (_, index) => {
    const strength = 2.5 + (2.5 * (index + 1)) / models;
    const logits = series((row, own, noise) => {
      const piece = pieceOf[row] ?? 0;
      const hardness = (pieces[piece]?.hardness ?? 0) + 0.5 * (own[piece] ?? 0);
      return (present[row] === 1 ? strength - 1.1 * hardness : -strength + 0.9 * hardness) + 0.7 * noise;
    });
    return {
      id: `model-${index}`,
      multiplyAdds: 1e5 * 2 ** index,
      scores: Float32Array.from(logits, logit => 1 / (1 + Math.exp(-logit))),
    };
  });
  const emptyScene = series((row, own, noise) => {
    const piece = pieceOf[row] ?? 0;
    const hardness = (pieces[piece]?.hardness ?? 0) + (own[piece] ?? 0);
    return Math.exp(present[row] === 1 ? 4 - 0.5 * hardness + 0.3 * noise : 1.5 + 0.5 * hardness + 0.3 * noise);
  });
  const previous = (tDiffFrames: number): Float64Array => {
    const scores = series((row, own, noise) => {
      const piece = pieceOf[row] ?? 0;
      const changed = row >= tDiffFrames && present[row] !== present[row - tDiffFrames];
      const hardness = (pieces[piece]?.hardness ?? 0) + 0.5 * (own[piece] ?? 0);
      const moves = present[row] === 1 ? 2.2 : 1;
      return Math.exp((changed ? 3.8 - 0.4 * hardness : moves + 0.2 * hardness) + 0.3 * noise);
    });
    return Float64Array.from(scores, (score, row) => (row < tDiffFrames ? Number.NaN : score));
  };
  const detector = { metric: { kind: 'global' }, width: 32, height: 32, format: 'gray' } as const;
  return {
    part,
    skips,
    differences: [
      { id: 'scene', detector, tDiffFrames: null, scores: Float64Array.from(emptyScene) },
      ...[10, 20].map(tDiffFrames => ({
        id: `previous-${tDiffFrames}`,
        detector,
        tDiffFrames,
        scores: previous(tDiffFrames),
      })),
    ],
    specialized,
  };
}
