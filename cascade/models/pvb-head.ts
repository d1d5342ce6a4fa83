import { z } from 'zod';
import { BoxCandidates } from './box-candidates.ts';
import type { CoveredArea, HeadDecoder, HeadModel, HeadOutputs, ModelHead } from './model-head.ts';
import { suppressNonMaxima } from './non-maximum-suppression.ts';

/** Person-vehicle-bike-detection-2003 of the Open Model Zoo (ATSS), cut before its post-processing. */
export interface PvbHeadDeclaration {
  readonly kind: 'pvb';
}

const STRIDES = [8, 16, 32, 64, 128] as const;
/** Anchor boxes of a cell, width × height, in units of 8 strides: wide, square, tall. */
const ANCHORS = [
  [Math.SQRT2, Math.SQRT1_2],
  [1, 1],
  [Math.SQRT1_2, Math.SQRT2],
] as const;
const ANCHOR_STRIDES = 8;
/** Variances that the regression was trained with (the model's own prior boxes). */
const CENTER_VARIANCE = 0.1;
const SIZE_VARIANCE = 0.2;
/** Upper limit of the scaled log size; keeps wild values finite (e^4.1 = 60 anchors). */
const MAX_LOG_SIZE = 4.1;

/**
 * Decodes PVB-2003. For each stride s: `cls_s` `(cells * 3, classes)` and `ctr_s` `(cells * 3)`, probabilities already,
 * and `reg_s` `(rows, columns, 12)` as dx, dy, dw, dh an anchor; cells row-major. Score = best class × centerness.
 * Without a batch dimension: one picture at a time.
 */
export const pvbHead: ModelHead<PvbHeadDeclaration> = {
  schema: z.strictObject({ kind: z.literal('pvb') }),
  produces: 'detections',
  batched: false,
  preset: {
    head: { kind: 'pvb' },
    resize: { mode: 'stretch' },
    channelOrder: 'BGR',
    labels: ['vehicle', 'person', 'bike'],
  },
  outputs: (_, model) =>
    STRIDES.flatMap(stride => {
      const { rows, columns } = grid(stride, model);
      const anchors = rows * columns * ANCHORS.length;
      return [
        { name: `cls_${stride}`, shape: [anchors, model.labels.length] },
        { name: `ctr_${stride}`, shape: [anchors] },
        { name: `reg_${stride}`, shape: [rows, columns, ANCHORS.length * 4] },
      ];
    }),
  decoder(_, model, minScore): HeadDecoder {
    const candidates = new BoxCandidates();
    return {
      decode(outputs, covered) {
        return covered.map(area => {
          candidates.count = 0;
          STRIDES.forEach((stride, level) => {
            collect(outputs.slice(level * 3, level * 3 + 3), stride, model, { area, minScore, candidates });
          });
          return { kind: 'detections', detections: suppressNonMaxima(candidates, model.labels) };
        });
      },
    };
  },
};

interface Collection {
  readonly area: CoveredArea;
  readonly minScore: number;
  readonly candidates: BoxCandidates;
}

function collect([cls, ctr, reg]: HeadOutputs, stride: number, model: HeadModel, into: Collection): void {
  if (cls === undefined || ctr === undefined || reg === undefined) return;
  const { area, minScore, candidates } = into;
  const classes = model.labels.length;
  const { columns } = grid(stride, model);
  for (let anchor = 0; anchor < ctr.length; anchor++) {
    const centerness = ctr[anchor] as number;
    // No class score exceeds 1, so many anchors end here, after one read.
    if (!(centerness >= minScore)) continue;
    let best = 0;
    let bestScore = 0;
    for (let i = 0; i < classes; i++) {
      const score = cls[anchor * classes + i] as number;
      if (score > bestScore) {
        bestScore = score;
        best = i;
      }
    }
    const score = bestScore * centerness;
    if (score < minScore) continue;
    const cell = Math.floor(anchor / ANCHORS.length);
    const [widthFactor, heightFactor] = ANCHORS[anchor % ANCHORS.length] ?? ANCHORS[1];
    const anchorWidth = ANCHOR_STRIDES * stride * widthFactor;
    const anchorHeight = ANCHOR_STRIDES * stride * heightFactor;
    const offset = anchor * 4;
    const cx = (cell % columns) * stride + CENTER_VARIANCE * (reg[offset] as number) * anchorWidth;
    const cy = Math.floor(cell / columns) * stride + CENTER_VARIANCE * (reg[offset + 1] as number) * anchorHeight;
    candidates.add(
      best,
      Math.min(1, score),
      cx / area.width,
      cy / area.height,
      (anchorWidth * grow(reg[offset + 2] as number)) / area.width,
      (anchorHeight * grow(reg[offset + 3] as number)) / area.height,
    );
  }
}

function grow(logSize: number): number {
  return Math.exp(Math.min(SIZE_VARIANCE * logSize, MAX_LOG_SIZE));
}

function grid(stride: number, { inputWidth, inputHeight }: HeadModel): { rows: number; columns: number } {
  return { rows: Math.ceil(inputHeight / stride), columns: Math.ceil(inputWidth / stride) };
}
