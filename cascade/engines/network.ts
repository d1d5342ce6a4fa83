import type { TensorDatatype } from '../models/model-work.ts';

/** Values of a tensor, row-major. BOOL: one byte each; FP16: the bits. */
export type TensorValues =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** A tensor that a network takes or gives. */
export interface NetworkTensor {
  readonly datatype: TensorDatatype;
  /** Whole numbers; their product is the number of values. */
  readonly shape: readonly number[];
  /** Of the type that goes with the datatype. */
  readonly values: TensorValues;
}

/** What a network says of one of its tensors. */
export interface NetworkTensorInfo {
  readonly name: string;
  /** Undefined: text, or no tensor at all. */
  readonly datatype: TensorDatatype | undefined;
  /** -1: any length. Empty: a single value, or a shape that only a run shows. */
  readonly shape: readonly number[];
}

/** A network loaded into this process, or reached from it. Owned by whoever loaded it; disposing releases it. */
export interface Network extends AsyncDisposable {
  readonly inputs: readonly NetworkTensorInfo[];
  readonly outputs: readonly NetworkTensorInfo[];
  /**
   * Runs it once. Calls must not overlap. The values of the feeds must not change until the promise settles; those of the
   * result are the caller's.
   * @param feeds - One tensor for each input, by name.
   * @param outputs - Names of outputs that have a datatype.
   * @returns the outputs asked for, in that order.
   * @throws whatever its engine throws; errors without a code are about this run alone.
   */
  run(feeds: Readonly<Record<string, NetworkTensor>>, outputs: readonly string[]): Promise<readonly NetworkTensor[]>;
}
