import type { FootageSource } from '../footage-source.ts';

/** How much of the footage the reference model is asked about at most. */
export interface LabelSampling {
  /** About how many frames a second of footage are labeled, above 0. Default: no limit. */
  readonly labelFps?: number | undefined;
  /** Most frames to label. Default {@link defaultLabelFrames}. */
  readonly budget?: LabelBudget | undefined;
}

/**
 * A limit on labeling: frames, 1 or more, or as many frames as so many seconds of the footage have, above 0 (never the
 * clock's seconds: which frames are labeled must not depend on the machine).
 */
export type LabelBudget = { readonly frames: number } | { readonly footageSeconds: number };

/**
 * Frames that are labeled when nothing else is said: 13 minutes at 25 frames a second. A detector of 105 ms a frame takes 35
 * minutes on one core for them (shared with `saccade label`, so once a footage).
 */
export const defaultLabelFrames = 20_000;

/**
 * Distance of two labeled frames: 1, every frame, unless the footage has more than the sampling allows.
 * @returns Frames, a whole number of 1 or more; the same for all sources, so that a part's rows are evenly spaced.
 */
export function labelStep(sources: readonly FootageSource[], { labelFps, budget }: LabelSampling = {}): number {
  const frames = sources.reduce((sum, { range }) => sum + range.to - range.from, 0);
  const seconds = sources.reduce((sum, { range, info }) => sum + (range.to - range.from) / info.frameRateFps, 0);
  const frameRateFps = seconds > 0 ? frames / seconds : 0;
  const most = budget === undefined ? defaultLabelFrames : mostFrames(budget, frameRateFps);
  const byRate = labelFps === undefined ? 1 : Math.round(frameRateFps / labelFps);
  return Math.max(1, byRate, Math.ceil(frames / most));
}

function mostFrames(budget: LabelBudget, frameRateFps: number): number {
  return Math.max(1, 'frames' in budget ? budget.frames : budget.footageSeconds * frameRateFps);
}
