import { Tensor } from 'onnxruntime-node';
import type { NamedTensor, TensorDatatype } from './model-work.ts';

type Values = { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBuffer): Tensor.DataType };

const table: { readonly [Datatype in TensorDatatype]: readonly [type: Tensor.Type, values: Values] } = {
  BOOL: ['bool', Uint8Array],
  UINT8: ['uint8', Uint8Array],
  UINT16: ['uint16', Uint16Array],
  UINT32: ['uint32', Uint32Array],
  UINT64: ['uint64', BigUint64Array],
  INT8: ['int8', Int8Array],
  INT16: ['int16', Int16Array],
  INT32: ['int32', Int32Array],
  INT64: ['int64', BigInt64Array],
  FP16: ['float16', Uint16Array],
  FP32: ['float32', Float32Array],
  FP64: ['float64', Float64Array],
};
const datatypes = new Map<string, TensorDatatype>(
  Object.entries(table).map(([datatype, [type]]) => [type, datatype as TensorDatatype]),
);

/** The name of a type of onnxruntime in the Open Inference Protocol; undefined for text and what is no tensor. */
export function datatypeOf(type: string): TensorDatatype | undefined {
  return datatypes.get(type);
}

/** Bytes of one value. */
export function bytesPerValue(datatype: TensorDatatype): number {
  return table[datatype][1].BYTES_PER_ELEMENT;
}

/** Number of values of a tensor. */
export function valueCount(shape: readonly number[]): number {
  return shape.reduce((count, length) => count * length, 1);
}

/**
 * Joins tensors of the same name, datatype and inner shape along their first dimension, into one for onnxruntime; one alone
 * is copied too, since its bytes need not be aligned.
 * @param tensors - 1 or more.
 */
export function joinTensors(tensors: readonly NamedTensor[]): Tensor {
  const [first] = tensors;
  if (first === undefined) throw new Error('There is no tensor to join.');
  const joined = new Uint8Array(tensors.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  let rows = 0;
  for (const { data, shape } of tensors) {
    joined.set(data, at);
    at += data.length;
    rows += shape[0] ?? 1;
  }
  const [type, Values] = table[first.datatype];
  const shape = tensors.length === 1 ? first.shape : [rows, ...first.shape.slice(1)];
  return new Tensor(type, new Values(joined.buffer), shape);
}

/** A tensor of onnxruntime as plain data that shares its memory; undefined for text. */
export function plainTensor(name: string, { type, dims, data }: Tensor): NamedTensor | undefined {
  const datatype = datatypeOf(type);
  if (datatype === undefined || !ArrayBuffer.isView(data)) return undefined;
  return { name, datatype, shape: dims, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

/** Some rows of a tensor, as a view. */
export function rowsOf({ name, datatype, shape, data }: NamedTensor, from: number, rows: number): NamedTensor {
  const rowLength = data.length / (shape[0] ?? 1);
  return {
    name,
    datatype,
    shape: [rows, ...shape.slice(1)],
    data: data.subarray(from * rowLength, (from + rows) * rowLength),
  };
}
