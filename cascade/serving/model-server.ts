import { availableParallelism } from 'node:os';
import type { Device } from '../engines/device.ts';
import { findModel, scanModels } from '../models/model-repository.ts';
import type { ReplicaBounds } from '../models/replica-scaler.ts';
import { ModelVersion, notServed, type VersionOptions } from './model-version.ts';
import { type AnswerCache, askedBytes, NamedModel } from './named-model.ts';
import { PredictionCache, type PredictionCacheStats } from './prediction-cache.ts';
import type { ServedModel } from './served-model.ts';
import type { ServedStats, ServedVersion } from './served-version.ts';
import type { ShadowComparison } from './shadow-comparison.ts';

/** What is served, and how. */
export interface ModelServerOptions {
  /** The repository. */
  readonly folder: string;
  /** Models to load at once, `name` (its highest version) or `name@version`. Default: the highest version of every model. */
  readonly models?: readonly string[] | undefined;
  /**
   * Time in which every request wants its answer in ms, above 0: it bounds the size of batches, and what cannot be answered
   * within it is rejected, unless it is asked with a deadline of its own. Default: requests wait, and batches are as large as pays.
   */
  readonly sloMs?: number | undefined;
  /** Processes of each version, whose number follows the load between these bounds. Default: 1 to the number of cores. */
  readonly replicas?: ReplicaBounds | undefined;
  /** Most things in one batch, 1–1024. Default 32: larger gain nothing (bench/stages). */
  readonly maxBatchSize?: number | undefined;
  /** Whether batches may be smaller than `maxBatchSize` where that is as fast. Default true. */
  readonly isAdaptive?: boolean | undefined;
  /** Longest time that a request waits for others to fill its batch in ms, 0 or more. Default 0. */
  readonly batchDelayMs?: number | undefined;
  /** Memory for answers that are remembered in bytes; 0: nothing is, and equal requests are all run. Default 32 MiB. */
  readonly cacheBytes?: number | undefined;
  /**
   * A batch that takes longer than this share of those of its size, 0–1 exclusive, is also given to a process that has nothing
   * to do; the first answer counts. Default 0.95 (Dean and Barroso, The Tail at Scale, 2013); null: never.
   */
  readonly hedgeAfter?: number | null | undefined;
  /** Requests that may wait for each version, 1 or more, beside those under way; more are refused. Default 1024. */
  readonly maxQueue?: number | undefined;
  /** Detections below it are dropped, 0–1. Default 0.05. */
  readonly minScore?: number | undefined;
  /** What ONNX models run on. Default `cpu`. */
  readonly device?: Device | undefined;
}

const DEFAULT_CACHE_BYTES = 32 * 1024 * 1024;
const DEFAULT_HEDGE_AFTER = 0.95;
const DEFAULT_MAX_BATCH_SIZE = 32;

/** Serves the models of a repository, each version in processes of its own. Dispose it to end them. */
export class ModelServer implements AsyncDisposable {
  readonly #folder: string;
  readonly #options: VersionOptions;
  readonly #cache: AnswerCache | undefined;
  readonly #models = new Map<string, NamedModel>();

