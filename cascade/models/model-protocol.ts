import type { ErrorRecord } from '../../ingest/index.ts';
import type { HeadResult } from './model-head.ts';
import type { Picture } from './model-input.ts';
import type { StoredModel } from './stored-model.ts';

/** What a model worker is started with, as JSON in its first argument. */
export interface ModelWorkerOptions {
  readonly model: StoredModel;
  /** Most pictures in one run, 1–1024. */
  readonly maxBatchSize: number;
  /** Detections below it are dropped, 0–1; undefined: the model's own default. */
  readonly minScore?: number | undefined;
}

/** From the main process to a model worker: run a batch. */
export interface ToModelWorker {
  /** Comes back with the answers. */
  readonly batch: number;
  readonly pictures: readonly Picture[];
}

/** The answer for one picture: a result, or why there is none. */
export type ModelAnswer = HeadResult | { readonly kind: 'failed'; readonly error: ErrorRecord };

/** From a model worker to the main process: the answers for a batch. */
export interface FromModelWorker {
  readonly batch: number;
  /** One a picture, in their order. */
  readonly answers: readonly ModelAnswer[];
  /** Time spent on this batch in ms: writing the input, inference and decoding. */
  readonly busyMs: number;
  /** Processor time of this process since the answers before in ms: this batch, and the transfer of pictures. */
  readonly processorMs: number;
  /** Most memory that was resident in this process so far, in bytes. */
  readonly peakRssBytes: number;
}
