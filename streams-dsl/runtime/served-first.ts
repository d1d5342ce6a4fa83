import {
  type AskOptions,
  cascadeErrors,
  type Detection,
  type ModelPool,
  type ModelServer,
  type Picture,
  type PictureResult,
  type PictureWork,
  type ServedModel,
  type StoredModel,
} from '../../cascade/index.ts';

/** What is asked about pictures. */
export type PictureModel = Pick<ModelPool, 'run' | 'confidence'>;

/** Who answers. */
export interface ServedFirstOptions {
  readonly served: ModelServer;
  readonly model: StoredModel;
  /** Starts processes of its own, or gives those that run. */
  own(): Promise<PictureModel>;
}

/**
 * Asks a model that is served, so that requests share its processes, batches and remembered answers; as long as that very
 * version is not served, processes of its own answer.
 */
export class ServedFirst implements PictureModel {
  readonly #options: ServedFirstOptions;

  constructor(options: ServedFirstOptions) {
    this.#options = options;
  }

  /** Whether the version is served now. */
  get isServed(): boolean {
    return this.#served() !== null;
  }

  /** As `ModelPool.run`. */
  async run(picture: Picture | PictureWork, options: AskOptions = {}): Promise<readonly Detection[]> {
    const served = this.#served();
    if (served === null) return (await this.#options.own()).run(picture, options);
    const answer = await this.#ask(served, picture, options);
    if (answer.kind === 'detections') return answer.detections;
    throw this.#unfit('CASCADE_MODEL_NOT_DETECTOR');
  }

  /** As `ModelPool.confidence`. */
  async confidence(picture: Picture | PictureWork, options: AskOptions = {}): Promise<number> {
    const served = this.#served();
    if (served === null) return (await this.#options.own()).confidence(picture, options);
    const answer = await this.#ask(served, picture, options);
    if (answer.kind === 'confidence') return answer.confidence;
    throw this.#unfit('CASCADE_MODEL_NOT_BINARY');
  }

  /** Null: it is not. A plan names its model by content, so a version of other bytes is another model. */
  #served(): ServedModel | null {
    const { name, version, sha256 } = this.#options.model.declaration;
    const found = this.#options.served.find(name, version);
    return found?.sha256 === sha256 ? found : null;
  }

  async #ask(served: ServedModel, picture: Picture | PictureWork, options: AskOptions): Promise<PictureResult> {
    const { answer } = await served.ask('kind' in picture ? picture : { kind: 'picture', picture }, options);
    if (answer.kind === 'tensors') throw new Error('A picture was answered with tensors.');
    return answer;
  }

  #unfit(code: 'CASCADE_MODEL_NOT_DETECTOR' | 'CASCADE_MODEL_NOT_BINARY'): Error {
    const { name, head } = this.#options.model.declaration;
    return cascadeErrors.create(code, { model: name, head: head.kind });
  }
}
