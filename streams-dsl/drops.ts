import { channel } from 'node:diagnostics_channel';
import type { OperatorDescription } from './operator.ts';

/** Why an operator let an item go no further, other than because it was told to choose. */
export type DropReason =
  /** Its time lies behind what the operator has already settled. */
  | 'late'
  /** The operator held as many items as it may. */
  | 'bound'
  /** The user's function threw, and `onError` is `drop`. */
  | 'failed'
  /** Records of a topic that were deleted before they could be read; the item says which. */
  | 'deleted';

/** The message of the diagnostics channel `saccade:dropped`: one for each dropped item. */
export interface Dropped {
  /** The operator's description, the very object: what tells two operators of a kind apart. */
  readonly operator: OperatorDescription;
  readonly reason: DropReason;
  readonly item: unknown;
  /** What the user's function threw; undefined for other reasons. */
  readonly error?: unknown;
}

/** Name of the `node:diagnostics_channel` on which every {@link Dropped} item is told. */
export const droppedChannel = 'saccade:dropped';

const drops = channel(droppedChannel);

/** Tells whoever counts that an item was dropped. */
export function reportDrop(dropped: Dropped): void {
  drops.publish(dropped);
}
