import type { NetworkTensor, TensorValues } from '../engines/network.ts';
import type { NamedTensor, TensorDatatype } from './model-work.ts';

type Values = { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBuffer): TensorValues };

/** Name of a datatype in ONNX and onnxruntime. */
type DataTypeName =
  | 'bool'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'float16'
  | 'float32'
  | 'float64';

const table: { readonly [Datatype in TensorDatatype]: readonly [name: DataTypeName, values: Values] } = {
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
  Object.entries(table).map(([datatype, [name]]) => [name, datatype as TensorDatatype]),
);

/** Name of a datatype in ONNX, in lower case, such as `float32`. */
export function dataTypeName(datatype: TensorDatatype): DataTypeName {
  return table[datatype][0];
}

/** The datatype with this name in ONNX, in lower case; undefined for text and what is no tensor. */
export function datatypeOf(name: string): TensorDatatype | undefined {
  return datatypes.get(name);
}

/** Whether a name from elsewhere is that of a datatype. */
export function isDatatype(name: string): name is TensorDatatype {
  return Object.hasOwn(table, name);
}

/** Bytes of one value. */
export function bytesPerValue(datatype: TensorDatatype): number {
  return table[datatype][1].BYTES_PER_ELEMENT;
}

/** Number of values of a tensor. */
export function valueCount(shape: readonly number[]): number {
  return shape.reduce((count, length) => count * length, 1);
}

/** The values that lie in a buffer, which they share. */
export function valuesIn(buffer: ArrayBuffer, datatype: TensorDatatype): TensorValues {
  const [, Values] = table[datatype];
  return new Values(buffer);
}

/** The bytes of values, which share their memory. */
export function bytesOf(values: TensorValues): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/**
 * Joins tensors of the same name, datatype and inner shape along their first dimension; one alone is copied too, since its
 * bytes need not be aligned.
 * @param tensors - 1 or more.
 */
export function joinTensors(tensors: readonly NamedTensor[]): NetworkTensor {
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
  const { datatype } = first;
  const shape = tensors.length === 1 ? first.shape : [rows, ...first.shape.slice(1)];
  return { datatype, shape, values: valuesIn(joined.buffer, datatype) };
}

/** A tensor as plain data that shares its memory. */
export function plainTensor(name: string, { datatype, shape, values }: NetworkTensor): NamedTensor {
  return { name, datatype, shape, data: bytesOf(values) };
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
