import type { TensorDatatype } from '../../cascade/index.ts';
import { decodeBase64, splitBytes } from './bytes-elements.ts';
import { flattenValues } from './flatten-values.ts';
import { parseRelaxedJson } from './relaxed-json.ts';
import {
  described,
  elementsOf,
  invalidField,
  readArray,
  readBoolean,
  readName,
  readObject,
  readOptionalObject,
  readShape,
  shown,
} from './request-field.ts';
import { elementBytes, isTensorDatatype, packValues, tensorDatatypes } from './tensor-data.ts';
import type { WireTensor } from './wire-tensor.ts';

/** One output that a client asks for. */
export interface RequestedOutput {
  readonly name: string;
  /** Whether its data comes in binary after the JSON (HTTP only). */
  readonly isBinary: boolean;
}

/** A request to infer, by either transport. */
export interface InferRequest {
  /** Comes back with the answer; undefined when the client gave none. */
  readonly id: string | undefined;
  /** 1 or more, of different names. */
  readonly inputs: readonly WireTensor[];
  /** Undefined: all outputs. */
  readonly outputs: readonly RequestedOutput[] | undefined;
  /** Whether outputs that are not asked for by name come in binary. */
  readonly isBinary: boolean;
  /** Time that the client gives it, in ms from now; undefined: no limit. */
  readonly deadlineMs: number | undefined;
}

/**
 * Reads the body of an infer request over HTTP: JSON, and after it the binary data of those inputs that say
 * `binary_data_size`. Binary data is not copied.
 * @param jsonBytes - Length of the JSON; undefined: the whole body.
 * @throws SERVE_REQUEST_INVALID - names the field, what was expected and what came.
 */
export function parseInferRequest(body: Uint8Array, jsonBytes: number | undefined): InferRequest {
  const binary = body.subarray(jsonBytes ?? body.byteLength);
  const text = new TextDecoder().decode(body.subarray(0, jsonBytes ?? body.byteLength));
  const request = readObject(parseRelaxedJson(text), 'body');
  const parameters = readOptionalObject(request['parameters'], 'parameters');
  const isBinary = readBoolean(parameters['binary_data_output'], 'parameters.binary_data_output', false);
  let at = 0;
  const inputs = readArray(request['inputs'], 'inputs').map((value, i) => {
    const field = `inputs[${i}]`;
    const input = readObject(value, field);
    const head = readTensorHead(input, field);
    const size = readBinarySize(readOptionalObject(input['parameters'], `${field}.parameters`), field);
    if (size === undefined) return fromJson(head, input['data'], `${field}.data`);
    if (input['data'] !== undefined) {
      throw invalidField(`${field}.data`, 'no data beside parameters.binary_data_size', described(input['data']));
    }
    if (at + size > binary.byteLength) {
      const rest = `at most the ${binary.byteLength - at} bytes that are left after the JSON`;
      throw invalidField(`${field}.parameters.binary_data_size`, rest, `${size}`);
    }
    at += size;
    return fromRaw(head, binary.subarray(at - size, at), field);
  });
  if (at !== binary.byteLength) {
    throw invalidField('body', `${at} bytes after the JSON, as the inputs say`, `${binary.byteLength}`);
  }
  return {
    id: request['id'] === undefined ? undefined : readId(request['id']),
    inputs: checkedInputs(inputs),
    outputs: readOutputs(request['outputs'], isBinary),
    isBinary,
    deadlineMs: readTimeout(parameters['timeout']),
  };
}

/** What a tensor is, without its data. */
export interface TensorHead {
  readonly name: string;
  readonly datatype: TensorDatatype | 'BYTES';
  readonly shape: readonly number[];
}

/** Checks name, datatype and shape of an input. */
export function readTensorHead(input: Readonly<Record<string, unknown>>, field: string): TensorHead {
  const name = readName(input['name'], `${field}.name`);
  const { datatype } = input;
  if (datatype !== 'BYTES' && !isTensorDatatype(datatype)) {
    throw invalidField(`${field}.datatype`, `one of ${tensorDatatypes.join(', ')}, BYTES`, described(datatype));
  }
  return { name, datatype, shape: readShape(input['shape'], `${field}.shape`) };
}

