import { z } from 'zod';
import { BoxCandidates } from './box-candidates.ts';
import { cocoLabels } from './coco-labels.ts';
import type { CoveredArea, HeadDecoder, HeadModel, ModelHead } from './model-head.ts';
import { suppressNonMaxima } from './non-maximum-suppression.ts';

/** YOLOX as exported without its decoding: one output, boxes relative to their grid cells. */
export interface YoloxHeadDeclaration {
  readonly kind: 'yolox';
  /** Size of a grid cell in px of the input, for each of the grids, in their order in the output. Default 8, 16, 32. */
  readonly strides: readonly number[];
}

/** `cx`, `cy`, log width, log height and objectness come before the scores of the classes. */
const BOX_VALUES = 5;

/**
 * Decodes YOLOX (Ge et al. 2021, and its onnxruntime demo): `(N, cells, 5 + classes)` float32, the grids one after the
 * other, cells row-major; `cx = (t + column) * stride`, `width = exp(t) * stride`; score = objectness × best class,
 * both probabilities already.
 */
export const yoloxHead: ModelHead<YoloxHeadDeclaration> = {
  schema: z.strictObject({
    kind: z.literal('yolox'),
    strides: z.array(z.int().min(1).max(1024)).min(1).default([8, 16, 32]),
  }),
  produces: 'detections',
  batched: true,
  preset: {
    head: { kind: 'yolox', strides: [8, 16, 32] },
    resize: { mode: 'letterbox', pad: 114 },
    channelOrder: 'BGR',
    labels: cocoLabels,
  },
  outputs: ({ strides }, model) => [
    { name: undefined, shape: ['N', cellCount(strides, model), BOX_VALUES + model.labels.length] },
  ],
  decoder({ strides }, model, minScore): HeadDecoder {
    const pictureLength = cellCount(strides, model) * (BOX_VALUES + model.labels.length);
    const candidates = new BoxCandidates();
    return {
      decode([values], covered) {
        return covered.map((area, slot) => {
          candidates.count = 0;
          if (values !== undefined) {
            collect(values.subarray(slot * pictureLength, (slot + 1) * pictureLength), strides, model, {
              area,
              minScore,
              candidates,
            });
          }
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

function collect(values: Float32Array, strides: readonly number[], model: HeadModel, into: Collection): void {
  const { area, minScore, candidates } = into;
  const classes = model.labels.length;
  const cellLength = BOX_VALUES + classes;
  let offset = 0;
  for (const stride of strides) {
    const columns = Math.ceil(model.inputWidth / stride);
    const rows = Math.ceil(model.inputHeight / stride);
    const toX = stride / area.width;
    const toY = stride / area.height;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, offset += cellLength) {
        const objectness = values[offset + 4] as number;
        // No class score exceeds 1, so most cells end here, after one read.
        if (!(objectness >= minScore)) continue;
        let best = 0;
        let bestScore = 0;
        for (let i = 0; i < classes; i++) {
          const score = values[offset + BOX_VALUES + i] as number;
          if (score > bestScore) {
            bestScore = score;
            best = i;
          }
        }
        const score = objectness * bestScore;
        if (score < minScore) continue;
        candidates.add(
          best,
          Math.min(1, score),
          ((values[offset] as number) + column) * toX,
          ((values[offset + 1] as number) + row) * toY,
          Math.exp(values[offset + 2] as number) * toX,
          Math.exp(values[offset + 3] as number) * toY,
        );
      }
    }
  }
}

function cellCount(strides: readonly number[], { inputWidth, inputHeight }: HeadModel): number {
  return strides.reduce((sum, stride) => sum + Math.ceil(inputWidth / stride) * Math.ceil(inputHeight / stride), 0);
}
