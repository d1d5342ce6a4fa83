import type { Damage } from '../footage.ts';
import type { PacketTable } from '../packet-table.ts';
import type { FrameStore } from './frame-store.ts';
import type { VideoInput } from './video-input.ts';

/** What the readers of one footage share. */
export interface NativeFootageParts {
  /** Path for error texts. */
  readonly path: string;
  readonly input: VideoInput;
  readonly table: PacketTable;
  readonly store: FrameStore;
  /** Decoder threads, 1–16. */
  readonly threads: number;
  /** Counts up as damage is met. */
  readonly damage: { -readonly [Count in keyof Damage]: Damage[Count] };
}
