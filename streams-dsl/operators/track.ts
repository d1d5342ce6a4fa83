import { defer, map } from 'rxjs';
import type { Decision, Detection } from '../../cascade/index.ts';
import { BoxTracker, type TrackedDetection } from '../box-tracker.ts';
import { checkOptions, durationRule, optional, shareRule } from '../check-options.ts';
import { type Duration, durationUs } from '../duration.ts';
import { describeOperator, type StreamOperator } from '../operator.ts';
import type { StreamItem } from '../stream-item.ts';

/** How objects are followed. */
export interface TrackOptions {
  /**
   * Least overlap (intersection over union) of a detection with where its track is expected, 0–1, inclusive. Default 0.3,
   * as SORT.
   */
  readonly minOverlap?: number;
  /** How long a track outlives its last detection, in stream time. Default 1 s. */
  readonly maxGap?: Duration;
}

/** An item whose detections, where it has any, say which track they belong to. */
export type Tracked<Item> = Item extends { readonly detections: readonly Detection[] }
  ? Omit<Item, 'detections'> & { readonly detections: readonly TrackedDetection[] }
  : Item;

/**
 * Gives the detections of each stream the numbers of the objects that they are, by overlap with where a constant-velocity
 * Kalman filter expects each object (SORT, Bewley et al. 2016, assigned greedily). Numbers are stable through gaps of up
 * to `maxGap`, from 1 for each stream, and a function of the stream alone.
 *
 * ```
 * in   --[a]--[a b]--[]--[b]--|
 *      track()
 * out  --[1]--[1 2]--[]--[2]--|
 * ```
 *
 * Items without detections pass as they are; a decision that nothing has changed counts as if the same objects had been
 * seen again. A clock that is set back by more than 10 s ends all tracks. Completion, errors and unsubscription pass
 * through. Holds no items, only the tracks of the last `maxGap`.
 * @throws STREAMS_OPTION_INVALID - when an option does not fit.
 */
export function track<In extends StreamItem>(options: TrackOptions = {}): StreamOperator<In, Tracked<In>> {
  checkOptions('track', options, { minOverlap: optional(shareRule), maxGap: optional(durationRule()) });
  const { minOverlap = 0.3, maxGap = '1s' } = options;
  const settings = { minOverlap, maxGapUs: durationUs(maxGap) };
  return describeOperator({ kind: 'track', options: { minOverlap, maxGap } }, source =>
    defer(() => {
      const streams = new Map<string, TrackedStream>();
      return source.pipe(
        map(item => {
          let followed = streams.get(item.stream);
          if (followed === undefined) {
            followed = { tracker: new BoxTracker(settings), lastSeen: null };
            streams.set(item.stream, followed);
          }
          return follow(item, followed) as Tracked<In>;
        }),
      );
    }),
  );
}

interface TrackedStream {
  readonly tracker: BoxTracker;
  /** What the last look saw, while nothing else has been decided since. */
  lastSeen: readonly Detection[] | null;
}

function follow(item: StreamItem & Partial<Decision>, stream: TrackedStream): object {
  if ('detections' in item && Array.isArray(item.detections)) {
    stream.lastSeen = item.detections;
    return { ...item, detections: stream.tracker.look(item.timestampUs, item.detections) };
  }
  if (item.decidedBy === 'unchanged' && stream.lastSeen !== null) {
    stream.tracker.look(item.timestampUs, stream.lastSeen);
  } else if (item.decidedBy !== 'unchanged' && item.decidedBy !== 'skipped') stream.lastSeen = null;
  return item;
}
