import {
  CascadeRun,
  type Detection,
  type Device,
  findModel,
  LabelCache,
  labelPlan,
  type Predicate,
  type PreparedPlan,
  preparePlan,
} from '../../cascade/index.ts';
import type { FrameIndex } from '../../ingest/index.ts';
import type { FootageSource } from '../footage-source.ts';

/** What is asked of which reference model, and how to follow and stop it. */
export interface LabelSourcesOptions {
  readonly sources: readonly FootageSource[];
  /** The reference model, as `findModel` takes it. */
  readonly reference: string;
  /** Folder of the model repository. */
  readonly models: string;
  /** The query: checked against the labels that the model knows; answers are kept for any query. */
  readonly predicate: Predicate;
  /** Every `step`-th frame of each source's range is asked, from its first; 1 or more ({@link labelStep}). */
  readonly step: number;
  /** Folder of the answers that are kept. Default `.saccade/labels`, that of `saccade label`. */
  readonly cacheFolder?: string | undefined;
  /** Stream workers, 1 or more. Default 1. */
  readonly workers?: number | undefined;
  /** Processes of the reference model, 1 or more. Default 1. */
  readonly replicas?: number | undefined;
  /** What an ONNX reference model runs on. Default `cpu`. */
  readonly device?: Device | undefined;
  /** Called as answers come, and once more at the end. */
  readonly onProgress?: ((progress: LabelProgress) => void) | undefined;
  /** Stops; the promise is then rejected with the signal's reason, and what was answered is kept. */
  readonly signal?: AbortSignal | undefined;
}

/** How far labeling is. */
export interface LabelProgress {
  /** Frames that are labeled, those known before included. */
  readonly done: number;
  /** Frames to label. */
  readonly total: number;
  /** Answers a second in this call, above 0; null before the first. */
  readonly framesPerSecond: number | null;
  /** Time left in s at this rate, 0 or more; null before the first answer. */
  readonly secondsLeft: number | null;
}

/** What the reference model says of the sources. */
export interface ReferenceLabels {
  /** Distance of two labeled frames, 1 or more. */
  readonly step: number;
  /**
   * By source: detections of every `step`-th frame of its range, from its first, by the frame's index in the file. A frame
   * that could not be decoded is missing.
   */
  readonly detections: readonly ReadonlyMap<FrameIndex, readonly Detection[]>[];
}

/** A full disk is found out this soon rather than after hours. */
const flushEveryMs = 5000;

/**
 * Has the reference model label the sources, but for what is known from earlier: only ranges with an unknown frame are
 * decoded, from the first such frame on, and nothing outside the sources' ranges. An interrupted call goes on where it was.
 * @throws CASCADE_PLAN_LABEL_UNKNOWN - when the model does not know a label of the query; CASCADE_LABEL_CACHE_UNUSABLE - when
 *   answers cannot be kept; what `findModel` and `CascadeRun.start` throw; the signal's reason.
 */
export async function labelSources(options: LabelSourcesOptions): Promise<ReferenceLabels> {
  const { sources, reference, models, predicate, step, signal } = options;
  signal?.throwIfAborted();
  const { declaration } = await findModel(reference, models);
  const loaded = labelPlan({ name: 'labels', predicate, model: reference, declaration, every: step, smoothingMs: 0 });
  const plan = await preparePlan(loaded, { models });
  const caches = new Map<string, LabelCache>();
  try {
    for (const { sha256 } of sources) {
      if (caches.has(sha256)) continue;
      const { cacheFolder: folder } = options;
      caches.set(
        sha256,
        await LabelCache.open({ ...(folder !== undefined && { folder }), footageSha256: sha256, model: declaration }),
      );
    }
    const work = sources.flatMap(source => {
      const cache = caches.get(source.sha256);
      return cache === undefined ? [] : [new SourceLabeling(source, cache, step)];
    });
    const meter = new LabelMeter(work, options.onProgress);
    for (const one of work) if (!one.isComplete) await one.run(plan, options, meter);
    meter.finish();
    const detections = work.map(one => one.known());
    return { step, detections };
  } finally {
    await Promise.all([...caches.values()].map(cache => cache[Symbol.asyncDispose]()));
  }
}

/** The labels of one source: known ones, and a run for the others. */
class SourceLabeling {
  readonly count: number;
  readonly #source: FootageSource;
  readonly #cache: LabelCache;
  readonly #step: number;

  constructor(source: FootageSource, cache: LabelCache, step: number) {
    this.#source = source;
    this.#cache = cache;
    this.#step = step;
    this.count = Math.ceil((source.range.to - source.range.from) / step);
  }

  get isComplete(): boolean {
    return this.known().size === this.count;
  }

  /** What is known of the frames to label, by their index in the file. */
  known(): Map<FrameIndex, readonly Detection[]> {
    const { from, to } = this.#source.range;
    const isAsked = (frame: FrameIndex): boolean => frame >= from && frame < to && (frame - from) % this.#step === 0;
    return new Map([...this.#cache.known()].filter(([frame]) => isAsked(frame)).sort(([a], [b]) => a - b));
  }

  async run(plan: PreparedPlan, options: LabelSourcesOptions, meter: LabelMeter): Promise<void> {
    const { workers = 1, replicas = 1, device, signal } = options;
    const { footage, range } = this.#source;
    await using run = await CascadeRun.start({
      plan,
      // A run over the range alone counts its frames from 0; the cache counts those of the file.
      footage: { ...footage, range },
      workers,
      replicas,
      device,
      known: new Map([...this.known()].map(([frame, detections]) => [frame - range.from, detections])),
      onAnswer: (frame, detections) => {
        this.#cache.add(frame + range.from, detections);
        meter.answered();
      },
    });
    let flushedMs = performance.now();
    for await (const _decisions of run.decisions({ ...(signal && { signal }) })) {
      if (performance.now() - flushedMs < flushEveryMs) continue;
      await this.#cache.flush();
      flushedMs = performance.now();
    }
    await this.#cache.flush();
    signal?.throwIfAborted();
  }
}

/** Counts answers and tells how long the rest will take. */
class LabelMeter {
  readonly #onProgress: LabelSourcesOptions['onProgress'];
  readonly #total: number;
  readonly #startedMs = performance.now();
  #done: number;
  #answers = 0;

  constructor(work: readonly SourceLabeling[], onProgress: LabelSourcesOptions['onProgress']) {
    this.#onProgress = onProgress;
    this.#total = work.reduce((sum, { count }) => sum + count, 0);
    this.#done = work.reduce((sum, one) => sum + one.known().size, 0);
    this.#tell();
  }

  answered(): void {
    this.#answers++;
    // Ranges may overlap: then an answer counts for two frames, and the end comes sooner than told.
    this.#done = Math.min(this.#done + 1, this.#total);
    this.#tell();
  }

  /** Frames that did not decode are done as well. */
  finish(): void {
    this.#done = this.#total;
    this.#tell();
  }

  #tell(): void {
    const seconds = (performance.now() - this.#startedMs) / 1000;
    const framesPerSecond = this.#answers > 0 && seconds > 0 ? this.#answers / seconds : null;
    const left = this.#total - this.#done;
    this.#onProgress?.({
      done: this.#done,
      total: this.#total,
      framesPerSecond,
      secondsLeft: framesPerSecond === null ? null : left / framesPerSecond,
    });
  }
}
