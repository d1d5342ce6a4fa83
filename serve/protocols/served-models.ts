// Stands in for what cascade/ will export of the model layer, until branch `models` is merged.
import type { ErrorRecord, } from '../../ingest/index.ts';
import type { Detection, ModelDeclaration } from '../../cascade/index.ts';

/** Datatypes of the Open Inference Protocol with elements of fixed size. */
export type TensorDatatype =
  | 'BOOL' | 'UINT8' | 'UINT16' | 'UINT32' | 'UINT64' | 'INT8' | 'INT16' | 'INT32' | 'INT64' | 'FP16' | 'FP32' | 'FP64';
/** A tensor. */
export interface NamedTensor {
  readonly name: string;
  readonly datatype: TensorDatatype;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}
/** Work. */
export type ModelWork =
  | { readonly kind: 'image'; readonly bytes: Uint8Array }
  | { readonly kind: 'tensors'; readonly inputs: readonly NamedTensor[]; readonly outputs?: readonly string[] };
/** Answer. */
export type ModelAnswer =
  | { readonly kind: 'detections'; readonly detections: readonly Detection[] }
  | { readonly kind: 'confidence'; readonly confidence: number }
  | { readonly kind: 'tensors'; readonly outputs: readonly NamedTensor[] }
  | { readonly kind: 'failed'; readonly error: ErrorRecord };
/** Options. */
export interface AskOptions { readonly signal?: AbortSignal; readonly deadlineMs?: number }
/** Asked. */
export interface Asked { readonly answer: ModelAnswer; readonly version: number; readonly batchSize: number; readonly queueMs: number; readonly modelMs: number }
/** Info. */
export interface TensorInfo { readonly name: string; readonly datatype: TensorDatatype; readonly shape: readonly number[] }
/** Model. */
export interface ServedModel {
  readonly name: string; readonly version: number; readonly declaration: ModelDeclaration;
  readonly inputs: readonly TensorInfo[]; readonly outputs: readonly TensorInfo[];
  ask(work: ModelWork, options?: AskOptions): Promise<Asked>;
}
/** State. */
export interface ServedVersion {
  readonly name: string; readonly version: number;
  readonly state: 'UNKNOWN' | 'START' | 'LOADING' | 'AVAILABLE' | 'UNLOADING' | 'END';
  readonly reason?: string; readonly labels: readonly string[]; readonly isDefault: boolean;
}
/** Server. */
export interface ModelServer {
  index(): Promise<readonly ServedVersion[]>;
  model(name: string, version?: number | string): ServedModel;
  load(name: string, version?: number): Promise<void>;
  unload(name: string, version?: number): Promise<void>;
  stats(): readonly ModelStats[];
}
/** Stats. */
export interface ModelStats { readonly model: string; readonly version: number; readonly calls: number; readonly failures: number; readonly busyMs: number; readonly queueMs: number; readonly cacheHits: number; readonly batches: Readonly<Record<number, number>> }
