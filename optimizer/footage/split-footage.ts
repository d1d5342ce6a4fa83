import { optimizerErrors } from '../errors.ts';
import type { FootageSource } from '../footage-source.ts';
import type { FootageSplit, Stretch } from '../labeled-part.ts';

/** How footage is divided. */
export interface SplitOptions {
  /** Parts of the footage, gaps apart, each above 0; their sum does not matter. Default {@link defaultShares}. */
  readonly shares?: Readonly<Record<keyof FootageSplit, number>> | undefined;
  /** Time between two parts in ms, 0 or more; the smoothing's window at least. Default as {@link splitGapMs}. */
  readonly gapMs?: number | undefined;
  /** Window of the query's smoothing in ms, 0 or more. */
  readonly smoothingMs: number;
  /** Distance of two labeled frames, 1 or more: stretches begin at a labeled frame. */
  readonly step: number;
}

/**
 * NoScope §6.3 trains on 60 % of what it labels and chooses on 40 %; of the footage here a quarter more is kept apart for
 * the final count, and bounds on rare errors need events in the threshold part more than models need them in the train part.
 */
export const defaultShares = { train: 0.45, threshold: 0.3, test: 0.25 } as const;

const partNames = ['train', 'threshold', 'test'] as const;
/** Parts and stretches shorter than this hold nothing to learn or to count. */
const leastUs = 1e6;
/** A stretch begins at the next keyframe when that is nearer than this share of the shortest part. */
const snapShare = 0.1;

/** Time between two parts in ms: 2 s, at most 2 % of the footage, and the smoothing's window at least. */
export function splitGapMs(footageSeconds: number, { gapMs, smoothingMs }: SplitOptions): number {
  return Math.max(smoothingMs, gapMs ?? Math.min(2000, footageSeconds * 1000 * 0.02));
}

/**
 * Divides footage by time, in the order of the sources, into train, threshold and test parts with gaps between them. The
 * sources are taken as one tape without the time between them. Stretches begin at the next keyframe where it is
 * near, since decoding has to begin there; one below a second is left out.
 *
 * Pure: which frames belong to which part depends on the frames' times alone. Events are not known yet; once they are,
 * `adjustToEvents` moves the borders out of them.
 * @throws OPTIMIZER_FOOTAGE_TOO_SHORT - when a part would be below a second.
 */
export function splitFootage(sources: readonly FootageSource[], options: SplitOptions): FootageSplit {
  const { shares = defaultShares, step } = options;
  const tape = layOnTape(sources);
  const totalUs = tape.at(-1)?.endUs ?? 0;
  const gapUs = splitGapMs(totalUs / 1e6, options) * 1000;
  const sum = shares.train + shares.threshold + shares.test;
  const usableUs = totalUs - 2 * gapUs;
  const shortest = Math.min(shares.train, shares.threshold, shares.test) / sum;
  if (!(usableUs * shortest >= leastUs)) {
    const expected = ((2 * gapUs + leastUs / shortest) / 1e6).toFixed(1);
    throw optimizerErrors.create('OPTIMIZER_FOOTAGE_TOO_SHORT', { expected, got: (totalUs / 1e6).toFixed(1) });
  }
  const snapUs = usableUs * shortest * snapShare;
  const begins = partNames.map((_, i) => {
    const before = partNames.slice(0, i).reduce((share, name) => share + shares[name], 0);
    return (usableUs * before) / sum + i * gapUs;
  });
  const stretchesOf = (part: number): Stretch[] => {
    const endUs = part + 1 < begins.length ? (begins[part + 1] ?? 0) - gapUs : totalUs;
    return tape.flatMap(piece => stretchOf(piece, { fromUs: begins[part] ?? 0, toUs: endUs, step, snapUs }));
  };
  return { train: stretchesOf(0), threshold: stretchesOf(1), test: stretchesOf(2) };
}

/** A source on the tape, all times in µs from the tape's start. */
interface TapePiece {
  readonly source: number;
  readonly startUs: number;
  readonly endUs: number;
  /** Media time of the tape's start, as the source's own times go. */
  readonly originUs: number;
  readonly footage: FootageSource;
}

function layOnTape(sources: readonly FootageSource[]): TapePiece[] {
  let startUs = 0;
  return sources.map((footage, source) => {
    const { table, range, info } = footage;
    const firstUs = table.timestampsUs[range.from] ?? 0;
    const lastUs = (table.timestampsUs[0] ?? 0) + info.durationUs;
    const endUs = startUs + (table.timestampsUs[range.to] ?? lastUs) - firstUs;
    const piece = { source, startUs, endUs, originUs: firstUs - startUs, footage };
    startUs = endUs;
    return piece;
  });
}

interface TapeSpan {
  readonly fromUs: number;
  readonly toUs: number;
  readonly step: number;
  /** How far the first keyframe may lie behind the start for the stretch to begin there. */
  readonly snapUs: number;
}

/** The labeled frames of a source within a span of the tape, as a stretch; none when it is too short. */
function stretchOf({ source, originUs, footage }: TapePiece, span: TapeSpan): Stretch[] {
  const { table, range } = footage;
  const { fromUs, toUs, step, snapUs } = span;
  const timeUs = (frame: number): number => (table.timestampsUs[frame] ?? 0) - originUs;
  const at = (limitUs: number): number => {
    const index = table.timestampsUs.findIndex((_, frame) => frame >= range.from && timeUs(frame) >= limitUs);
    return index < 0 ? range.to : Math.min(index, range.to);
  };
  const [first, to] = [at(fromUs), at(toUs)];
  const keyframe = table.keyframes.find(
    index => index >= first && index < to && timeUs(index) - timeUs(first) <= snapUs,
  );
  const from = range.from + Math.ceil(((keyframe ?? first) - range.from) / step) * step;
  return to > from && timeUs(to - 1) - timeUs(from) >= leastUs ? [{ source, range: { from, to } }] : [];
}
