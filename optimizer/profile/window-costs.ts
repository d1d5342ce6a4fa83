import type { Stretch } from '../labeled-part.ts';
import { median } from './median.ts';

/** Windows measured at least, however little time there is: one alone may be an odd one. */
const leastWindows = 2;
/** Measurements of one window at most: its median is steady by then. */
const mostRounds = 7;

/** What a window took. */
export interface WindowCost {
  /** In µs. */
  readonly us: number;
  /** Frames that came out. */
  readonly frames: number;
}

/**
 * Measures windows in turns for about some time, and adds up the medians of each: a median over windows of different
 * content would be the cost of a usual window, not of the footage.
 * @param measure - Measures a window once.
 * @returns For each window that was measured its median cost, with the `measure` of its last round.
 */
export async function windowCosts<Cost extends WindowCost>(
  windows: readonly Stretch[],
  durationMs: number,
  measure: (window: Stretch) => Promise<Cost>,
): Promise<Cost[]> {
  const started = performance.now();
  const costs = windows.map((): Cost[] => []);
  for (let turn = 0; turn < windows.length * mostRounds; turn++) {
    const isEnough = turn >= Math.min(leastWindows, windows.length);
    if (isEnough && performance.now() - started >= durationMs) break;
    const at = turn % windows.length;
    costs[at]?.push(await measure(windows[at] as Stretch));
  }
  return costs.flatMap(rounds => {
    const last = rounds.at(-1);
    return last === undefined ? [] : [{ ...last, us: median(rounds.map(({ us }) => us)) }];
  });
}
