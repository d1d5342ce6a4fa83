import type { LabeledPart } from '../labeled-part.ts';

/** Most rows of an average: noise is then below a tenth of a grey level. */
const mostRows = 200;
/** Someone who has just left may still cast a shadow. */
const apartUs = 1e6;

/**
 * Rows to average into the picture of the empty scene: negative raw and smoothed, at least a second away from positive ones
 * (any negative ones where there are none such), evenly spread, at most 200. Empty when all are positive.
 */
export function emptySceneRows(part: LabeledPart): Uint32Array {
  const { truth, rawTruth } = part;
  const negative = Uint32Array.from(truth.keys()).filter(row => truth[row] === 0 && rawTruth[row] === 0);
  const near = rowsNearPositives(part);
  const apart = negative.filter(row => near[row] === 0);
  const rows = apart.length > 0 ? apart : negative;
  const count = Math.min(mostRows, rows.length);
  return Uint32Array.from({ length: count }, (_, i) => rows[Math.floor((i * rows.length) / count)] as number);
}

function rowsNearPositives({ stretches, timestampsUs, truth, rawTruth }: LabeledPart): Uint8Array {
  const near = new Uint8Array(truth.length);
  for (const { rows } of stretches) {
    const sweep = (from: number, to: number, by: 1 | -1): void => {
      let lastUs = Number.NaN;
      for (let row = from; row !== to; row += by) {
        const timeUs = timestampsUs[row] as number;
        if (truth[row] === 1 || rawTruth[row] === 1) lastUs = timeUs;
        if (Math.abs(timeUs - lastUs) < apartUs) near[row] = 1;
      }
    };
    sweep(rows.from, rows.to, 1);
    sweep(rows.to - 1, rows.from - 1, -1);
  }
  return near;
}
