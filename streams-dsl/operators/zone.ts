import { map } from 'rxjs';
import { type Detection, evaluatePredicate, type ZonePoint } from '../../cascade/index.ts';
import { optionError } from '../check-options.ts';
import { describeOperator, type StreamOperator } from '../operator.ts';

/**
 * Keeps those detections of each item that stand in a polygon: the middle of the box's lower edge is inside or on the
 * border. Items without detections pass as they are, and labels do not change; a zone that the label depends on belongs
 * into the plan's predicate.
 *
 * ```
 * in   --[p1 p2]--[]--[p3]--|
 *      zone(door)
 * out  --[p1]-----[]--[]----|
 * ```
 *
 * Completion, errors and unsubscription pass through. Holds nothing.
 * @param polygon - At least 3 points as shares of the frame, x from the left and y from the top, both 0–1; closed by
 *   itself. Crossing edges count by the even-odd rule.
 * @throws STREAMS_OPTION_INVALID - when it is no such polygon.
 */
export function zone<In extends object>(polygon: readonly ZonePoint[]): StreamOperator<In, In> {
  const expected = 'a polygon of at least 3 points [x, y] from 0 to 1';
  if (!Array.isArray(polygon) || polygon.length < 3) throw optionError('zone', 'polygon', polygon, expected);
  polygon.forEach((point: unknown, index) => {
    if (!isPoint(point)) throw optionError('zone', `polygon[${index}]`, point, 'a point [x, y] from 0 to 1');
  });
  return describeOperator({ kind: 'zone', options: { polygon } }, source =>
    source.pipe(
      map(item => {
        if (!hasDetections(item)) return item;
        const detections = item.detections.filter(
          detection => evaluatePredicate({ label: detection.label, minScore: 0, zone: polygon }, [detection]).label,
        );
        return { ...item, detections };
      }),
    ),
  );
}

function isPoint(point: unknown): boolean {
  return (
    Array.isArray(point) &&
    point.length === 2 &&
    point.every(part => typeof part === 'number' && part >= 0 && part <= 1)
  );
}

function hasDetections(item: object): item is { readonly detections: readonly Detection[] } {
  return 'detections' in item && Array.isArray(item.detections);
}
