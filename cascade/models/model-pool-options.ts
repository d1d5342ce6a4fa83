import type { Device } from '../engines/device.ts';
import type { HistogramCounts } from './histogram.ts';
import type { HeadResult } from './model-head.ts';
import type { ReplicaBounds } from './replica-scaler.ts';
import type { StoredModel } from './stored-model.ts';

/** How to start a pool of model workers. */
export interface ModelPoolOptions {
  /** Loaded and checked in every process. */
  readonly model: StoredModel;
  /** What it must give: `detections` for `ModelPool.run`, `confidence` for `ModelPool.confidence`. Default `detections`. */
  readonly produces?: HeadResult['kind'];
  /**
   * Processes, 1 or more, or the bounds between which their number follows the load. Default 1; more than there are cores
   * gain nothing, since each run keeps one core busy.
   */
  readonly replicas?: number | ReplicaBounds;
  /**
   * Most pictures in one batch, 1–1024. Default 8: detectors gain nothing from larger ones, and a large one makes
   * its first picture wait. Models with a fixed batch take that.
   */
  readonly maxBatchSize?: number;
  /**
   * Whether the size of batches is found from what they take: as many as save time, none that `sloMs` leaves no time for.
   * Default false: whatever waits, up to `maxBatchSize`.
   */
  readonly isAdaptive?: boolean;
  /**
   * Time in which works want their answers in ms, above 0: what no deadline of its own is asked with has this one. Default:
   * they wait.
   */
  readonly sloMs?: number | undefined;
  /** Longest time that a work waits for others to fill its batch in ms, 0 or more. Default 0: whatever waits is run at once. */
  readonly batchDelayMs?: number;
  /**
   * A batch that takes longer than this share of those of its size, 0–1 exclusive, is also given to a process that has nothing
   * to do; the first answer counts. Default: never.
   */
  readonly hedgeAfter?: number | undefined;
  /** Works that may wait, 1 or more, beside those under way; more are refused. Default 1024. */
  readonly maxQueue?: number;
  /**
   * Longest time that a process may take for a batch in ms, above 0. Default 30,000. After it the process is killed and
   * its pictures are run again. Waiting in the queue does not count: use a signal to bound that.
   */
  readonly deadlineMs?: number;
  /** Detections below it are dropped, 0–1. Default 0.05. */
  readonly minScore?: number;
  /** Whether the processes load the decoder of images at once, rather than with the first image. Default false. */
  readonly decodesImages?: boolean;
  /** What an ONNX model runs on. Default `cpu`. */
  readonly device?: Device | undefined;
}

/** What a pool has done so far. */
export interface ModelPoolStats {
  /** Works answered, failed ones included. */
  readonly calls: number;
  /** Of these, how many had an error about themselves. */
  readonly failures: number;
  /** Batches answered. */
  readonly batches: number;
  /** Things in each batch, by size. */
  readonly batchSizes: HistogramCounts;
  /** Time from asking to the answer in ms, of works that got one. */
  readonly latencyMs: HistogramCounts;
  /** Works that wait for a process now. */
  readonly queued: number;
  /** Works that were rejected because their answer would have come too late. */
  readonly shed: number;
  /** Works that were run a second time because the first took long, and of these, how many the second answered first. */
  readonly hedged: { readonly calls: number; readonly won: number };
  /** Time that processes took for answers which came too late to count, in ms. */
  readonly lostMs: number;
  /** Most things in a batch now. */
  readonly batchLimit: number;
  /** Processes that there are now, those that are starting included. */
  readonly replicas: number;
  /** Time that the processes spent on batches in ms, all together: input, inference and decoding. */
  readonly busyMs: number;
  /**
   * Processor time that the processes took in ms, all together: batches and the transfer of pictures. Unlike `busyMs` it
   * does not grow while other programs have the cores.
   */
  readonly processorMs: number;
  /** Processes that ended and were started again. */
  readonly restarts: number;
  /** Sum of the most memory resident in each replica in bytes; 0 before its first answer. */
  readonly peakRssBytes: number;
}

/** How to ask a model. */
export interface AskOptions {
  /** Gives the work up: the promise rejects with the signal's reason. Default: waits for the answer. */
  readonly signal?: AbortSignal;
  /**
   * Time from now in which the answer is wanted, in ms, above 0. What is due first is run first; what cannot be answered in
   * time is rejected. Default: waits for the answer.
   */
  readonly deadlineMs?: number;
}
