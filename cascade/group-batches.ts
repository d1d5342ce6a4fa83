import type { FrameIndex, FrameTable } from '../ingest/index.ts';

/**
 * Keyframes looked at together, so that a small model's fixed cost a run is shared (bench/stages). More would make the
 * packets of more groups wait for their labels.
 */
export const groupsPerLook = 8;

/**
 * First keyframe of the batch that a frame's group belongs to. Batches are counted from the start of the footage, so that a
 * worker that starts anew looks at the same keyframes together: models answer a batch differently in the last bits than
 * its frames one by one.
 */
export function lookStart(table: FrameTable, frame: FrameIndex): FrameIndex {
  const ordinal = keyframeOrdinal(table, frame);
  return table.keyframes[ordinal - (ordinal % groupsPerLook)] ?? 0;
}

/** Whether the group of a keyframe is the last of its batch. */
export function endsLook(table: FrameTable, keyframe: FrameIndex): boolean {
  return keyframeOrdinal(table, keyframe) % groupsPerLook === groupsPerLook - 1;
}

/** Position among the keyframes of the last one at or before a frame; 0 where there is none. */
function keyframeOrdinal({ keyframes }: FrameTable, frame: FrameIndex): number {
  let [low, high] = [0, keyframes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keyframes[middle] ?? 0) <= frame) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
