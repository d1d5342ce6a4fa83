import type { DifferenceMetric, SkipRule } from '../../cascade/index.ts';
import type { DifferenceCandidate } from '../candidate-scores.ts';

/** For which plans candidates are wanted. */
export interface DifferenceCandidatesOptions {
  /** Of the footage, in frames per second, above 0. */
  readonly frameRateFps: number;
  /** Skip rules that plans may have. */
  readonly skips: readonly SkipRule[];
  /** Distance of two rows of the pictures in frames, 1 or more. Default 1. */
  readonly step?: number;
}

/** A metric at a size. */
interface Comparer {
  readonly id: string;
  readonly sizePx: number;
  /** Blocks in a row and in a column; null for the global metric. */
  readonly grid: number | null;
}

const global32: Comparer = { id: 'global-32', sizePx: 32, grid: null };
const global64: Comparer = { id: 'global-64', sizePx: 64, grid: null };
const blocked5: Comparer = { id: 'blocked5-64', sizePx: 64, grid: 5 };
const blocked10: Comparer = { id: 'blocked10-64', sizePx: 64, grid: 10 };

/** NoScope's grids (5, 10). Gray, and 32 and 64 px where NoScope has 50 and 100: about as telling at half the cost. */
const againstScene: readonly Comparer[] = [global32, global64, blocked5, blocked10];
/** The finer grid alone: against earlier frames it tells more apart than the coarser (measured beside fitMetrics' penalty). */
const againstPrevious: readonly Comparer[] = [global32, global64, blocked10];

/** Distances wished for in s; NoScope's code has 10 and 30 frames at 30 per second (seed-systems §1.2). */
const wishedSeconds = [0.5, 1] as const;
/** A distance this much shorter or longer is as good, when it fits more skip rules. */
const tolerance = 0.25;
/** Most distances: with three comparers each and four against the scene, 16 candidates. */
const mostDistances = 4;

/**
 * The difference detectors that a search tries: global and blocked, at two sizes, against the empty scene and against
 * earlier frames about 0.5 s and 1 s back, at distances that fit the skip rules. 10 to 16 candidates; the weights of the
 * blocked ones are zeros until `fitBlocked`.
 */
export function differenceCandidates(options: DifferenceCandidatesOptions): DifferenceCandidate[] {
  const scene = againstScene.map(comparer => candidate(comparer, null));
  const distances = options.skips.some(({ kind }) => kind === 'every') ? previousDistances(options) : [];
  return [
    ...scene,
    ...distances.flatMap(tDiffFrames => againstPrevious.map(comparer => candidate(comparer, tDiffFrames))),
  ];
}

function candidate({ id, sizePx, grid }: Comparer, tDiffFrames: number | null): DifferenceCandidate {
  const metric: DifferenceMetric =
    grid === null ? { kind: 'global' } : { kind: 'blocked', grid, weights: new Array(grid * grid).fill(0), bias: 0 };
  return {
    id: `${id}-${tDiffFrames === null ? 'scene' : `previous-${tDiffFrames}`}`,
    detector: { metric, width: sizePx, height: sizePx, format: 'gray' },
    tDiffFrames,
  };
}

/** Distances in frames, ascending: near each wish the one that fits most skip rules, then more for rules that none fits. */
function previousDistances({ frameRateFps, skips, step = 1 }: DifferenceCandidatesOptions): number[] {
  const tSkips = skips.flatMap(skip => (skip.kind === 'every' ? [skip.tSkip] : []));
  const chosen: number[] = [];
  const unserved = (): number[] => tSkips.filter(tSkip => !chosen.some(distance => distance % tSkip === 0));
  for (const seconds of wishedSeconds) {
    const wish = seconds * frameRateFps;
    const near = multiples(step, (1 - tolerance) * wish, (1 + tolerance) * wish);
    const best = bestDistance(near.length > 0 ? near : [Math.max(1, Math.round(wish / step)) * step], tSkips, wish);
    if (!chosen.includes(best)) chosen.push(best);
  }
  while (chosen.length < mostDistances && unserved().length > 0) {
    const longest = Math.max(...wishedSeconds) * frameRateFps;
    const fitting = unserved().flatMap(tSkip => {
      const common = leastCommonMultiple(step, tSkip);
      return Math.max(1, Math.round(longest / common)) * common;
    });
    chosen.push(bestDistance(fitting, unserved(), longest));
  }
  return chosen.sort((a, b) => a - b);
}

function multiples(step: number, from: number, to: number): number[] {
  const first = Math.max(1, Math.ceil(from / step));
  return Array.from({ length: Math.max(0, Math.floor(to / step) - first + 1) }, (_, i) => (first + i) * step);
}

/** The distance that is a multiple of most skips; of equals the one nearest to the wish, then the shorter. */
function bestDistance(distances: readonly number[], tSkips: readonly number[], wish: number): number {
  const served = (distance: number): number => tSkips.filter(tSkip => distance % tSkip === 0).length;
  const [best = 1] = [...distances].sort(
    (a, b) => served(b) - served(a) || Math.abs(a - wish) - Math.abs(b - wish) || a - b,
  );
  return best;
}

function leastCommonMultiple(a: number, b: number): number {
  let [divisor, rest] = [a, b];
  while (rest > 0) [divisor, rest] = [rest, divisor % rest];
  return (a / divisor) * b;
}