  /**
   * Resolves when all the models have been loaded, checked and run once.
   * @throws CASCADE_MODEL_NOT_FOUND - when one is not there; and what loading one throws; all are ended then.
   */
  static async open(options: ModelServerOptions): Promise<ModelServer> {
    const server = new ModelServer(options);
    try {
      const names = options.models ?? new Set((await scanModels(options.folder)).map(({ name }) => name));
      await Promise.all([...names].map(async reference => server.#load(reference)));
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(options: ModelServerOptions) {
    const { folder, sloMs, replicas, isAdaptive = true, cacheBytes = DEFAULT_CACHE_BYTES, minScore, device } = options;
    const { hedgeAfter = DEFAULT_HEDGE_AFTER, maxBatchSize = DEFAULT_MAX_BATCH_SIZE, batchDelayMs, maxQueue } = options;
    this.#folder = folder;
    this.#options = {
      sloMs,
      replicas: replicas ?? { min: 1, max: availableParallelism() },
      isAdaptive,
      device,
      maxBatchSize,
      hedgeAfter: hedgeAfter ?? undefined,
      ...(batchDelayMs !== undefined && { batchDelayMs }),
      ...(maxQueue !== undefined && { maxQueue }),
      ...(minScore !== undefined && { minScore }),
    };
    this.#cache = cacheBytes === 0 ? undefined : new PredictionCache({ maxBytes: cacheBytes, sizeOf: askedBytes });
  }

  /** Every version in the repository, by name and version, and what is served beside. */
  async index(): Promise<readonly ServedVersion[]> {
    const rows = (await scanModels(this.#folder)).map(({ name, version, found }): ServedVersion => {
      const loaded = this.#models.get(name)?.versions.get(version);
      if (loaded !== undefined) return this.#row(loaded);
      const isBroken = found instanceof Error;
      return {
        name,
        version,
        sha256: isBroken ? null : found.declaration.sha256,
        state: isBroken ? 'END' : 'UNKNOWN',
        reason: isBroken ? found.message : '',
        labels: [],
        isDefault: false,
      };
    });
    const isListed = ({ name, version }: ModelVersion): boolean =>
      rows.some(row => row.name === name && row.version === version);
    const gone = this.#versions().filter(version => version.state !== 'END' && !isListed(version));
    return [...rows, ...gone.map(version => this.#row(version))].sort(
      (a, b) => compare(a.name, b.name) || a.version - b.version,
    );
  }

  /**
   * A model that is served.
   * @param version - A version, or a label; default: whichever is the default when it is asked.
   * @throws CASCADE_MODEL_NOT_SERVED - when it is not loaded.
   */
  model(name: string, version?: number | string): ServedModel {
    const find = (): ModelVersion => this.#find(name, version);
    find();
    return this.#served(name, find);
  }

  /** As {@link model}; undefined when it is not loaded. */
  find(name: string, version?: number | string): ServedModel | undefined {
    if (this.#models.get(name)?.find(version) === undefined) return undefined;
    return this.#served(name, () => this.#find(name, version));
  }

  #served(name: string, find: () => ModelVersion): ServedModel {
    return {
      name,
      get version() {
        return find().version;
      },
      get sha256() {
        return find().sha256;
      },
      get declaration() {
        return find().stored.declaration;
      },
      get inputs() {
        return find().tensors.inputs;
      },
      get outputs() {
        return find().tensors.outputs;
      },
      ask: async (work, options = {}) => this.#named(name).ask(find(), work, options),
    };
  }

  /**
   * Loads a version; it becomes the default only when there is none. One that is loaded is left as it is.
   * @param version - Default: the highest in the repository.
   * @throws CASCADE_MODEL_NOT_FOUND - when it is not in the repository; and what loading it throws.
   */
  async load(name: string, version?: number): Promise<void> {
    await this.#load(version === undefined ? name : `${name}@${version}`);
  }

  /**
   * Lets a version finish what it was asked and ends its processes. When it is the default, the one that was before it
   * becomes that, or the highest that is loaded.
   * @param version - Default: all.
   * @throws CASCADE_MODEL_NOT_SERVED - when it is not loaded.
   */
  async unload(name: string, version?: number): Promise<void> {
    const loaded = [...(this.#models.get(name)?.versions.values() ?? [])].filter(({ state }) => state === 'AVAILABLE');
    const leaving = version === undefined ? loaded : loaded.filter(one => one.version === version);
    if (leaving.length === 0) throw this.#notServed(name, version);
    this.#models.get(name)?.leave(leaving);
    await Promise.all(leaving.map(one => one.unload()));
  }

  /**
   * Asks another version a share of what the default is asked, loading it first; its answers are compared and go nowhere else.
   * It may read the bytes of a work for a while after the work was answered.
   * @param share - 0–1; 0 ends it, and leaves the version loaded.
   * @throws CASCADE_MODEL_NOT_FOUND - when it is not in the repository; and what loading it throws.
   */
  async shadow(name: string, version: number, share: number): Promise<void> {
    const shadow = await this.#load(`${name}@${version}`);
    this.#named(name).shadow(shadow, share);
  }

  /** How the versions that are shadowed compare with those that answer. */
  get comparisons(): readonly ShadowComparison[] {
    return [...this.#models.values()].flatMap(({ comparison }) => comparison ?? []);
  }

  /**
   * Makes a version the default, loading it first: the next request is its, and what the one before was asked is finished there.
   * That one stays loaded, for {@link rollback}; the one that was before that is unloaded.
   * @throws CASCADE_MODEL_NOT_FOUND - when it is not in the repository; and what loading it throws.
   */
  async promote(name: string, version: number): Promise<void> {
    const promoted = await this.#load(`${name}@${version}`);
    await this.#named(name).promote(promoted)?.unload();
  }

  /**
   * Makes the version the default that was it before; a second time returns.
   * @throws CASCADE_MODEL_NOT_SERVED - when there was none, or it was unloaded.
   */
  async rollback(name: string): Promise<void> {
    if (this.#models.get(name)?.rollBack() !== true) throw this.#notServed(name, 'previous');
  }

  /** What each version that is loaded has done so far. */
  stats(): readonly ServedStats[] {
    return this.#versions().flatMap(({ name, version, pool }) =>
      pool === undefined ? [] : [{ name, version, ...pool.stats() }],
    );
  }

  /** What the memory of answers has done so far; null: there is none. */
  get cacheStats(): PredictionCacheStats | null {
    return this.#cache?.stats ?? null;
  }

  /** Ends all processes; what waits is rejected. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#versions().map(version => version.end()));
  }

  async #load(reference: string): Promise<ModelVersion> {
    const stored = await findModel(reference, this.#folder);
    const { name, version } = stored.declaration;
    const { versions } = this.#named(name);
    const known = versions.get(version);
    if (known?.state === 'UNLOADING') await known.unload();
    // Someone else may have begun to load it meanwhile.
    const loading = this.#loading(versions.get(version)) ?? new ModelVersion(stored, this.#options);
    versions.set(version, loading);
    await loading.loaded;
    this.#named(name).offer(loading);
    return loading;
  }

  #loading(known: ModelVersion | undefined): ModelVersion | undefined {
    return known?.state === 'END' ? undefined : known;
  }

  #named(name: string): NamedModel {
    const named = this.#models.get(name) ?? new NamedModel(this.#cache, this.#options.sloMs);
    this.#models.set(name, named);
    return named;
  }

  #versions(): ModelVersion[] {
    return [...this.#models.values()].flatMap(({ versions }) => [...versions.values()]);
  }

  #row(one: ModelVersion): ServedVersion {
    const { name, version, sha256, state, reason } = one;
    const named = this.#named(name);
    return { name, version, sha256, state, reason, labels: named.labelsOf(one), isDefault: named.current === one };
  }

  #find(name: string, wanted: number | string | undefined): ModelVersion {
    const found = this.#models.get(name)?.find(wanted);
    if (found === undefined) throw this.#notServed(name, wanted);
    return found;
  }

  #notServed(name: string, wanted: number | string | undefined): Error {
    const served = this.#versions().filter(({ state }) => state === 'AVAILABLE');
    return notServed(
      wanted === undefined ? name : `${name}@${wanted}`,
      served.map(one => `${one.name}@${one.version}`),
    );
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
