import type { AskOptions, ModelResult, NamedTensor, ServedModel } from '../../cascade/index.ts';
import { imageOutputs } from './image-outputs.ts';
import { described, invalidField, shown } from './request-field.ts';
import type { BytesTensor, WireTensor } from './wire-tensor.ts';

/** What a model answered, as tensors. */
export interface Inferred {
  /** Version that answered. */
  readonly version: number;
  /** Those asked for, in that order; otherwise all. */
  readonly outputs: readonly WireTensor[];
}

/** More pictures in one request would let one client fill the queue of a model. */
const mostImages = 64;

/**
 * Asks a model by tensors. An input of datatype BYTES under the name of the model's input is a list of JPEG or PNG pictures;
 * the model's head reads the answer, see `imageOutputs`. All others go to the model as they are, and its outputs come back.
 * @param names - Outputs to return; undefined: all.
 * @throws SERVE_REQUEST_INVALID - when pictures do not fit the model.
 * @throws CASCADE_TENSOR_INVALID - when tensors do not fit it, or it has no such output.
 */
export async function infer(
  model: ServedModel,
  inputs: readonly WireTensor[],
  names: readonly string[] | undefined,
  options: AskOptions = {},
): Promise<Inferred> {
  const pictures = inputs.find(input => input.datatype === 'BYTES') as BytesTensor | undefined;
  if (pictures === undefined) return inferTensors(model, inputs as readonly NamedTensor[], names, options);
  const named = model.inputs.length === 1 && model.inputs[0]?.name === pictures.name;
  if (!named || inputs.length !== 1) {
    const known = model.inputs.map(({ name }) => name).join(', ');
    throw invalidField(
      'inputs',
      `pictures as the only input, named ${known}`,
      inputs.map(({ name }) => described(name)).join(', '),
    );
  }
  const { version, answers } = await askImages(model, picturesOf(pictures), options);
  const outputs = imageOutputs(model, answers);
  return { version, outputs: names === undefined ? outputs : names.map(name => chosen(outputs, name)) };
}

/** The answers for encoded pictures, one each, in their order. */
export async function askImages(
  model: ServedModel,
  images: readonly Uint8Array[],
  options: AskOptions,
): Promise<{ readonly version: number; readonly answers: readonly ModelResult[] }> {
  if (images.length < 1 || images.length > mostImages) {
    throw invalidField('inputs', `1 to ${mostImages} pictures`, `${images.length}`);
  }
  const asked = await Promise.all(images.map(bytes => model.ask({ kind: 'image', bytes }, options)));
  return { version: asked[0]?.version ?? model.version, answers: asked.map(({ answer }) => answer) };
}

async function inferTensors(
  model: ServedModel,
  inputs: readonly NamedTensor[],
  names: readonly string[] | undefined,
  options: AskOptions,
): Promise<Inferred> {
  const work = { kind: 'tensors', inputs, ...(names !== undefined && { outputs: names }) } as const;
  const { answer, version } = await model.ask(work, options);
  if (answer.kind !== 'tensors') throw new Error(`Tensors were answered by ${answer.kind}.`);
  const { outputs } = answer;
  return { version, outputs: names === undefined ? outputs : names.map(name => chosen(outputs, name)) };
}

/** The output of a name. */
function chosen<Output extends { readonly name: string }>(outputs: readonly Output[], name: string): Output {
  const found = outputs.find(output => output.name === name);
  if (found !== undefined) return found;
  throw invalidField('outputs', `some of ${outputs.map(output => output.name).join(', ')}`, described(name));
}

function picturesOf({ shape, elements }: BytesTensor): readonly Uint8Array[] {
  const isFit = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  if (!isFit) throw invalidField('inputs[0].shape', '[N] or [N, 1] for N pictures', shown(shape));
  return elements;
}
