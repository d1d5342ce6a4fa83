import type { ClassifierCandidate } from './classifier-candidate.ts';
import { trainingBatch } from './train-rung.ts';

/**
 * Nominal time of training on one picture on one thread, forward, backward and update: so much, and so much more a
 * multiplication with addition of the forward pass. Measured on 2 vCPU of an AMD EPYC; processes side by side take up to
 * half as long again, an idle machine two thirds of it. It turns time into steps, so that what is learned never hangs on
 * the clock.
 */
const nominalUs = { picture: 300, multiplyAdd: 0.2e-3 } as const;

/** What looking at the validation rows adds to a rung at most. */
const validationFactor = 13 / 12;

/**
 * Fewest steps of the first rung: with fewer, candidates are ranked by their luck. After 66 steps on synthetic footage all
 * of 12 were still at a log-loss of chance.
 */
const leastFirstSteps = 150;

/** Candidates that the last rung has, which then have the longest training. */
const finalists = 2;

/** Nominal time of one step in µs of one core. */
export function stepUs({ multiplyAdds }: Pick<ClassifierCandidate, 'multiplyAdds'>): number {
  return trainingBatch * validationFactor * (nominalUs.picture + nominalUs.multiplyAdd * multiplyAdds);
}

/** How many candidates go on after a rung of so many: the better half, at least `finalists`. */
export function survivors(candidates: number): number {
  return Math.min(candidates, Math.max(Math.ceil(candidates / 2), finalists));
}

/** Rungs until the last, in which no one is left out any more. */
export function countRungs(candidates: number): number {
  return survivors(candidates) === candidates ? 1 : 1 + countRungs(survivors(candidates));
}

/**
 * Steps that each of some candidates may take in a rung of a nominal duration, at least 1: those of the schedule that
 * starts them by falling cost on the next free worker.
 */
export function affordableSteps(
  candidates: readonly Pick<ClassifierCandidate, 'multiplyAdds'>[],
  { rungMs, workers }: { readonly rungMs: number; readonly workers: number },
): number {
  const busyUs = new Array<number>(workers).fill(0);
  for (const cost of candidates.map(stepUs).sort((a, b) => b - a)) {
    const free = busyUs.indexOf(Math.min(...busyUs));
    busyUs[free] = (busyUs[free] as number) + cost;
  }
  return Math.max(1, Math.floor((rungMs * 1000) / Math.max(...busyUs)));
}

/**
 * The front of a grid that a duration suffices for: as many as can all take 150 steps in the first rung, at least 1. All
 * rungs have the same part of the duration.
 */
export function affordableCandidates<Candidate extends Pick<ClassifierCandidate, 'multiplyAdds'>>(
  grid: readonly Candidate[],
  { searchDurationMs, workers }: { readonly searchDurationMs: number; readonly workers: number },
): Candidate[] {
  for (let count = grid.length; count > 1; count--) {
    const rungMs = searchDurationMs / countRungs(count);
    if (affordableSteps(grid.slice(0, count), { rungMs, workers }) >= leastFirstSteps) return grid.slice(0, count);
  }
  return grid.slice(0, 1);
}
