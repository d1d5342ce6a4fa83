import type { ServedModel, TensorInfo } from '../../cascade/index.ts';
import { decodeBase64 } from './bytes-elements.ts';
import { flattenValues } from './flatten-values.ts';
import { described, invalidField, readArray, readObject, shown } from './request-field.ts';
import { packValues } from './tensor-data.ts';
import type { WireTensor } from './wire-tensor.ts';

/** A predict request of TensorFlow Serving. */
export interface PredictRequest {
  /** Whether it came as `instances`, and is answered row by row. */
  readonly isRows: boolean;
  readonly inputs: readonly WireTensor[];
}

/** The names of the one signature, and of that for encoded pictures; the values tell which is meant. */
export const signatureNames: readonly string[] = ['serving_default', 'images'];

/**
 * Reads a predict request: `instances`, a list of rows, or `inputs`, whole tensors; bare values are those of the model's one
 * input. Pictures are `{ "b64" }`.
 * @throws SERVE_REQUEST_INVALID - names the field, what was expected and what came.
 */
export function parsePredictRequest(body: unknown, model: ServedModel): PredictRequest {
  const request = readObject(body, 'body');
  readSignature(request['signature_name']);
  const { instances, inputs } = request;
  if ((instances === undefined) === (inputs === undefined)) {
    const got = instances === undefined ? 'neither' : 'both';
    throw invalidField('body', 'either "instances" or "inputs"', got);
  }
  if (inputs !== undefined) return { isRows: false, inputs: columns(inputs, model) };
  return { isRows: true, inputs: rows(readArray(instances, 'instances'), model) };
}

/**
 * Checks the name of a signature.
 * @throws SERVE_REQUEST_INVALID - when there is no such one.
 */
export function readSignature(name: unknown): void {
  if (name === undefined || name === '' || signatureNames.includes(String(name))) return;
  throw invalidField('signature_name', `one of ${signatureNames.join(', ')}`, described(name));
}

/** Whether a JSON value is `{ "b64": … }`, bytes as TensorFlow Serving writes them. */
export function isEncodedBytes(value: unknown): value is { readonly b64: unknown } {
  return typeof value === 'object' && value !== null && 'b64' in value && Object.keys(value).length === 1;
}

function columns(inputs: unknown, model: ServedModel): readonly WireTensor[] {
  const isNamed = typeof inputs === 'object' && inputs !== null && !Array.isArray(inputs) && !isEncodedBytes(inputs);
  if (!isNamed) return [tensorOf(onlyInput(model, 'inputs'), inputs, 'inputs')];
  return Object.entries(inputs as Readonly<Record<string, unknown>>).map(([name, value]) =>
    tensorOf(inputOf(model, name, 'inputs'), value, `inputs.${name}`),
  );
}

function rows(instances: readonly unknown[], model: ServedModel): readonly WireTensor[] {
  if (instances.length === 0) throw invalidField('instances', '1 or more', 'none');
  const [first] = instances;
  const isNamed = typeof first === 'object' && first !== null && !Array.isArray(first) && !isEncodedBytes(first);
  if (!isNamed) return [tensorOf(onlyInput(model, 'instances'), instances, 'instances')];
  const names = Object.keys(first);
  const named = instances.map((instance, i) => {
    const row = readObject(instance, `instances[${i}]`);
    const keys = Object.keys(row);
    if (keys.length === names.length && names.every(name => Object.hasOwn(row, name))) return row;
    throw invalidField(`instances[${i}]`, `the inputs of the first instance: ${known(names)}`, known(keys));
  });
  return names.map(name =>
    tensorOf(
      inputOf(model, name, 'instances'),
      named.map(row => row[name]),
      `instances.${name}`,
    ),
  );
}

/** The tensor of a nested value whose first dimension is the batch. */
function tensorOf(input: TensorInfo, value: unknown, field: string): WireTensor {
  const { shape, values } = flattenValues(value, field);
  const { name, datatype } = input;
  if (!values.some(isEncodedBytes)) return { name, datatype, shape, data: packValues(datatype, values, field) };
  // One picture as a bare value of a column is a batch of one.
  const elements = values.map((element, i) => {
    if (isEncodedBytes(element)) return decodeBase64(element.b64, `${field}[${i}].b64`);
    throw invalidField(`${field}[${i}]`, 'an object "b64", as the others are', described(element));
  });
  return { name, datatype: 'BYTES', shape: shape.length === 0 ? [1] : shape, elements };
}

function onlyInput({ inputs }: ServedModel, field: string): TensorInfo {
  const [input] = inputs;
  if (input !== undefined && inputs.length === 1) return input;
  throw invalidField(field, `objects of the inputs ${known(inputs.map(({ name }) => name))}`, 'bare values');
}

function inputOf({ inputs }: ServedModel, name: string, field: string): TensorInfo {
  const input = inputs.find(candidate => candidate.name === name);
  if (input !== undefined) return input;
  throw invalidField(field, `inputs named ${known(inputs.map(candidate => candidate.name))}`, described(name));
}

function known(names: readonly string[]): string {
  return shown(names.slice(0, 10).map(name => name.slice(0, 40)));
}
