/** How the scores of a stage are spread, split by what should have come out. */
export interface ScoreHistogram {
  /** Id of the candidate. */
  readonly candidate: string;
  /** What is counted, with its unit, for the axis. */
  readonly axis: string;
  /** (n + 1) borders of the bins, ascending; the last bin includes its upper border. */
  readonly edges: readonly number[];
  /** Whether the bins have equal ratios rather than equal widths. */
  readonly isLogarithmic: boolean;
  /** The two kinds of frames, such as frames with and without a person; (n) counts each. */
  readonly classes: readonly [HistogramClass, HistogramClass];
  readonly thresholds: readonly { readonly name: string; readonly value: number }[];
}

/** Frames of one kind. */
export interface HistogramClass {
  readonly name: string;
  readonly counts: readonly number[];
}

/** What to count. */
export interface HistogramOptions {
  readonly candidate: string;
  readonly axis: string;
  /** (n) scores; those that are no number do not count. */
  readonly scores: ArrayLike<number>;
  /** (n) 1 where the frame is of the first class. */
  readonly isFirst: ArrayLike<number>;
  /** Names of the first and the second class. */
  readonly classNames: readonly [string, string];
  readonly thresholds: readonly { readonly name: string; readonly value: number }[];
  /** `unit`: 0–1 in equal widths. `ratio`: scores of 0 or more, in equal ratios from the least above 0. */
  readonly scale: 'unit' | 'ratio';
  /** Bins, 1 or more. Default 40. */
  readonly bins?: number;
}

/** Counts scores into bins. */
export function scoreHistogram(options: HistogramOptions): ScoreHistogram {
  const { candidate, axis, scores, isFirst, classNames, thresholds, scale, bins = 40 } = options;
  const edges = scale === 'unit' ? Array.from({ length: bins + 1 }, (_, i) => i / bins) : ratioEdges(scores, bins);
  const counts = [new Array<number>(bins).fill(0), new Array<number>(bins).fill(0)] as const;
  const [low, high] = [edges[0] as number, edges[bins] as number];
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i] as number;
    if (Number.isNaN(score)) continue;
    const along =
      scale === 'unit' ? (score - low) / (high - low) : Math.log(Math.max(score, low) / low) / Math.log(high / low);
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(along * bins)));
    const of = isFirst[i] === 1 ? counts[0] : counts[1];
    of[bin] = (of[bin] as number) + 1;
  }
  return {
    candidate,
    axis,
    edges,
    isLogarithmic: scale === 'ratio',
    classes: [
      { name: classNames[0], counts: counts[0] },
      { name: classNames[1], counts: counts[1] },
    ],
    thresholds,
  };
}

/** Scores of 0 count in the first bin; what lies below a hundred-thousandth of the greatest looks like 0. */
const leastRatio = 1e-5;

function ratioEdges(scores: ArrayLike<number>, bins: number): number[] {
  let [least, greatest] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i] as number;
    if (score > 0 && score < least) least = score;
    if (score > greatest) greatest = score;
  }
  if (greatest === 0) [least, greatest] = [0.1, 1];
  least = Math.min(Math.max(least, greatest * leastRatio), greatest / 10);
  return Array.from({ length: bins + 1 }, (_, i) => least * (greatest / least) ** (i / bins));
}
