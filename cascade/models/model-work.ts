import type { HeadResult } from './model-head.ts';
import type { Picture } from './model-input.ts';

/** Types of tensor values, by the names of the Open Inference Protocol. */
export type TensorDatatype =
  | 'BOOL'
  | 'UINT8'
  | 'UINT16'
  | 'UINT32'
  | 'UINT64'
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FP16'
  | 'FP32'
  | 'FP64';

/** A tensor with its values. */
export interface NamedTensor {
  readonly name: string;
  readonly datatype: TensorDatatype;
  /** Whole numbers, 1 or more. */
  readonly shape: readonly number[];
  /** Row-major, little-endian; need not be aligned. BOOL: one byte each, 0 or 1. */
  readonly data: Uint8Array;
}

/** A tensor that a model takes or gives. */
export interface TensorInfo {
  readonly name: string;
  readonly datatype: TensorDatatype;
  /** -1: any length, such as the number of pictures. */
  readonly shape: readonly number[];
}

/** Tensors of a model, as its network itself declares them. */
export interface ModelTensors {
  readonly inputs: readonly TensorInfo[];
  /** Without those that hold text. */
  readonly outputs: readonly TensorInfo[];
}

/** A picture or an image that a model is asked about. */
export type PictureWork =
  /** A picture that is already of the size that `pictureRequest` names. */
  | { readonly kind: 'picture'; readonly picture: Picture }
  /** Bytes of a whole JPEG or PNG, which the model worker decodes and scales. */
  | { readonly kind: 'image'; readonly bytes: Uint8Array };

/** One thing that a model is asked; plain data that crosses processes. */
export type ModelWork =
  | PictureWork
  /** Tensors for the model as it is, past declaration and head; `outputs` undefined: all outputs. */
  | {
      readonly kind: 'tensors';
      readonly inputs: readonly NamedTensor[];
      readonly outputs?: readonly string[] | undefined;
    };

/** What a model says of a picture or an image. */
export type PictureResult = HeadResult & {
  /** Width of the frame in px, before it was scaled. */
  readonly frameWidth: number;
  /** Height of the frame in px, before it was scaled. */
  readonly frameHeight: number;
};

/** What a model answers: tensors for tensors, a {@link PictureResult} for the other kinds. */
export type ModelResult = PictureResult | { readonly kind: 'tensors'; readonly outputs: readonly NamedTensor[] };

/** Things that a work asks about: the rows of its tensors, or one picture. */
export function rowCount(work: ModelWork): number {
  return work.kind === 'tensors' ? (work.inputs[0]?.shape[0] ?? 1) : 1;
}
