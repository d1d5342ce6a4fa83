import { z } from 'zod';
import type { HeadDecoder, ModelHead } from './model-head.ts';

/** A model that answers one question: one probability a picture. The specialized models of a cascade have it. */
export interface BinaryHeadDeclaration {
  readonly kind: 'binary';
  /** Name of the output; default: the model's only one. */
  readonly output?: string | undefined;
}

/**
 * Reads one probability (after the sigmoid) a picture: `(N)` or `(N, 1)` float32. Values beyond 0–1 are clamped; NaN
 * stays NaN, which a cascade treats as unsure.
 */
export const binaryHead: ModelHead<BinaryHeadDeclaration> = {
  schema: z.strictObject({ kind: z.literal('binary'), output: z.string().min(1).optional() }),
  produces: 'confidence',
  batched: true,
  preset: { head: { kind: 'binary' }, resize: { mode: 'stretch' }, channelOrder: 'RGB', labels: undefined },
  outputs: ({ output }) => [{ name: output, shape: ['N'] }],
  decoder(): HeadDecoder {
    return {
      decode([values], covered) {
        return covered.map((_, slot) => {
          const confidence = Math.min(1, Math.max(0, values?.[slot] ?? Number.NaN));
          return { kind: 'confidence', confidence };
        });
      },
    };
  },
};
