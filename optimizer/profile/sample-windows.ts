import type { FrameRange, FrameTable } from '../../ingest/index.ts';
import type { Stretch } from '../labeled-part.ts';

/** Where to sample. */
export interface SampleWindowsOptions {
  /** Most windows, 1 or more. */
  readonly count: number;
  /** Least frames of a window; it goes on to the next keyframe then. */
  readonly leastFrames: number;
  /** Most frames of a window, for footage that has few keyframes. */
  readonly mostFrames: number;
}

/**
 * Windows of footage to measure on, spread evenly over the stretches. Each begins at a keyframe and ends before another
 * where it can, so that keyframes, which cost many times as much, have their true share. A window may reach beyond its
 * stretch by less than a group of pictures.
 * @param tables - Where the frames of each source lie.
 * @returns Distinct windows, in an order in which any first few are spread too.
 */
export function sampleWindows(
  stretches: readonly Stretch[],
  tables: readonly FrameTable[],
  { count, leastFrames, mostFrames }: SampleWindowsOptions,
): Stretch[] {
  const total = stretches.reduce((sum, { range }) => sum + range.to - range.from, 0);
  const windows = new Map<string, Stretch>();
  for (let i = 0; i < count; i++) {
    const place = placeAt(stretches, Math.floor(((spread(i) + 0.5 / count) % 1) * total));
    const table = place === undefined ? undefined : tables[place.source];
    if (place === undefined || table === undefined) continue;
    const range = windowAt(table, place.frame, { leastFrames, mostFrames });
    windows.set(`${place.source} ${range.from}`, { source: place.source, range });
  }
  return [...windows.values()];
}

/** The i-th number of the van der Corput sequence: 0, 1/2, 1/4, 3/4, 1/8, … */
function spread(i: number): number {
  let value = 0;
  for (let rest = i, digit = 0.5; rest > 0; rest >>= 1, digit /= 2) if (rest & 1) value += digit;
  return value;
}

function placeAt(stretches: readonly Stretch[], offset: number): { source: number; frame: number } | undefined {
  let rest = offset;
  for (const { source, range } of stretches) {
    if (rest < range.to - range.from) return { source, frame: range.from + rest };
    rest -= range.to - range.from;
  }
  return undefined;
}

function windowAt(
  { keyframes, timestampsUs }: FrameTable,
  frame: number,
  { leastFrames, mostFrames }: Omit<SampleWindowsOptions, 'count'>,
): FrameRange {
  const from = keyframes.findLast(keyframe => keyframe <= frame) ?? 0;
  const end = keyframes.find(keyframe => keyframe >= from + leastFrames) ?? timestampsUs.length;
  return { from, to: Math.min(end, from + mostFrames) };
}
