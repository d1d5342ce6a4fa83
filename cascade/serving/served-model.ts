import type { ModelDeclaration } from '../models/model-declaration.ts';
import type { AskOptions } from '../models/model-pool-options.ts';
import type { ModelResult, ModelWork, TensorInfo } from '../models/model-work.ts';

/** An answer, who gave it, and what it took. */
export interface Asked {
  readonly answer: ModelResult;
  readonly version: number;
  /** SHA-256 of the model in lower-case hex. */
  readonly sha256: string;
  /** Whether it was remembered, or is that of an equal request which was under way: the times are that one's. */
  readonly isCached: boolean;
  /** Works that were run together with it, itself included. */
  readonly batchSize: number;
  /** Time that it waited for a process, in ms. */
  readonly queueMs: number;
  /** Time that its batch took in the process, in ms. */
  readonly modelMs: number;
}

/** A model that is served: the version that was named or, where none was, whichever is the default when it is asked. */
export interface ServedModel {
  readonly name: string;
  readonly version: number;
  /** SHA-256 of the model in lower-case hex. */
  readonly sha256: string;
  readonly declaration: ModelDeclaration;
  /** What its ONNX file takes. */
  readonly inputs: readonly TensorInfo[];
  /** What its ONNX file gives. */
  readonly outputs: readonly TensorInfo[];
  /**
   * The answer for a work; its bytes must not change until the promise settles.
   * @throws CASCADE_IMAGE_INVALID, CASCADE_TENSOR_INVALID, CASCADE_PICTURE_SIZE, CASCADE_MODEL_RUN_FAILED,
   *   CASCADE_MODEL_NO_ANSWER - about this work alone.
   * @throws CASCADE_MODEL_OVERLOADED, CASCADE_MODEL_LATE, CASCADE_MODEL_QUEUE_FULL - when there is too much to do.
   * @throws CASCADE_MODEL_NOT_SERVED - when it has been unloaded; and what broke its processes.
   */
  ask(work: ModelWork, options?: AskOptions): Promise<Asked>;
}