/** A tensor of raw bytes, as they follow the JSON or stand in `raw_input_contents`. Nothing is copied. */
export function fromRaw({ name, datatype, shape }: TensorHead, data: Uint8Array, field: string): WireTensor {
  const count = elementsOf(shape);
  if (datatype === 'BYTES') return { name, datatype, shape, elements: splitBytes(data, count, field) };
  const expected = count * elementBytes(datatype);
  if (data.byteLength !== expected) {
    const what = `${expected} bytes for ${datatype} ${shown(shape)}`;
    throw invalidField(field, what, `${data.byteLength} bytes`);
  }
  if (datatype === 'BOOL' && data.some(value => value > 1))
    throw invalidField(field, 'bytes 0 and 1 for BOOL', 'others');
  return { name, datatype, shape, data };
}

/** Refuses a request of no inputs or of two with one name. */
export function checkedInputs(inputs: readonly WireTensor[]): readonly WireTensor[] {
  if (inputs.length === 0) throw invalidField('inputs', '1 or more inputs', 'none');
  const names = new Set(inputs.map(({ name }) => name));
  if (names.size !== inputs.length) throw invalidField('inputs', 'inputs of different names', [...names].join(', '));
  return inputs;
}

function fromJson({ name, datatype, shape }: TensorHead, data: unknown, field: string): WireTensor {
  const given = readArray(data, field);
  const count = elementsOf(shape);
  let values = given;
  if (Array.isArray(given[0])) {
    const flat = flattenValues(given, field);
    if (shown(flat.shape) !== shown(shape))
      throw invalidField(field, `nesting as of shape ${shown(shape)}`, shown(flat.shape));
    values = flat.values;
  }
  if (values.length !== count) {
    throw invalidField(field, `${count} values for shape ${shown(shape)}`, `${values.length}`);
  }
  if (datatype !== 'BYTES') return { name, datatype, shape, data: packValues(datatype, values, field) };
  return { name, datatype, shape, elements: values.map((value, i) => decodeBase64(value, `${field}[${i}]`)) };
}

function readBinarySize(parameters: Readonly<Record<string, unknown>>, field: string): number | undefined {
  const size = parameters['binary_data_size'];
  refuseInputExtensions(parameters, field);
  if (size === undefined) return undefined;
  if (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) return size;
  throw invalidField(`${field}.parameters.binary_data_size`, 'a number of bytes from 0', described(size));
}

function readOutputs(value: unknown, isBinary: boolean): readonly RequestedOutput[] | undefined {
  // tritonclient leaves it out; an empty list means all, too.
  if (value === undefined || value === null) return undefined;
  const outputs = readArray(value, 'outputs').map((entry, i) => {
    const output = readObject(entry, `outputs[${i}]`);
    const parameters = readOptionalObject(output['parameters'], `outputs[${i}].parameters`);
    refuseOutputExtensions(parameters, `outputs[${i}]`);
    return {
      name: readName(output['name'], `outputs[${i}].name`),
      isBinary: readBoolean(parameters['binary_data'], `outputs[${i}].parameters.binary_data`, isBinary),
    };
  });
  return outputs.length === 0 ? undefined : outputs;
}

/** Refuses an input in shared memory, which this server does not read. */
export function refuseInputExtensions(parameters: Readonly<Record<string, unknown>>, field: string): void {
  if (parameters['shared_memory_region'] === undefined) return;
  throw invalidField(`${field}.parameters.shared_memory_region`, 'data in the request', 'shared memory');
}

/** Refuses what Triton can do with an output and this server cannot, rather than answering something else. */
export function refuseOutputExtensions(parameters: Readonly<Record<string, unknown>>, field: string): void {
  for (const extension of ['classification', 'shared_memory_region']) {
    if (parameters[extension] !== undefined) {
      throw invalidField(`${field}.parameters.${extension}`, 'none: it is not among the extensions of GET /v2', 'one');
    }
  }
}

function readId(value: unknown): string {
  if (typeof value === 'string' && value.length <= 1000) return value;
  throw invalidField('id', 'a text of at most 1,000 characters', described(value));
}

/** Triton's parameter `timeout` in µs; 0 is no limit. */
export function readTimeout(value: unknown): number | undefined {
  if (value === undefined || value === 0) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value / 1000;
  throw invalidField('parameters.timeout', 'a time in µs, an integer from 0', described(value));
}
