import { readPictures } from '../../cascade/index.ts';
import type { FrameIndex } from '../../ingest/index.ts';
import type { FootageSource } from '../footage-source.ts';
import { type EdgeView, edgeViewOf, viewRequest } from './edge-view.ts';

/** Blocks of time of a source that are compared with one another. */
const blocks = 6;
/** Pictures of a block; what stands still longer than a sixth of the footage becomes scene. */
const picturesPerBlock = 8;

/**
 * Looks at a source in six blocks of time, eight pictures each, in a worker process. Keyframes are taken where one is near,
 * since nothing else has to be decoded for them.
 * @returns Views in order of time; those that show hardly anything are left out.
 * @throws What opening the footage throws; the signal's reason.
 */
export async function readViews(source: FootageSource, signal?: AbortSignal): Promise<EdgeView[]> {
  const sampled = sampleFrames(source);
  const frames = sampled.flat();
  const pictures = await readPictures({ footage: source.footage, frames, request: viewRequest }, { signal });
  return sampled.flatMap(block => edgeViewOf(block.flatMap(frame => pictures.get(frame) ?? [])) ?? []);
}

/** Frames to look at by block, evenly spread over the source's range. */
function sampleFrames({ table, range }: FootageSource): FrameIndex[][] {
  const spacing = (range.to - range.from) / (blocks * picturesPerBlock);
  return Array.from({ length: blocks }, (_, block) => {
    const wanted = Array.from({ length: picturesPerBlock }, (_, i) => {
      const middle = Math.floor(range.from + (block * picturesPerBlock + i + 0.5) * spacing);
      return nearestKeyframe(table.keyframes, middle, spacing / 2) ?? middle;
    });
    return [...new Set(wanted)];
  });
}

function nearestKeyframe(keyframes: Uint32Array, frame: FrameIndex, within: number): FrameIndex | undefined {
  const after = keyframes.findIndex(keyframe => keyframe >= frame);
  const candidates = [keyframes[after], keyframes[(after < 0 ? keyframes.length : after) - 1]];
  const near = candidates.filter(keyframe => keyframe !== undefined && Math.abs(keyframe - frame) <= within);
  return near.sort((a, b) => Math.abs((a ?? 0) - frame) - Math.abs((b ?? 0) - frame))[0];
}
