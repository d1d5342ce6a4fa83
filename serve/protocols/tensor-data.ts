import type { TensorDatatype } from '../../cascade/index.ts';
import { fromHalf, toHalf } from './half-float.ts';
import { described, invalidField } from './request-field.ts';

/** Elements as they stand in memory, row-major; the names are those of JavaScript, not of the protocol. */
type Elements = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

interface Layout {
  readonly bytes: 1 | 2 | 4 | 8;
  /** The bytes of JSON values; throws for one that the datatype does not hold. */
  readonly pack: (values: readonly unknown[], field: string) => ArrayBufferView;
  /** The values of aligned bytes; booleans as 0 and 1. */
  readonly read: (buffer: ArrayBuffer) => Values;
}

/** Values of a tensor, row-major: booleans come as 0 and 1, 64-bit integers as bigints. */
export type Values = Elements | Float32Array | Float64Array | BigInt64Array | BigUint64Array | readonly number[];

const layouts: Readonly<Record<TensorDatatype, Layout>> = {
  BOOL: { bytes: 1, pack: packBooleans, read: buffer => new Uint8Array(buffer) },
  UINT8: integers(1, 0, 2 ** 8 - 1, Uint8Array),
  UINT16: integers(2, 0, 2 ** 16 - 1, Uint16Array),
  UINT32: integers(4, 0, 2 ** 32 - 1, Uint32Array),
  INT8: integers(1, -(2 ** 7), 2 ** 7 - 1, Int8Array),
  INT16: integers(2, -(2 ** 15), 2 ** 15 - 1, Int16Array),
  INT32: integers(4, -(2 ** 31), 2 ** 31 - 1, Int32Array),
  UINT64: longs(0n, 2n ** 64n - 1n, BigUint64Array),
  INT64: longs(-(2n ** 63n), 2n ** 63n - 1n, BigInt64Array),
  FP16: {
    bytes: 2,
    pack: (values, field) => Uint16Array.from(values, (value, i) => toHalf(readFloat(value, field, i))),
    read: buffer => Array.from(new Uint16Array(buffer), fromHalf),
  },
  FP32: {
    bytes: 4,
    pack: (values, field) => packFloats(new Float32Array(values.length), values, field),
    read: buffer => new Float32Array(buffer),
  },
  FP64: {
    bytes: 8,
    pack: (values, field) => packFloats(new Float64Array(values.length), values, field),
    read: buffer => new Float64Array(buffer),
  },
};

/** Whether a text names a datatype of fixed size, that is, any but BYTES. */
export function isTensorDatatype(name: unknown): name is TensorDatatype {
  return typeof name === 'string' && Object.hasOwn(layouts, name);
}

/** Every datatype of fixed size. */
export const tensorDatatypes: readonly TensorDatatype[] = Object.keys(layouts) as TensorDatatype[];

/** Bytes of one element. */
export function elementBytes(datatype: TensorDatatype): number {
  return layouts[datatype].bytes;
}

/**
 * Little-endian bytes of JSON values: numbers, true and false for BOOL; for floats also the texts `NaN`, `Infinity` and
 * `-Infinity`; for 64-bit integers also decimal texts, since JSON numbers beyond 2^53 are not exact.
 * @throws SERVE_REQUEST_INVALID - names the first value that the datatype does not hold.
 */
export function packValues(datatype: TensorDatatype, values: readonly unknown[], field: string): Uint8Array {
  const { buffer, byteOffset, byteLength } = layouts[datatype].pack(values, field);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The values of little-endian bytes; their number must fit, as that of a checked tensor does. */
export function readValues(datatype: TensorDatatype, data: Uint8Array): Values {
  // Bytes out of a larger message need not be aligned.
  const { bytes, read } = layouts[datatype];
  return read(data.slice(0, data.byteLength - (data.byteLength % bytes)).buffer as ArrayBuffer);
}

/** Values as a flat JSON array; what JSON has no number for is a bare NaN or Infinity, as both protocols' servers write. */
export function valuesJson(datatype: TensorDatatype, data: Uint8Array): string {
  const values = readValues(datatype, data);
  if (datatype === 'BOOL') return `[${Array.from(values as Uint8Array, value => value !== 0).join(',')}]`;
  return `[${values.join(',')}]`;
}

function integers(
  bytes: 1 | 2 | 4,
  lowest: number,
  highest: number,
  Typed: { new (length: number): Elements; new (buffer: ArrayBuffer): Elements },
): Layout {
  const pack = (values: readonly unknown[], field: string): Elements => {
    const packed = new Typed(values.length);
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value !== 'number' || !Number.isInteger(value) || value < lowest || value > highest) {
        throw invalidField(`${field}[${i}]`, `an integer from ${lowest} to ${highest}`, described(value));
      }
      packed[i] = value;
    }
    return packed;
  };
  return { bytes, pack, read: buffer => new Typed(buffer) };
}

function longs(lowest: bigint, highest: bigint, Typed: typeof BigInt64Array | typeof BigUint64Array): Layout {
  const read = (value: unknown, field: string, i: number): bigint => {
    const isInteger = typeof value === 'number' ? Number.isSafeInteger(value) : isDecimal(value);
    const long = isInteger ? BigInt(value as number | string) : highest + 1n;
    if (long >= lowest && long <= highest) return long;
    const expected = `an integer from ${lowest} to ${highest}, beyond 2^53 as a decimal text`;
    throw invalidField(`${field}[${i}]`, expected, described(value));
  };
  return {
    bytes: 8,
    pack: (values, field) => {
      const packed = new Typed(values.length);
      for (let i = 0; i < values.length; i++) packed[i] = read(values[i], field, i);
      return packed;
    },
    read: buffer => new Typed(buffer),
  };
}

function isDecimal(value: unknown): boolean {
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value);
}

function packBooleans(values: readonly unknown[], field: string): Uint8Array {
  return Uint8Array.from(values, (value, i) => {
    if (typeof value === 'boolean') return value ? 1 : 0;
    throw invalidField(`${field}[${i}]`, 'true or false', described(value));
  });
}

function packFloats<Floats extends Float32Array | Float64Array>(
  packed: Floats,
  values: readonly unknown[],
  field: string,
): Floats {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    packed[i] = typeof value === 'number' ? value : readFloat(value, field, i);
  }
  return packed;
}

function readFloat(value: unknown, field: string, i: number): number {
  if (typeof value === 'number') return value;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  throw invalidField(`${field}[${i}]`, 'a number', described(value));
}
