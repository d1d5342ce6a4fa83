import { ingestErrors } from './errors.ts';
import type { FrameRange, FrameTable } from './footage.ts';
import { keyframeAtOrBefore } from './packet-table.ts';

/**
 * Checks a range of frames against the frames that there are.
 * @throws INGEST_RANGE_INVALID - when it is no pair of integers with 0 ≤ from ≤ to ≤ number of frames.
 */
export function checkRange(table: FrameTable, range: FrameRange): void {
  const count = table.timestampsUs.length;
  const { from, to } = range;
  if (Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= count) return;
  throw ingestErrors.create('INGEST_RANGE_INVALID', { from, to, expected: `integers, 0 ≤ from ≤ to ≤ ${count}` });
}

/**
 * Checks a range of groups of pictures.
 * @throws INGEST_RANGE_INVALID - as for frames, and when the range holds frames but does not start at a keyframe.
 */
export function checkGroupRange(table: FrameTable, range: FrameRange): void {
  checkRange(table, range);
  const { from, to } = range;
  const key = keyframeAtOrBefore(table, from);
  if (from === to || table.keyframes[key] === from) return;
  const before = key < 0 ? 'none' : String(table.keyframes[key]);
  throw ingestErrors.create('INGEST_RANGE_INVALID', {
    from,
    to,
    expected: `from to be a keyframe; before it is ${before}, after it ${table.keyframes[key + 1] ?? 'none'}`,
  });
}
