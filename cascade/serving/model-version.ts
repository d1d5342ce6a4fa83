import { cascadeErrors } from '../errors.ts';
import { headOfKind } from '../models/heads.ts';
import { ModelPool } from '../models/model-pool.ts';
import type { AskOptions, ModelPoolOptions } from '../models/model-pool-options.ts';
import type { ModelTensors, ModelWork } from '../models/model-work.ts';
import type { StoredModel } from '../models/stored-model.ts';
import type { Asked } from './served-model.ts';
import type { VersionState } from './served-version.ts';

/** How the processes of a version are run. */
export type VersionOptions = Omit<ModelPoolOptions, 'model' | 'produces' | 'decodesImages'>;

/** One version of a model with its processes, from loading to unloading. */
export class ModelVersion {
  readonly stored: StoredModel;
  readonly #options: VersionOptions;
  #pool: ModelPool | undefined;
  #state: VersionState = 'START';
  #reason = '';
  #unloading: Promise<void> | undefined;
  /**
   * Resolves when each of its processes has loaded the model, checked its hash and tensors, and run it once.
   * @throws what starting them throws.
   */
  readonly loaded: Promise<void>;

  /** Begins to load it. */
  constructor(stored: StoredModel, options: VersionOptions) {
    this.stored = stored;
    this.#options = options;
    this.loaded = this.#load();
    this.loaded.catch(() => undefined);
  }

  get name(): string {
    return this.stored.declaration.name;
  }

  get version(): number {
    return this.stored.declaration.version;
  }

  get sha256(): string {
    return this.stored.declaration.sha256;
  }

  get state(): VersionState {
    return this.#state;
  }

  /** Why it could not be loaded; empty when it could. */
  get reason(): string {
    return this.#reason;
  }

  /** Tensors of its ONNX file; none when it is not loaded. */
  get tensors(): ModelTensors {
    return this.#pool?.tensors ?? { inputs: [], outputs: [] };
  }

  /** Its processes; undefined when it is not loaded. */
  get pool(): ModelPool | undefined {
    return this.#pool;
  }

  /** Lets what it was asked finish, then ends its processes; a second time waits for the same end. */
  unload(): Promise<void> {
    this.#unloading ??= this.#unload();
    return this.#unloading;
  }

  /** Ends its processes at once; what waits is rejected. */
  async end(): Promise<void> {
    this.#state = 'END';
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.[Symbol.asyncDispose]();
  }

  /**
   * Asks it; queued before this returns, so that a swap that follows lets it finish.
   * @throws CASCADE_MODEL_NOT_SERVED - when it is not loaded; and what `ModelPool.ask` throws.
   */
  async ask(work: ModelWork, options: AskOptions): Promise<Asked> {
    if (this.#pool === undefined || this.#state !== 'AVAILABLE') throw notServed(`${this.name}@${this.version}`, []);
    const { result, batchSize, queueMs, modelMs } = await this.#pool.ask(work, options);
    const { version, sha256 } = this;
    return { answer: result, version, sha256, isCached: false, batchSize, queueMs, modelMs };
  }

  async #load(): Promise<void> {
    this.#state = 'LOADING';
    const { head } = this.stored.declaration;
    try {
      const { produces } = headOfKind(head.kind);
      this.#pool = await ModelPool.start({ ...this.#options, model: this.stored, produces, decodesImages: true });
      this.#state = 'AVAILABLE';
    } catch (error) {
      this.#state = 'END';
      this.#reason = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  async #unload(): Promise<void> {
    this.#state = 'UNLOADING';
    await this.#pool?.drained();
    await this.end();
  }
}

/** The error about a model that is not served. @param served - Those that are. */
export function notServed(model: string, served: readonly string[]): Error {
  return cascadeErrors.create('CASCADE_MODEL_NOT_SERVED', { model, served: served.join(', ') || 'none' });
}
