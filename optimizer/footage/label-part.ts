import { type Detection, evaluatePredicate, type Predicate, smooth } from '../../cascade/index.ts';
import type { FootageSource } from '../footage-source.ts';
import type { LabeledPart, LabeledStretch, Stretch } from '../labeled-part.ts';
import type { ReferenceLabels } from './label-sources.ts';

/** From what the truth of a part is made. */
export interface LabelPartOptions {
  readonly sources: readonly FootageSource[];
  readonly labels: ReferenceLabels;
  /** Each begins at a labeled frame of its source; in order of time. */
  readonly stretches: readonly Stretch[];
  readonly predicate: Predicate;
  /** Window of the majority that steadies the labels in ms, 0 or more; 0 leaves them raw. */
  readonly smoothingMs: number;
}

/**
 * Turns what the reference model said into the columns of a part. As in a cascade, a frame that could not be decoded carries
 * the raw label before it, false at the start of a stretch; and smoothing does not look beyond the stretch.
 */
export function labelPart({ sources, labels, stretches, predicate, smoothingMs }: LabelPartOptions): LabeledPart {
  const { step } = labels;
  const count = stretches.reduce((sum, { range }) => sum + Math.ceil((range.to - range.from) / step), 0);
  const columns = {
    frames: new Uint32Array(count),
    timestampsUs: new Float64Array(count),
    keyframes: new Uint8Array(count),
    rawTruth: new Uint8Array(count),
    truth: new Uint8Array(count),
  };
  const labeled: LabeledStretch[] = [];
  let row = 0;
  for (const stretch of stretches) {
    const rows = { from: row, to: row };
    const table = sources[stretch.source]?.table;
    const detections: ReadonlyMap<number, readonly Detection[]> = labels.detections[stretch.source] ?? new Map();
    const isKeyframe = new Set(table?.keyframes);
    let isPositive = false;
    for (let frame = stretch.range.from; frame < stretch.range.to; frame += step, row++) {
      const found = detections.get(frame);
      if (found !== undefined) isPositive = evaluatePredicate(predicate, found).label;
      columns.frames[row] = frame;
      columns.timestampsUs[row] = table?.timestampsUs[frame] ?? 0;
      columns.keyframes[row] = isKeyframe.has(frame) ? 1 : 0;
      columns.rawTruth[row] = isPositive ? 1 : 0;
    }
    rows.to = row;
    const raw = Array.from(columns.rawTruth.subarray(rows.from, rows.to), value => value === 1);
    const smoothed = smooth(columns.timestampsUs.subarray(rows.from, rows.to), raw, smoothingMs);
    columns.truth.set(smoothed.map(Number), rows.from);
    labeled.push({ ...stretch, rows });
  }
  return { stretches: labeled, step, ...columns };
}
