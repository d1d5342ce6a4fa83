// The messages of inference.proto as far as they are read, as @grpc/proto-loader gives them: 64-bit integers as texts, lists
// always there, bytes as Buffers.

/** A parameter: one of the fields is set. */
export interface InferParameter {
  readonly bool_param?: boolean;
  readonly int64_param?: string;
  readonly uint64_param?: string;
  readonly double_param?: number;
  readonly string_param?: string;
  readonly bytes_param?: Buffer;
}

/** Parameters by name. */
export type InferParameters = Readonly<Record<string, InferParameter>>;

/** Values of a tensor, in the field of its datatype. */
export interface InferTensorContents {
  readonly bool_contents: readonly boolean[];
  readonly int_contents: readonly number[];
  readonly int64_contents: readonly string[];
  readonly uint_contents: readonly number[];
  readonly uint64_contents: readonly string[];
  readonly fp32_contents: readonly number[];
  readonly fp64_contents: readonly number[];
  readonly bytes_contents: readonly Buffer[];
}

/** A tensor, with values unless they come raw. */
export interface InferInputTensor {
  readonly name?: string;
  readonly datatype?: string;
  readonly shape: readonly string[];
  readonly parameters?: InferParameters;
  readonly contents?: InferTensorContents | null;
}

/** A request to infer. */
export interface ModelInferRequest {
  readonly model_name?: string;
  readonly model_version?: string;
  readonly id?: string;
  readonly parameters?: InferParameters;
  readonly inputs: readonly InferInputTensor[];
  readonly outputs: readonly { readonly name?: string; readonly parameters?: InferParameters }[];
  readonly raw_input_contents: readonly Buffer[];
}

/** A request about a model. */
export interface ModelNameRequest {
  readonly name?: string;
  readonly version?: string;
}

/** A request to load or unload a model. */
export interface RepositoryModelRequest {
  readonly model_name?: string;
  readonly parameters?: InferParameters;
}

/** A request for what the repository holds. */
export interface RepositoryIndexRequest {
  readonly ready?: boolean;
}
