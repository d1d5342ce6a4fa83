import type { Network, NetworkTensorInfo } from '../engines/network.ts';
import { cascadeErrors } from '../errors.ts';
import { headOfKind } from './heads.ts';
import type { ModelDeclaration } from './model-declaration.ts';
import type { HeadModel } from './model-head.ts';
import { inputSize } from './model-input.ts';
import { dataTypeName, datatypeOf, valueCount } from './tensor-data.ts';

/** How a declaration and a loaded model go together. */
export interface TensorFit {
  /** Outputs to fetch, in the order in which the head wants them; `length`: values for one picture. */
  readonly outputs: readonly { readonly name: string; readonly length: number }[];
  /** Pictures in one run: the model's fixed number, or undefined when it takes any number. */
  readonly fixedBatch: number | undefined;
}

/**
 * Checks that a loaded model has the input and the outputs that its declaration speaks of. Dimensions that the model
 * leaves open fit any declared size.
 * @param path - Where the model came from, for the message.
 * @throws CASCADE_MODEL_TENSORS_MISMATCH - names what was expected and what the model has.
 */
export function fitTensors(
  network: Pick<Network, 'inputs' | 'outputs'>,
  declaration: ModelDeclaration,
  path: string,
): TensorFit {
  const { input, head } = declaration;
  const { inputs, outputs } = network;
  const [tensor] = inputs;
  const fits =
    inputs.length === 1 &&
    tensor?.name === input.name &&
    tensor.datatype === datatypeOf(input.dtype) &&
    sameShape(input.shape, tensor.shape);
  if (!fits) mismatch('input', path, `${input.name} ${input.dtype} [${input.shape.join(', ')}]`, inputs);
  const batch = input.shape[0];
  const expectedOutputs = headOfKind(head.kind)
    .outputs(head, headModel(declaration))
    .map(({ name, shape }) => {
      const output = name === undefined ? outputs[0] : outputs.find(candidate => candidate.name === name);
      const ambiguous = name === undefined && outputs.length !== 1;
      const expected = shape.map(dimension => (dimension === 'N' ? batch : dimension));
      if (output?.datatype === 'FP32' && !ambiguous && sameShape(expected, output.shape)) {
        return { name: output.name, length: valueCount(shape.filter(dimension => dimension !== 'N')) };
      }
      const wanted = `${name ?? 'one output'} float32 [${expected.join(', ')}] for head ${head.kind}`;
      return mismatch('output', path, wanted, outputs);
    });
  return { outputs: expectedOutputs, fixedBatch: fixedBatch(declaration) };
}

/** Pictures in one run: the declared number, or undefined when the model takes any number. */
export function fixedBatch({ input, head }: ModelDeclaration): number | undefined {
  if (!headOfKind(head.kind).batched) return 1;
  return input.shape[0] === 'N' ? undefined : input.shape[0];
}

/** What the head must know of the declared model. */
export function headModel({ labels, input }: ModelDeclaration): HeadModel {
  const { width, height } = inputSize(input);
  return { labels, inputWidth: width, inputHeight: height };
}

/** A dimension as a number from 1, or `N` where the model leaves it open. */
export function dimensionOf(dimension: number): number | 'N' {
  return dimension === -1 ? 'N' : dimension;
}

function sameShape(declared: readonly (number | 'N')[], found: readonly number[]): boolean {
  // Outputs whose shape was not inferred have none; the first run shows it.
  if (found.length === 0) return true;
  const [a, b] = [trim(declared), trim(found.map(dimensionOf))];
  return a.length === b.length && a.every((dimension, i) => dimension === b[i] || b[i] === 'N');
}

function trim(shape: readonly (number | 'N')[]): readonly (number | 'N')[] {
  let length = shape.length;
  while (length > 1 && shape[length - 1] === 1) length--;
  return shape.slice(0, length);
}

function describe({ name, datatype, shape }: NetworkTensorInfo): string {
  if (datatype === undefined) return `${name} (no numbers)`;
  return `${name} ${dataTypeName(datatype)} [${shape.map(dimensionOf).join(', ')}]`;
}

function mismatch(tensor: string, path: string, expected: string, found: readonly NetworkTensorInfo[]): never {
  const got = found.slice(0, 20).map(describe).join(', ') || 'none';
  throw cascadeErrors.create('CASCADE_MODEL_TENSORS_MISMATCH', { tensor, path, expected, got });
}
