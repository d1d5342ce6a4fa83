import {
  type Device,
  ModelPool,
  type ModelPoolStats,
  type ModelServer,
  type StoredModel,
} from '../../cascade/index.ts';
import { type PictureModel, ServedFirst } from './served-first.ts';

/** Which model workers are wanted. */
export interface WantedPool {
  /** Equal names get the same workers. */
  readonly pool: string;
  readonly model: StoredModel;
  readonly produces: 'detections' | 'confidence';
  /** Processes, 1 or more; the first who asks decides. */
  readonly replicas: number;
  /** Whether they will be given images, which they decode themselves. Default false. */
  readonly decodesImages?: boolean;
}

/** Lends model workers to the steps of a deployment; they are started once and end with it. */
export class ModelLender implements AsyncDisposable {
  readonly #pools = new Map<string, Promise<ModelPool>>();
  readonly #started = new Map<string, ModelPool>();
  readonly #device: Device | undefined;
  readonly #served: ModelServer | undefined;

  /**
   * @param device - What ONNX models run on; undefined: the CPU.
   * @param served - Models that answer what they are given images for; stays the caller's.
   */
  constructor(device?: Device, served?: ModelServer) {
    this.#device = device;
    this.#served = served;
  }

  /**
   * What asks a model: the one that is served, for images, as long as it is; else workers of that name, started when they are
   * first wanted.
   * @throws what starting them throws.
   */
  async lend(wanted: WantedPool): Promise<PictureModel> {
    const { model, decodesImages } = wanted;
    if (decodesImages !== true || this.#served === undefined) return this.#own(wanted);
    const first = new ServedFirst({ served: this.#served, model, own: () => this.#own(wanted) });
    if (!first.isServed) await this.#own(wanted);
    return first;
  }

  #own({ pool, model, produces, replicas, decodesImages = false }: WantedPool): Promise<ModelPool> {
    const known = this.#pools.get(pool);
    if (known !== undefined) return known;
    const device = this.#device;
    const starting = ModelPool.start({ model, produces, replicas, decodesImages, device }).then(started => {
      this.#started.set(pool, started);
      return started;
    });
    starting.catch(() => undefined);
    this.#pools.set(pool, starting);
    return starting;
  }

  /** What each pool has done so far, by its name. */
  stats(): Readonly<Record<string, ModelPoolStats>> {
    return Object.fromEntries([...this.#started].map(([name, pool]) => [name, pool.stats()]));
  }

  /** Ids of the model workers that run now. */
  get pids(): number[] {
    return [...this.#started.values()].flatMap(({ pids }) => pids);
  }

  /** Ends all of them. */
  async [Symbol.asyncDispose](): Promise<void> {
    const pools = await Promise.allSettled(this.#pools.values());
    await Promise.all(
      pools.map(one => (one.status === 'fulfilled' ? one.value[Symbol.asyncDispose]() : Promise.resolve())),
    );
  }
}
