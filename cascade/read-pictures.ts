import type { FrameIndex, OpenFootageOptions, PixelRequest } from '../ingest/index.ts';
import { type FootageTaskHooks, runFootageTask } from './footage-task.ts';

/** Which pictures to read. */
export interface PicturesOptions {
  readonly footage: OpenFootageOptions;
  /** Indexes of the frames, in any order. Each costs a decode from the keyframe before it: keyframes are cheapest. */
  readonly frames: readonly FrameIndex[];
  readonly request: PixelRequest;
}

/**
 * Reads a few frames far apart as raw pictures, in a worker process.
 * @returns Pictures by frame, ascending, laid out as the request says; frames that could not be decoded are missing.
 * @throws What opening the footage throws; the signal's reason.
 */
export async function readPictures(
  { footage, frames, request }: PicturesOptions,
  hooks?: FootageTaskHooks,
): Promise<ReadonlyMap<FrameIndex, Uint8Array>> {
  return runFootageTask<'pictures'>({ kind: 'pictures', footage, frames: Uint32Array.from(frames), request }, hooks);
}
