import type { FrameIndex, OpenFootageOptions } from '../ingest/index.ts';
import { type FootageTaskHooks, runFootageTask } from './footage-task.ts';

/** Which frames to show. */
export interface StillsOptions {
  readonly footage: OpenFootageOptions;
  /** Indexes of the frames, in any order. */
  readonly frames: readonly FrameIndex[];
  /** Width of the stills in px, 1 or more; the aspect ratio is kept. */
  readonly width: number;
}

/**
 * Reads some frames as JPEG files, for a report, in a worker process.
 * @returns Images by frame; frames that could not be decoded are missing.
 * @throws what opening the footage throws; the signal's reason when it is aborted.
 */
export function readStills(
  { footage, frames, width }: StillsOptions,
  hooks?: FootageTaskHooks,
): Promise<ReadonlyMap<FrameIndex, Uint8Array>> {
  return runFootageTask<'stills'>({ kind: 'stills', footage, frames: Uint32Array.from(frames), width }, hooks);
}
