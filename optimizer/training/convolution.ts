import type { GraphBuilder, OnnxValue } from '../../cascade/index.ts';

/** One square convolution; padding keeps the size, but for the stride. */
export interface ConvolutionLayer {
  /** Number of output channels. */
  readonly filters: number;
  /** Step between output positions in pixels: 1 or 2. */
  readonly stride: 1 | 2;
  /** Distance between the taps in pixels, 1 or more. */
  readonly dilation: number;
}

/** A convolution at a given picture size. */
export interface PlacedConvolution extends ConvolutionLayer {
  /** Width of the kernel. */
  readonly kernel: 1 | 3;
  readonly channels: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outHeight: number;
  readonly outWidth: number;
}

/** Lays convolutions one after another, for RGB pictures of a size in pixels. */
export function placeConvolutions(
  layers: readonly (ConvolutionLayer & { readonly kernel: 1 | 3 })[],
  picture: { readonly height: number; readonly width: number },
): PlacedConvolution[] {
  let [channels, inHeight, inWidth] = [3, picture.height, picture.width];
  return layers.map(layer => {
    const outHeight = Math.floor((inHeight - 1) / layer.stride) + 1;
    const outWidth = Math.floor((inWidth - 1) / layer.stride) + 1;
    const placed = { ...layer, channels, inHeight, inWidth, outHeight, outWidth };
    [channels, inHeight, inWidth] = [layer.filters, outHeight, outWidth];
    return placed;
  });
}

/** Work of a convolution on one picture, in multiplications with addition; an operation count is twice that. */
export function convolutionWork({ filters, channels, kernel, outHeight, outWidth }: PlacedConvolution): number {
  return filters * channels * kernel * kernel * outHeight * outWidth;
}

/** Attributes that a convolution and its transpose share. */
function convolutionAttributes({ kernel, stride, dilation }: PlacedConvolution): Record<string, readonly number[]> {
  const pad = kernel === 1 ? 0 : dilation;
  return {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    dilations: [dilation, dilation],
    pads: [pad, pad, pad, pad],
  };
}

/** Adds a convolution to a graph: `inputs` are its (batch, channels, height, width) input, weights and biases. */
export function addConvolution(g: GraphBuilder, layer: PlacedConvolution, inputs: readonly OnnxValue[]): OnnxValue {
  return g.op('Conv', inputs, convolutionAttributes(layer));
}

/** The gradient at a ReLU's input. Its slope is the sign of its own output: 1 where it passed, 0 where it clipped. */
export function addReluGradient(g: GraphBuilder, upstream: OnnxValue, output: OnnxValue): OnnxValue {
  return g.op('Mul', [upstream, g.op('Sign', [output])]);
}

/** The gradient at a convolution's input, from the gradient `dz` at its output. */
export function addInputGradient(
  g: GraphBuilder,
  layer: PlacedConvolution,
  { dz, weights }: { readonly dz: OnnxValue; readonly weights: OnnxValue },
): OnnxValue {
  const { inHeight, inWidth, outHeight, outWidth, stride } = layer;
  return g.op('ConvTranspose', [dz, weights], {
    ...convolutionAttributes(layer),
    // rows and columns that the stride did not reach
    output_padding: [inHeight - (outHeight - 1) * stride - 1, inWidth - (outWidth - 1) * stride - 1],
  });
}

/** The gradient at a convolution's biases, from the gradient `dz` at its output. */
export function addBiasGradient(g: GraphBuilder, dz: OnnxValue): OnnxValue {
  return g.op('ReduceSum', [dz, g.int64(0, 2, 3)], { keepdims: 0 });
}

/**
 * The gradient at a convolution's weights: one matrix product a picture over the shifted copies of the input that the
 * kernel's taps saw, summed over pictures.
 */
export function addWeightGradient(
  g: GraphBuilder,
  layer: PlacedConvolution,
  { batch, input, dz }: { readonly batch: number; readonly input: OnnxValue; readonly dz: OnnxValue },
): OnnxValue {
  const { kernel, channels, filters, stride, dilation, outHeight, outWidth } = layer;
  const pad = kernel === 1 ? 0 : dilation;
  const padded = pad === 0 ? input : g.op('Pad', [input, g.int64(0, 0, pad, pad, 0, 0, pad, pad)]);
  const [spanY, spanX] = [stride * (outHeight - 1) + 1, stride * (outWidth - 1) + 1];
  const shifted: OnnxValue[] = [];
  for (let tap = 0; tap < kernel * kernel; tap++) {
    const [y, x] = [Math.floor(tap / kernel) * dilation, (tap % kernel) * dilation];
    const bounds = [g.int64(y, x), g.int64(y + spanY, x + spanX), g.int64(2, 3), g.int64(stride, stride)];
    shifted.push(g.op('Slice', [padded, ...bounds]));
  }
  const [taps, positions] = [kernel * kernel, outHeight * outWidth];
  const patches = g.op('Reshape', [g.op('Concat', shifted, { axis: 1 }), g.int64(batch, taps * channels, positions)]);
  const dz3 = g.op('Reshape', [dz, g.int64(batch, filters, positions)]);
  const each = g.op('FusedMatMul', [dz3, patches], { transB: 1 }, 'com.microsoft');
  const sum = g.op('ReduceSum', [each, g.int64(0)], { keepdims: 0 });
  return g.op('Transpose', [g.op('Reshape', [sum, g.int64(filters, kernel, kernel, channels)])], {
    perm: [0, 3, 1, 2],
  });
}
