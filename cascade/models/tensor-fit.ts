import type { InferenceSession } from 'onnxruntime-node';
import { cascadeErrors } from '../errors.ts';
import { headOfKind } from './heads.ts';
import type { ModelDeclaration } from './model-declaration.ts';
import type { HeadModel } from './model-head.ts';
import { inputSize } from './model-input.ts';

/** How a declaration and a loaded model go together. */
export interface TensorFit {
  /** Outputs to fetch, in the order in which the head wants them. */
  readonly outputNames: readonly string[];
  /** Pictures in one run: the model's fixed number, or undefined when it takes any number. */
  readonly fixedBatch: number | undefined;
}

/**
 * Checks that a loaded model has the input and the outputs that its declaration speaks of. Dimensions that the model
 * leaves open fit any declared size.
 * @param path - Where the model came from, for the message.
 * @throws CASCADE_MODEL_TENSORS_MISMATCH - names what was expected and what the model has.
 */
export function fitTensors(session: InferenceSession, declaration: ModelDeclaration, path: string): TensorFit {
  const { input, head } = declaration;
  const found = session.inputMetadata.map(describe);
  const tensor = session.inputMetadata[0];
  const fits =
    found.length === 1 &&
    tensor?.isTensor === true &&
    tensor.name === input.name &&
    tensor.type === input.dtype &&
    sameShape(input.shape, tensor.shape);
  if (!fits) mismatch('input', path, `${input.name} ${input.dtype} [${input.shape.join(', ')}]`, found);
  const outputs = session.outputMetadata;
  const batch = input.shape[0];
  const outputNames = headOfKind(head.kind)
    .outputs(head, headModel(declaration))
    .map(({ name, shape }) => {
      const output = name === undefined ? outputs[0] : outputs.find(candidate => candidate.name === name);
      const ambiguous = name === undefined && outputs.length !== 1;
      const expected = shape.map(dimension => (dimension === 'N' ? batch : dimension));
      if (output?.isTensor && !ambiguous && output.type === 'float32' && sameShape(expected, output.shape)) {
        return output.name;
      }
      const wanted = `${name ?? 'one output'} float32 [${expected.join(', ')}] for head ${head.kind}`;
      return mismatch('output', path, wanted, outputs.map(describe));
    });
  return { outputNames, fixedBatch: fixedBatch(declaration) };
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

/** A dimension as a number from 1, or `N` where the model leaves it open (a name, 0 or -1). */
export function dimensionOf(dimension: number | string): number | 'N' {
  return typeof dimension === 'number' && dimension >= 1 ? dimension : 'N';
}

function sameShape(declared: readonly (number | 'N')[], found: readonly (number | string)[]): boolean {
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

function describe(value: InferenceSession.ValueMetadata): string {
  if (!value.isTensor) return `${value.name} (no tensor)`;
  return `${value.name} ${value.type} [${value.shape.map(dimensionOf).join(', ')}]`;
}

function mismatch(tensor: string, path: string, expected: string, found: readonly string[]): never {
  const got = found.slice(0, 20).join(', ') || 'none';
  throw cascadeErrors.create('CASCADE_MODEL_TENSORS_MISMATCH', { tensor, path, expected, got });
}
