import type { StoredModel } from '../../cascade/index.ts';
import type { ErrorRecord, RgbImage } from '../../ingest/index.ts';
import type { PictureFile } from '../picture-file.ts';
import type { RungOptions, RungState } from './train-rung.ts';
import type { TrainingRows } from './training-rows.ts';

/** What all candidates of one search learn from; a worker reads the pictures once for each view. */
export interface TrainingData {
  /** In the order of time. */
  readonly train: readonly TrainingRows[];
  /** Later in time than `train`. */
  readonly validation: readonly TrainingRows[];
  /** The average empty scene at the input size of each candidate that subtracts it. */
  readonly scenes: readonly RgbImage[];
}

/** Work of a classifier worker, named by what it is about for error texts. */
export type ClassifierJob =
  | { readonly kind: 'train'; readonly name: string; readonly rung: RungOptions }
  | { readonly kind: 'score'; readonly name: string; readonly model: StoredModel; readonly pictures: PictureFile };

/** What each kind of job gives. */
export interface ClassifierJobResults {
  readonly train: RungState;
  readonly score: {
    /** (rows) 0-1; NaN where the model gave no number. */
    readonly scores: Float32Array;
    /** Inference on one picture, in batches of 32 on one thread, in µs: the median batch. Scaling is not in it. */
    readonly frameUs: number;
  };
}

/** To a classifier worker; `data` comes once, before the first job of kind `train`. */
export type ToClassifierWorker =
  | { readonly type: 'data'; readonly data: TrainingData }
  | { readonly type: 'job'; readonly job: ClassifierJob };

/** From a classifier worker; one job at a time. */
export type FromClassifierWorker =
  /** Part of the job that is done, 0-1. */
  | { readonly type: 'progress'; readonly share: number }
  | { readonly type: 'failed'; readonly error: ErrorRecord }
  | { readonly type: 'done'; readonly result: ClassifierJobResults[ClassifierJob['kind']] };
