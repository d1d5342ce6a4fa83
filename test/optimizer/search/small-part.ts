import type { LabeledPart } from '../../../optimizer/index.ts';

/** A part of one stretch with a row a second, from labels written as text: `1` is positive. */
export function smallPart(truth: string, rawTruth: string = truth): LabeledPart {
  const labels = (text: string): Uint8Array => Uint8Array.from(text, label => Number(label));
  const count = truth.length;
  return {
    stretches: [{ source: 0, range: { from: 0, to: count }, rows: { from: 0, to: count } }],
    step: 1,
    frames: Uint32Array.from({ length: count }, (_, row) => row),
    timestampsUs: Float64Array.from({ length: count }, (_, row) => row * 1_000_000),
    keyframes: new Uint8Array(count).fill(1),
    rawTruth: labels(rawTruth),
    truth: labels(truth),
  };
}
