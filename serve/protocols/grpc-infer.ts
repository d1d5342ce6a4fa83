import type { TensorDatatype } from '../../cascade/index.ts';
import type { InferInputTensor, InferParameters, InferTensorContents, ModelInferRequest } from './grpc-messages.ts';
import type { Inferred } from './infer.ts';
import {
  checkedInputs,
  fromRaw,
  type InferRequest,
  readTensorHead,
  readTimeout,
  refuseInputExtensions,
  refuseOutputExtensions,
  type TensorHead,
} from './oip-request.ts';
import { rawData } from './oip-response.ts';
import { elementsOf, invalidField, shown } from './request-field.ts';
import { packValues } from './tensor-data.ts';
import type { WireTensor } from './wire-tensor.ts';

const contentsOf: Readonly<Record<TensorDatatype | 'BYTES', keyof InferTensorContents | undefined>> = {
  BOOL: 'bool_contents',
  UINT8: 'uint_contents',
  UINT16: 'uint_contents',
  UINT32: 'uint_contents',
  UINT64: 'uint64_contents',
  INT8: 'int_contents',
  INT16: 'int_contents',
  INT32: 'int_contents',
  INT64: 'int64_contents',
  FP16: undefined,
  FP32: 'fp32_contents',
  FP64: 'fp64_contents',
  BYTES: 'bytes_contents',
};

/**
 * Reads an infer request over gRPC. Raw contents are not copied.
 * @throws SERVE_REQUEST_INVALID - names the field, what was expected and what came.
 */
export function readGrpcInferRequest(request: ModelInferRequest): InferRequest {
  const { inputs, outputs, raw_input_contents: raw } = request;
  if (raw.length > 0 && raw.length !== inputs.length) {
    throw invalidField('raw_input_contents', `one for each of ${inputs.length} inputs`, `${raw.length}`);
  }
  const tensors = inputs.map((input, i) => {
    const field = `inputs[${i}]`;
    refuseInputExtensions(plainParameters(input.parameters), field);
    const head = readTensorHead({ ...input, shape: input.shape.map(Number) }, field);
    const data = raw[i];
    if (data === undefined) return fromContents(head, input, `${field}.contents`);
    if (hasContents(input)) throw invalidField(`${field}.contents`, 'none beside raw_input_contents', 'values');
    return fromRaw(head, data, `raw_input_contents[${i}]`);
  });
  const requested = outputs.map(({ name = '', parameters }, i) => {
    refuseOutputExtensions(plainParameters(parameters), `outputs[${i}]`);
    return { name, isBinary: true };
  });
  return {
    id: request.id,
    inputs: checkedInputs(tensors),
    outputs: requested.length === 0 ? undefined : requested,
    isBinary: true,
    deadlineMs: readTimeout(plainParameters(request.parameters)['timeout']),
  };
}

/** The answer to an infer request over gRPC; all outputs are raw. */
export function grpcInferResponse(modelName: string, { version, outputs }: Inferred, id: string | undefined): unknown {
  return {
    model_name: modelName,
    model_version: String(version),
    id: id ?? '',
    outputs: outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    raw_output_contents: outputs.map(rawData),
  };
}

/** Parameters by name with their values as JSON has them. */
export function plainParameters(parameters: InferParameters | undefined): Readonly<Record<string, unknown>> {
  const entries = Object.entries(parameters ?? {}).map(([name, value]) => {
    const integer = value.int64_param ?? value.uint64_param;
    const plain = value.bool_param ?? value.double_param ?? value.string_param ?? value.bytes_param;
    return [name, integer === undefined ? plain : Number(integer)];
  });
  return Object.fromEntries(entries) as Readonly<Record<string, unknown>>;
}

function fromContents({ name, datatype, shape }: TensorHead, input: InferInputTensor, field: string): WireTensor {
  const kind = contentsOf[datatype];
  if (kind === undefined) throw invalidField(field, 'raw_input_contents for FP16', 'contents');
  const values: readonly unknown[] = input.contents?.[kind] ?? [];
  const count = elementsOf(shape);
  if (values.length !== count) {
    throw invalidField(`${field}.${kind}`, `${count} values for shape ${shown(shape)}`, `${values.length}`);
  }
  if (datatype === 'BYTES') return { name, datatype, shape, elements: values as readonly Uint8Array[] };
  return { name, datatype, shape, data: packValues(datatype, values, `${field}.${kind}`) };
}

function hasContents({ contents }: InferInputTensor): boolean {
  return Object.values(contents ?? {}).some(values => Array.isArray(values) && values.length > 0);
}
