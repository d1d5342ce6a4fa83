import type { ErrorRecord } from '../../ingest/index.ts';
import type { ModelResult, ModelTensors } from './model-work.ts';
import type { PackedWorks } from './pack-works.ts';
import type { StoredModel } from './stored-model.ts';

/** What a model worker is started with, as JSON in its first argument. */
export interface ModelWorkerOptions {
  readonly model: StoredModel;
  /** Most pictures in one run, 1–1024. */
  readonly maxBatchSize: number;
  /** Detections below it are dropped, 0–1; undefined: the model's own default. */
  readonly minScore?: number | undefined;
  /** Whether the decoder of images is loaded at once, rather than with the first image. */
  readonly decodesImages: boolean;
}

/** From the main process to a model worker: run a batch. */
export interface ToModelWorker extends PackedWorks {
  /** Comes back with the answers. */
  readonly batch: number;
}

/** The answer for one work: a result, or why there is none. */
export type ModelAnswer = ModelResult | { readonly kind: 'failed'; readonly error: ErrorRecord };

/** From a model worker to the main process: the answers for a batch. */
export interface BatchAnswer {
  readonly batch: number;
  /** One a work, in their order. */
  readonly answers: readonly ModelAnswer[];
  /** Time spent on this batch in ms: decoding images, writing the input, inference and reading the outputs. */
  readonly busyMs: number;
  /** Processor time of this process since the answers before in ms: this batch, and the transfer of its works. */
  readonly processorMs: number;
  /** Most memory that was resident in this process so far, in bytes. */
  readonly peakRssBytes: number;
}

/** From a model worker: first what it has loaded, before it is ready, then answers. */
export type FromModelWorker = { readonly tensors: ModelTensors } | BatchAnswer;
