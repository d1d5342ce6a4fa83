import type { ErrorRecord, OpenFootageOptions } from '../../ingest/index.ts';
import type { Replay } from './replay-data.ts';

/** To the worker that draws a replay. */
export interface ToReplayVideo {
  readonly footage: OpenFootageOptions;
  readonly replay: Replay;
  /** MP4 file to write; replaced if it exists. */
  readonly path: string;
}

/** From that worker. */
export type FromReplayVideo =
  | { readonly type: 'progress'; readonly frames: number; readonly frameCount: number }
  | { readonly type: 'failed'; readonly error: ErrorRecord }
  | { readonly type: 'done'; readonly frames: number };
