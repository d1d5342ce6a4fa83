import { findModel, scanModels } from '../models/model-repository.ts';
import { ModelVersion, notServed, type VersionOptions } from './model-version.ts';
import type { ServedModel } from './served-model.ts';
import type { ServedStats, ServedVersion } from './served-version.ts';

/** What is served, and how. */
export interface ModelServerOptions extends Omit<VersionOptions, 'replicas'> {
  /** The repository. */
  readonly folder: string;
  /** Models to load at once, `name` (its highest version) or `name@version`. Default: the highest version of every model. */
  readonly models?: readonly string[] | undefined;
}

/** What is known of one name. */
interface NamedModel {
  readonly versions: Map<number, ModelVersion>;
  /** Answers when no version is named. */
  current: ModelVersion | undefined;
  previous: ModelVersion | undefined;
}

/** Serves the models of a repository, each version in processes of its own. Dispose it to end them. */
export class ModelServer implements AsyncDisposable {
  readonly #options: ModelServerOptions;
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
    this.#options = options;
  }

  /** Every version in the repository, by name and version, and what is served beside. */
  async index(): Promise<readonly ServedVersion[]> {
    const rows = (await scanModels(this.#options.folder)).map(({ name, version, found }): ServedVersion => {
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
        return find().pool?.tensors.inputs ?? [];
      },
      get outputs() {
        return find().pool?.tensors.outputs ?? [];
      },
      ask: async (work, options = {}) => find().ask(work, options),
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
    const model = this.#models.get(name);
    const loaded = [...(model?.versions.values() ?? [])].filter(({ state }) => state === 'AVAILABLE');
    const leaving = version === undefined ? loaded : loaded.filter(one => one.version === version);
    if (model === undefined || leaving.length === 0) throw this.#notServed(name, version);
    const staying = loaded.filter(one => !leaving.includes(one)).sort((a, b) => b.version - a.version);
    if (model.previous !== undefined && leaving.includes(model.previous)) model.previous = undefined;
    if (model.current !== undefined && leaving.includes(model.current)) {
      model.current = model.previous ?? staying[0];
      model.previous = undefined;
    }
    await Promise.all(leaving.map(one => one.unload()));
  }

  /** What each version that is loaded has done so far. */
  stats(): readonly ServedStats[] {
    return this.#versions().flatMap(({ name, version, pool }) =>
      pool === undefined ? [] : [{ name, version, ...pool.stats() }],
    );
  }

  /** Ends all processes; what waits is rejected. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#versions().map(version => version.end()));
  }

  async #load(reference: string): Promise<void> {
    const { folder, models: _, ...options } = this.#options;
    const stored = await findModel(reference, folder);
    const { name, version } = stored.declaration;
    const model = this.#models.get(name) ?? { versions: new Map(), current: undefined, previous: undefined };
    this.#models.set(name, model);
    const known = model.versions.get(version);
    if (known !== undefined && known.state !== 'END') return known.loaded;
    const loading = new ModelVersion(stored, options);
    model.versions.set(version, loading);
    await loading.loaded;
    model.current ??= loading;
  }

  #versions(): ModelVersion[] {
    return [...this.#models.values()].flatMap(({ versions }) => [...versions.values()]);
  }

  #row(one: ModelVersion): ServedVersion {
    const { name, version, sha256, state, reason } = one;
    const isDefault = this.#models.get(name)?.current === one;
    return { name, version, sha256, state, reason, labels: this.#labels(one), isDefault };
  }

  #labels(one: ModelVersion): string[] {
    const model = this.#models.get(one.name);
    return [model?.current === one ? ['stable'] : [], model?.previous === one ? ['previous'] : []].flat();
  }

  #find(name: string, wanted: number | string | undefined): ModelVersion {
    const model = this.#models.get(name);
    const found =
      wanted === undefined
        ? model?.current
        : [...(model?.versions.values() ?? [])].find(
            one => one.version === wanted || (typeof wanted === 'string' && this.#labels(one).includes(wanted)),
          );
    if (found?.state === 'AVAILABLE') return found;
    throw this.#notServed(name, wanted);
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
