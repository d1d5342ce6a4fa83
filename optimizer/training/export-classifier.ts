import { GraphBuilder, type OnnxValue } from '../../cascade/index.ts';
import type { ClassifierCandidate } from './classifier-candidate.ts';
import { addClassifierInput, addClassifierPass } from './classifier-graph.ts';
import { layOutClassifier } from './classifier-layout.ts';
import { constantParameters, splitParameters } from './parameters.ts';

/**
 * Writes a trained model as an ordinary one: `frames` (N, height, width, 3) uint8 RGB, the whole frame at the view's
 * size, to `probability` (N, 1) float32, 0-1. What it cuts out and the empty scene are part of it.
 * @param parameters - The flat vector of all parameters.
 * @param scene - The empty scene's crop (height, width, 3) uint8; null for raw models.
 */
export function exportClassifier(
  candidate: ClassifierCandidate,
  { parameters, scene }: { readonly parameters: Float32Array; readonly scene: Uint8Array | null },
): Uint8Array {
  const { request, crop } = candidate.view;
  const layout = layOutClassifier(candidate.network, crop);
  const g = new GraphBuilder();
  const frames = g.input('frames', 'uint8', ['N', request.height, request.width, 3]);
  const [top, left, bottom, right] = [crop.top, crop.left, crop.top + crop.height, crop.left + crop.width];
  const isWhole = crop.height === request.height && crop.width === request.width;
  const crops = isWhole
    ? frames
    : g.op('Slice', [frames, g.int64(top, left), g.int64(bottom, right), g.int64(1, 2), g.int64(1, 1)]);
  const input = addClassifierInput(g, candidate, { crops, scene });
  const { logit } = addClassifierPass(g, layout, { weights: constantParameters(g, layout, parameters), input });
  g.output('probability', 'float32', ['N', 1], g.op('Sigmoid', [logit]));
  return g.toBytes();
}

/**
 * Writes the forward pass alone, for looking at a model while it is trained: `crops` (N, height, width, 3) uint8 and the
 * parameters `p` to `probability` (N, 1) float32, 0-1.
 * @param scene - The empty scene's crop (height, width, 3) uint8; null for raw models.
 */
export function buildForwardGraph(candidate: ClassifierCandidate, scene: Uint8Array | null): Uint8Array {
  const { crop } = candidate.view;
  const layout = layOutClassifier(candidate.network, crop);
  const g = new GraphBuilder();
  const crops: OnnxValue = g.input('crops', 'uint8', ['N', crop.height, crop.width, 3]);
  const weights = splitParameters(g, layout, g.input('p', 'float32', [layout.parameterCount]));
  const input = addClassifierInput(g, candidate, { crops, scene });
  g.output(
    'probability',
    'float32',
    ['N', 1],
    g.op('Sigmoid', [addClassifierPass(g, layout, { weights, input }).logit]),
  );
  return g.toBytes();
}
