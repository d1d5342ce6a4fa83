import { ingestErrors } from './errors.ts';
import type { FrameRange, FrameTable } from './footage.ts';

/** Into how many pieces footage is cut: given directly, or by the usual length of a piece in frames; 1 or more. */
export type CutSize = { readonly parts: number } | { readonly targetFrames: number };

/**
 * Cuts footage into consecutive ranges that can be decoded side by side: each cut lies at the keyframe nearest to where
 * equal pieces would end, so there may be fewer pieces than asked for, but every frame is in exactly one.
 * @returns Ranges in order, the first from 0; none when there are no frames.
 * @throws INGEST_OPTION_INVALID - when the size is below 1.
 */
export function cutAtKeyframes(table: FrameTable, size: CutSize): FrameRange[] {
  const [option, value] = 'parts' in size ? ['parts', size.parts] : ['targetFrames', size.targetFrames];
  if (!(value >= 1)) throw ingestErrors.create('INGEST_OPTION_INVALID', { option, expected: 'a number from 1', value });
  const count = table.timestampsUs.length;
  const parts = 'parts' in size ? Math.floor(size.parts) : Math.max(1, Math.round(count / size.targetFrames));
  const cuts = new Set<number>();
  for (let part = 1, at = 0; part < parts; part++) {
    const ideal = (count * part) / parts;
    while ((table.keyframes[at + 1] ?? Number.POSITIVE_INFINITY) <= ideal) at++;
    const [before, after] = [table.keyframes[at] ?? 0, table.keyframes[at + 1] ?? 0];
    const isAfterNearer = after > before && after - ideal < ideal - before;
    cuts.add(isAfterNearer ? after : before);
  }
  cuts.delete(0);
  const starts = count === 0 ? [] : [0, ...[...cuts].sort((a, b) => a - b)];
  return starts.map((from, at) => ({ from, to: starts[at + 1] ?? count }));
}
