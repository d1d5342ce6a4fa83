import { type Box, type Detection, evaluatePredicate, type Predicate } from '../../cascade/index.ts';
import type { LabeledPart } from '../labeled-part.ts';
import type { ReferenceLabels } from './label-sources.ts';

/** Added on each side, as a share of the region: objects reach a little beyond where they were seen. */
const padding = 0.1;
/** A region of more than this share of the frame saves nothing. */
const mostOfFrame = 0.7;

/**
 * Where the label ever appears on a part: the box around all detections that answer the predicate by themselves, with a
 * tenth of its size added on each side.
 * @returns Null where nothing does, or where the box covers more than 70 % of the frame.
 */
export function labelRegion({
  labels,
  part,
  predicate,
}: {
  readonly labels: ReferenceLabels;
  readonly part: Pick<LabeledPart, 'stretches' | 'frames' | 'rawTruth'>;
  readonly predicate: Predicate;
}): Box | null {
  let [left, top, right, bottom] = [1, 1, 0, 0];
  for (const { source, rows } of part.stretches) {
    for (let row = rows.from; row < rows.to; row++) {
      if (part.rawTruth[row] !== 1) continue;
      const found: readonly Detection[] = labels.detections[source]?.get(part.frames[row] as number) ?? [];
      for (const detection of found) {
        if (!evaluatePredicate(predicate, [detection]).label) continue;
        const { x, y, width, height } = detection.box;
        [left, top] = [Math.min(left, x), Math.min(top, y)];
        [right, bottom] = [Math.max(right, x + width), Math.max(bottom, y + height)];
      }
    }
  }
  if (right <= left || bottom <= top) return null;
  const [padX, padY] = [padding * (right - left), padding * (bottom - top)];
  const [x, y] = [Math.max(0, left - padX), Math.max(0, top - padY)];
  const region = { x, y, width: Math.min(1, right + padX) - x, height: Math.min(1, bottom + padY) - y };
  return region.width * region.height > mostOfFrame ? null : region;
}
