import type { ErrorTargets } from '../found-plan.ts';
import type { IntervalErrors, Steadiness, Unsteadiness } from '../search/measure-unsteadiness.ts';
import { percent } from './format-number.ts';

/** What is known before anything is searched: how steady the reference is, and what targets that leaves in reach. */
export function describeReach({ windows, floor }: Unsteadiness, targets: ErrorTargets): string {
  const [own, ...wider] = windows;
  const steady = `The reference disagrees with its own smoothed answer in ${percent(own?.unsteadyShare ?? 0)} of the frames.`;
  if (keeps(floor, targets)) return steady;
  const better = wider.find(({ intervals }) => intervals[0] !== undefined && keeps(intervals[0], targets));
  return `${steady} Even asked on every ${floor.tSkip === 2 ? 'second' : `${floor.tSkip}th`} frame it misses ${percent(floor.falseNegativeRate)} of its own positive frames and calls ${percent(floor.falsePositiveRate)} of the negative ones positive: below that only a look at every labeled frame gets. ${help(better)}`;
}

function keeps({ falseNegativeRate, falsePositiveRate }: IntervalErrors, targets: ErrorTargets): boolean {
  return (falseNegativeRate ?? 0) <= targets.falseNegativeRate && (falsePositiveRate ?? 0) <= targets.falsePositiveRate;
}

function help(better: Steadiness | undefined): string {
  const others = 'a higher --min-score, a better reference, or these rates as targets';
  if (better === undefined) return `What helps: ${others}; more smoothing would not be enough.`;
  return `What helps: --smoothing ${better.smoothingMs / 1000}s keeps the targets, or ${others}.`;
}
