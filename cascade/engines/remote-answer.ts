import type { z } from 'zod';
import { cascadeErrors } from '../errors.ts';
import type { TensorDatatype } from '../models/model-work.ts';
import { bytesPerValue, isDatatype, valueCount, valuesIn } from '../models/tensor-data.ts';
import { describeIssues } from '../schema-issues.ts';
import type { NetworkTensor, NetworkTensorInfo, TensorValues } from './network.ts';

/** Reads the answers of one server, and says which server when they do not fit. */
export class RemoteAnswer {
  readonly #url: string;

  /** @param url - Of the server, for messages. */
  constructor(url: string) {
    this.#url = url;
  }

  /** The error about an answer that does not fit. */
  invalid(expected: string, got: string): Error {
    return cascadeErrors.create('CASCADE_REMOTE_ANSWER_INVALID', { url: this.#url, expected, got });
  }

  /** JSON that fits a schema. @throws CASCADE_REMOTE_ANSWER_INVALID - when it is none. */
  parse<Output>(text: string, schema: z.ZodType<Output>): Output {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw this.invalid('JSON', `'${text.slice(0, 60)}'`);
    }
    const parsed = schema.safeParse(value, { reportInput: true });
    if (parsed.success) return parsed.data;
    throw this.invalid('the form of its protocol', describeIssues(parsed.error));
  }

  /**
   * Checks that a shape and a datatype are those of an output.
   * @throws CASCADE_REMOTE_ANSWER_INVALID - names what was expected and found.
   */
  check(info: NetworkTensorInfo, datatype: string, shape: readonly number[]): TensorDatatype {
    const fits =
      isDatatype(datatype) &&
      datatype === info.datatype &&
      shape.every(length => Number.isSafeInteger(length) && length >= 0) &&
      (info.shape.length === 0 ||
        (shape.length === info.shape.length && info.shape.every((length, i) => length === -1 || length === shape[i])));
    if (fits) return datatype;
    const expected = `${info.name} ${info.datatype} [${info.shape.join(', ')}]`;
    throw this.invalid(expected, `${datatype} [${shape.join(', ')}]`);
  }

  /** An output whose values came as bytes, row-major and little-endian. @throws as {@link check}. */
  ofBytes(
    info: NetworkTensorInfo,
    given: { datatype: string; shape: readonly number[] },
    bytes: Uint8Array,
  ): NetworkTensor {
    const { shape } = given;
    const datatype = this.check(info, given.datatype, shape);
    const length = valueCount(shape) * bytesPerValue(datatype);
    if (bytes.length !== length) throw this.invalid(`${length} bytes in output ${info.name}`, `${bytes.length}`);
    // Copied, since what lies behind JSON is hardly ever aligned.
    return { datatype, shape, values: valuesIn(Uint8Array.from(bytes).buffer, datatype) };
  }

  /** An output whose values came as flat JSON. @throws as {@link check}. */
  ofNumbers(
    info: NetworkTensorInfo,
    given: { datatype: string; shape: readonly number[] },
    numbers: readonly unknown[],
  ): NetworkTensor {
    const { shape } = given;
    const datatype = this.check(info, given.datatype, shape);
    if (numbers.length !== valueCount(shape)) {
      throw this.invalid(`${valueCount(shape)} values in output ${info.name}`, `${numbers.length}`);
    }
    const values = valuesIn(new ArrayBuffer(numbers.length * bytesPerValue(datatype)), datatype);
    for (let i = 0; i < numbers.length; i++) this.#put(values, i, numbers[i], info);
    return { datatype, shape, values };
  }

  #put(values: TensorValues, i: number, value: unknown, { name, datatype }: NetworkTensorInfo): void {
    // null, NaN: what servers write in the place of a number that JSON lacks.
    const number = value === null || value === 'NaN' ? Number.NaN : Number(value);
    if (typeof value === 'object' && value !== null) throw this.invalid(`numbers in output ${name}`, typeof value);
    if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
      if (!Number.isInteger(number)) throw this.invalid(`whole numbers in output ${name}`, String(value));
      values[i] = BigInt(number);
    } else if (datatype === 'FP16') throw this.invalid(`output ${name} in binary, since it is FP16`, 'JSON');
    else values[i] = number;
  }
}
