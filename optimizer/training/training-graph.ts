import { GraphBuilder, type OnnxValue } from '../../cascade/index.ts';
import { adamInputs, addAdamStep } from './adam.ts';
import type { ClassifierCandidate } from './classifier-candidate.ts';
import { addClassifierInput, addClassifierPass, type ClassifierPass } from './classifier-graph.ts';
import { type ClassifierLayout, layOutClassifier } from './classifier-layout.ts';
import { addBiasGradient, addInputGradient, addReluGradient, addWeightGradient } from './convolution.ts';
import { joinGradients, splitParameters } from './parameters.ts';
import type { TrainingModel } from './training-session.ts';

/**
 * Writes the training step of a model as plain ONNX operators: forward, hand-derived backward, Adam. The loss is the
 * weighted binary cross-entropy, summed and divided by the number of pictures. Inputs beside Adam's: `crops` (batch,
 * height, width, 3) uint8 RGB of the size of the view's crop; `labels` (batch, 1) float32, 0 or 1; `weights` (batch, 1)
 * float32, 0 or more.
 * @param scene - The empty scene's crop (height, width, 3) uint8; null for raw models.
 * @param batch - Pictures a step, 1 or more.
 */
export function buildTrainingGraph(
  candidate: ClassifierCandidate,
  { scene, batch }: { readonly scene: Uint8Array | null; readonly batch: number },
): TrainingModel {
  const { height, width } = candidate.view.crop;
  const layout = layOutClassifier(candidate.network, candidate.view.crop);
  const { parameterCount } = layout;
  const g = new GraphBuilder();
  const crops = g.input('crops', 'uint8', [batch, height, width, 3]);
  const labels = g.input('labels', 'float32', [batch, 1]);
  const weights = g.input('weights', 'float32', [batch, 1]);
  const state = adamInputs(g, parameterCount);
  const parameters = splitParameters(g, layout, state.p);
  const input = addClassifierInput(g, candidate, { crops, scene });
  const pass = addClassifierPass(g, layout, { weights: parameters, input });
  const share = g.op('Mul', [weights, g.float(1 / batch)]);
  // softplus(z) - y z is the cross-entropy of sigmoid(z), without the overflow of log(sigmoid(z))
  const entropy = g.op('Sub', [g.op('Softplus', [pass.logit]), g.op('Mul', [labels, pass.logit])]);
  const loss = g.op('ReduceSum', [g.op('Mul', [entropy, share])], { keepdims: 0 });
  const logitGradient = g.op('Mul', [g.op('Sub', [g.op('Sigmoid', [pass.logit]), labels]), share]);
  const gradient = addBackwardPass(g, layout, { batch, parameters, pass, logitGradient });
  addAdamStep(g, state, { gradient, parameterCount });
  g.output('loss', 'float32', [], loss);
  return { bytes: g.toBytes(), parameterCount };
}

interface BackwardInputs {
  readonly batch: number;
  readonly parameters: ReadonlyMap<string, OnnxValue>;
  readonly pass: ClassifierPass;
  /** (batch, 1) float32. */
  readonly logitGradient: OnnxValue;
}

/** The gradient of all parameters as one flat vector. */
function addBackwardPass(
  g: GraphBuilder,
  layout: ClassifierLayout,
  { batch, parameters, pass, logitGradient }: BackwardInputs,
): OnnxValue {
  const gradients = new Map<string, OnnxValue>();
  const weight = (name: string): OnnxValue => parameters.get(name) as OnnxValue;
  const addDense = (name: string, input: OnnxValue, dz: OnnxValue): void => {
    gradients.set(`${name}W`, g.op('Gemm', [input, dz], { transA: 1 }));
    gradients.set(`${name}B`, g.op('ReduceSum', [dz, g.int64(0)], { keepdims: 0 }));
  };
  addDense('out', pass.hidden ?? pass.features, logitGradient);
  if (pass.hidden === null) return joinGradients(g, layout, gradients);

  const atHidden = g.op('Gemm', [logitGradient, weight('outW')], { transB: 1 });
  const dHidden = addReluGradient(g, atHidden, pass.hidden);
  addDense('dense', pass.features, dHidden);
  let upstream = g.op('Gemm', [dHidden, weight('denseW')], { transB: 1 });
  for (const [i, layer] of [...layout.convolutions.entries()].reverse()) {
    const { filters, outHeight, outWidth } = layer;
    const shaped = g.op('Reshape', [upstream, g.int64(batch, filters, outHeight, outWidth)]);
    const dz = addReluGradient(g, shaped, pass.activations[i + 1] as OnnxValue);
    gradients.set(`b${i}`, addBiasGradient(g, dz));
    gradients.set(`w${i}`, addWeightGradient(g, layer, { batch, input: pass.activations[i] as OnnxValue, dz }));
    // nobody needs the gradient of the pictures
    if (i > 0) upstream = addInputGradient(g, layer, { dz, weights: weight(`w${i}`) });
  }
  return joinGradients(g, layout, gradients);
}
