import { cutAtKeyframes, type FrameIndex, type FrameRange, type FrameTable } from '../ingest/index.ts';
import { lookStart } from './group-batches.ts';
import type { SkipRule } from './plan.ts';
import { looksPerChunk } from './stream-protocol.ts';

/** Least frames of a piece: below it, seeking and reopening the decoder would show (bench/segments). */
const leastFrames = 512;
/** Pieces for each worker: enough that they end at about the same time. */
const piecesPerWorker = 8;

/**
 * Cuts footage at keyframes into the ranges that several workers share; one worker takes all in one piece.
 *
 * Which frames are looked at together must not depend on where a run was interrupted, since models answer a batch
 * differently in the last bits than its frames one by one: so the cuts are those of the whole footage, and the first
 * range begins where one of its chunks does.
 * @param from - First frame that has no answer yet.
 */
export function cutRanges(table: FrameTable, skip: SkipRule, { workers, from }: CutOptions): FrameRange[] {
  const frameCount = table.timestampsUs.length;
  const targetFrames = Math.max(leastFrames, Math.ceil(frameCount / (workers * piecesPerWorker)));
  const whole = { from: 0, to: frameCount };
  const ranges = workers === 1 ? [whole] : cutAtKeyframes(table, { targetFrames });
  return ranges
    .filter(({ to }) => to > from)
    .map((range, i) =>
      i === 0 && from > range.from ? { from: chunkStart(table, skip, range, from), to: range.to } : range,
    );
}

/** What {@link cutRanges} needs to know of the run. */
export interface CutOptions {
  /** Stream workers, 1 or more. */
  readonly workers: number;
  readonly from: FrameIndex;
}

function chunkStart(table: FrameTable, skip: SkipRule, range: FrameRange, frame: FrameIndex): FrameIndex {
  if (skip.kind === 'keyframes') return Math.max(range.from, lookStart(table, frame));
  const span = looksPerChunk * skip.tSkip;
  return range.from + Math.floor((frame - range.from) / span) * span;
}

/** The first keyframe after a frame; the end of the footage where there is none. */
export function keyframeAfter({ keyframes, timestampsUs }: FrameTable, frame: FrameIndex): FrameIndex {
  return keyframes.find(keyframe => keyframe > frame) ?? timestampsUs.length;
}
