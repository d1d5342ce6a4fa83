import type { GraphBuilder, OnnxValue } from '../../cascade/index.ts';
import type { ClassifierCandidate } from './classifier-candidate.ts';
import type { ClassifierLayout } from './classifier-layout.ts';
import { addConvolution } from './convolution.ts';
import { addNormalization, addPlanarPixels } from './planar-pixels.ts';

/** The values of a forward pass that the backward pass needs. */
export interface ClassifierPass {
  /** Input of each convolution in order, then the output of the last. */
  readonly activations: readonly OnnxValue[];
  /** (batch, features) float32. */
  readonly features: OnnxValue;
  /** (batch, units) float32 after ReLU; null for linear models. */
  readonly hidden: OnnxValue | null;
  /** (batch, 1) float32. */
  readonly logit: OnnxValue;
}

/**
 * Adds what a model makes of pictures before its first layer.
 * @param crops - (batch, height, width, 3) uint8 RGB of the size of the view's crop.
 * @param scene - The empty scene's crop (height, width, 3) uint8; null for raw models.
 * @returns (batch, 3, height, width) float32, about -4 to 4.
 */
export function addClassifierInput(
  g: GraphBuilder,
  { view, normalization }: Pick<ClassifierCandidate, 'view' | 'normalization'>,
  { crops, scene }: { readonly crops: OnnxValue; readonly scene: Uint8Array | null },
): OnnxValue {
  const planar = addPlanarPixels(g, crops);
  if (normalization === 'raw' || scene === null) return addNormalization(g, planar);
  const { height, width } = view.crop;
  return addNormalization(g, planar, addPlanarPixels(g, g.constant('uint8', [1, height, width, 3], scene, 'scene')));
}

/**
 * Adds a network's forward pass.
 * @param weights - Value of each parameter by its name.
 * @param input - (batch, 3, height, width) float32.
 */
export function addClassifierPass(
  g: GraphBuilder,
  layout: ClassifierLayout,
  { weights, input }: { readonly weights: ReadonlyMap<string, OnnxValue>; readonly input: OnnxValue },
): ClassifierPass {
  const weight = (name: string): OnnxValue => weights.get(name) as OnnxValue;
  const activations = [input];
  for (const [i, layer] of layout.convolutions.entries()) {
    const sums = addConvolution(g, layer, [activations[i] as OnnxValue, weight(`w${i}`), weight(`b${i}`)]);
    activations.push(g.op('Relu', [sums]));
  }
  const pooled = addPooling(g, layout, activations.at(-1) as OnnxValue);
  const features = g.op('Flatten', [pooled], { axis: 1 });
  const hidden =
    layout.dense === null ? null : g.op('Relu', [g.op('Gemm', [features, weight('denseW'), weight('denseB')])]);
  const logit = g.op('Gemm', [hidden ?? features, weight('outW'), weight('outB')]);
  return { activations, features, hidden, logit };
}

function addPooling(g: GraphBuilder, { pooling }: ClassifierLayout, input: OnnxValue): OnnxValue {
  if (pooling === null) return input;
  const { rows, columns } = pooling;
  return g.op('AveragePool', [g.op('Abs', [input])], {
    kernel_shape: [rows.window, columns.window],
    strides: [rows.window, columns.window],
    pads: [rows.padBegin, columns.padBegin, rows.padEnd, columns.padEnd],
    count_include_pad: 0,
  });
}
