import { z } from 'zod';

/** How a frame of another shape is brought to the input's size. */
export type Resize =
  /** Scaled to the whole input; the aspect ratio is not kept. */
  | { readonly mode: 'stretch' }
  /** Scaled with its aspect ratio, at the top left; the rest is filled with the byte `pad` (0–255; YOLOX uses 114). */
  | { readonly mode: 'letterbox'; readonly pad: number };

/** How channels follow each other in the model's input. */
export type ChannelOrder = 'RGB' | 'BGR' | 'GRAY';

/** What a model expects as its one input. */
export interface ModelInput {
  /** Name of the tensor. */
  readonly name: string;
  /** `[batch, channels, height, width]` for NCHW, `[batch, height, width, channels]` for NHWC; batch `N`: any number. */
  readonly shape: readonly [batch: number | 'N', number, number, number];
  /** `uint8` takes the bytes as they are, without normalization. */
  readonly dtype: 'float32' | 'uint8';
  readonly layout: 'NCHW' | 'NHWC';
  readonly channelOrder: ChannelOrder;
  /**
   * Each value is `(byte - mean) * scale`, byte 0–255; one number a channel, in the model's channel order. Defaults:
   * mean 0, scale 1.
   */
  readonly normalization: { readonly mean: readonly number[]; readonly scale: readonly number[] };
  readonly resize: Resize;
}

const size = z.int().min(1).max(16_384);

/** Schema of the `input` of a model.json. */
export const modelInputSchema: z.ZodType<ModelInput> = z
  .strictObject({
    name: z.string().min(1),
    shape: z.tuple([z.union([z.int().min(1), z.literal('N')]), size, size, size]),
    dtype: z.enum(['float32', 'uint8']),
    layout: z.enum(['NCHW', 'NHWC']),
    channelOrder: z.enum(['RGB', 'BGR', 'GRAY']),
    normalization: z
      .strictObject({ mean: z.array(z.number()).default([]), scale: z.array(z.number()).default([]) })
      .default({ mean: [], scale: [] }),
    resize: z.discriminatedUnion('mode', [
      z.strictObject({ mode: z.literal('stretch') }),
      z.strictObject({ mode: z.literal('letterbox'), pad: z.int().min(0).max(255).default(114) }),
    ]),
  })
  .superRefine((input, context) => {
    const channels = input.channelOrder === 'GRAY' ? 1 : 3;
    const found = input.shape[input.layout === 'NCHW' ? 1 : 3];
    const fault = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (found !== channels) {
      fault('shape', `expected ${channels} channel(s) for ${input.channelOrder} in ${input.layout}, got ${found}`);
    }
    for (const [key, values] of Object.entries(input.normalization)) {
      if (values.length === 0) continue;
      if (values.length !== channels) fault('normalization', `expected ${channels} value(s) in ${key}`);
      if (input.dtype === 'uint8') fault('normalization', `expected no ${key} for dtype uint8`);
    }
  });
