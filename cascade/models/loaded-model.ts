import { SaccadeError } from '../../ingest/index.ts';
import type { NetworkOptions } from '../engines/engine.ts';
import type { Network, NetworkTensor, NetworkTensorInfo } from '../engines/network.ts';
import { reasonOf } from '../engines/reason-of.ts';
import { cascadeErrors } from '../errors.ts';
import { headOfKind } from './heads.ts';
import type { ModelDeclaration } from './model-declaration.ts';
import type { HeadDecoder, HeadResult } from './model-head.ts';
import { type InputData, type InputWriter, inputWriter, type Picture } from './model-input.ts';
import type { ModelTensors, NamedTensor, TensorInfo } from './model-work.ts';
import type { StoredModel } from './stored-model.ts';
import { plainTensor } from './tensor-data.ts';
import { headModel, type TensorFit } from './tensor-fit.ts';
import { loadVerified, type VerifiedNetwork } from './verify-model.ts';

/** How to load a model. */
export interface LoadedModelOptions extends NetworkOptions {
  /** Most pictures in one run, 1–1024, for models that take any number. Default 32: larger gains nothing (bench/stages). */
  readonly maxBatchSize?: number;
  /**
   * Detections below it are dropped, 0–1, inclusive. Default 0.05: far below every sensible `minScore`, high enough
   * that only a few hundred boxes reach the removal of duplicates.
   */
  readonly minScore?: number;
}

const DEFAULT_MAX_BATCH_SIZE = 32;
const DEFAULT_MIN_SCORE = 0.05;

/**
 * A model loaded into this process by its engine, fed with pictures and read by its head. Running **blocks the thread** for
 * the whole inference (unless another server does it), so it belongs in worker processes. Owned by whoever loaded it;
 * disposing releases the native memory.
 */
export class LoadedModel implements AsyncDisposable {
  /** What the model was loaded from. */
  readonly stored: StoredModel;
  /** Most pictures in one run: 1 for models with a fixed batch of 1. */
  readonly batchSize: number;
  readonly #network: Network;
  readonly #outputs: TensorFit['outputs'];
  readonly #outputNames: readonly string[];
  readonly #fixedBatch: number | undefined;
  readonly #writer: InputWriter;
  readonly #decoder: HeadDecoder;
  readonly #input: InputData;
  #turn: Promise<unknown> = Promise.resolve();
  #disposed = false;

  /**
   * Loads a stored model, checks its hash and tensors, and runs it once on zeros, so that the first picture is not
   * slower than the others.
   * @throws CASCADE_MODEL_FILE_MISSING, CASCADE_MODEL_HASH_MISMATCH, CASCADE_MODEL_NOT_ONNX, CASCADE_MODEL_NOT_TFJS,
   *   CASCADE_TFJS_MISSING, CASCADE_REMOTE_UNREACHABLE, CASCADE_REMOTE_REFUSED, CASCADE_DEVICE_UNAVAILABLE,
   *   CASCADE_MODEL_TENSORS_MISMATCH - see docs/errors.md.
   */
  static async load(stored: StoredModel, options: LoadedModelOptions = {}): Promise<LoadedModel> {
    const model = new LoadedModel(stored, await loadVerified(stored, options), options);
    try {
      await model.#infer(1);
      return model;
    } catch (error) {
      await model[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(stored: StoredModel, verified: VerifiedNetwork, options: LoadedModelOptions) {
    const { maxBatchSize = DEFAULT_MAX_BATCH_SIZE, minScore = DEFAULT_MIN_SCORE } = options;
    const { input, head } = stored.declaration;
    this.stored = stored;
    this.batchSize = verified.fixedBatch ?? maxBatchSize;
    this.#network = verified.network;
    this.#outputs = verified.outputs;
    this.#outputNames = verified.outputs.map(({ name }) => name);
    this.#fixedBatch = verified.fixedBatch;
    this.#writer = inputWriter(input);
    this.#decoder = headOfKind(head.kind).decoder(head, headModel(stored.declaration), minScore);
    const length = this.batchSize * this.#writer.pictureLength;
    this.#input = input.dtype === 'uint8' ? new Uint8Array(length) : new Float32Array(length);
  }

  /** Content of the model's model.json. */
  get declaration(): ModelDeclaration {
    return this.stored.declaration;
  }

  /**
   * One result a picture, in their order; as many runs as the batch size asks for. Calls wait for each other, since they
   * share the input's memory. The pictures' bytes are not needed after the promise settles.
   * @throws CASCADE_PICTURE_SIZE - when a picture is not what `pictureRequest` asks for.
   * @throws CASCADE_MODEL_RUN_FAILED - when the engine fails. CASCADE_MODEL_CLOSED - after disposal.
   */
  async run(pictures: readonly Picture[]): Promise<HeadResult[]> {
    if (this.#disposed) throw cascadeErrors.create('CASCADE_MODEL_CLOSED', { model: this.declaration.name });
    const results = this.#turn.then(async () => {
      const all: HeadResult[] = [];
      for (let from = 0; from < pictures.length; from += this.batchSize) {
        all.push(...(await this.#runBatch(pictures.slice(from, from + this.batchSize))));
      }
      return all;
    });
    this.#turn = results.catch(() => undefined);
    return results;
  }

  /**
   * Confidences 0–1 of a model with a binary head, one a picture; NaN where the model gave no number.
   * @throws CASCADE_MODEL_NOT_BINARY - when its head finds objects instead; and what {@link run} throws.
   */
  async confidences(pictures: readonly Picture[]): Promise<number[]> {
    const results = await this.run(pictures);
    return results.map(result => {
      if (result.kind === 'confidence') return result.confidence;
      const { name, head } = this.declaration;
      throw cascadeErrors.create('CASCADE_MODEL_NOT_BINARY', { model: name, head: head.kind });
    });
  }

  /** Whether a run takes any number of rows, up to `batchSize`. */
  get takesAnyBatch(): boolean {
    return this.#fixedBatch === undefined;
  }

  /** Inputs and outputs as the network itself declares them. */
  get tensors(): ModelTensors {
    const { inputs, outputs } = this.#network;
    return { inputs: inputs.flatMap(tensorInfo), outputs: outputs.flatMap(tensorInfo) };
  }

  /**
   * Runs the model as it is, past its declaration and head. Waits its turn like {@link run}.
   * @param feeds - One tensor for each input of the model.
   * @param outputs - Names of the outputs wanted. Default: all.
   * @throws CASCADE_MODEL_RUN_FAILED - when the engine fails. CASCADE_MODEL_CLOSED - after disposal.
   */
  async runTensors(
    feeds: Readonly<Record<string, NetworkTensor>>,
    outputs?: readonly string[],
  ): Promise<NamedTensor[]> {
    if (this.#disposed) throw cascadeErrors.create('CASCADE_MODEL_CLOSED', { model: this.declaration.name });
    const wanted = outputs ?? this.tensors.outputs.map(({ name }) => name);
    const results = this.#turn.then(async () => {
      const tensors = await this.#run(feeds, wanted);
      return tensors.map((tensor, i) => plainTensor(wanted[i] ?? '', tensor));
    });
    this.#turn = results.catch(() => undefined);
    return results;
  }

  /** Waits for runs under way and releases the session; a second time does nothing. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#turn;
    await this.#network[Symbol.asyncDispose]();
  }

  async #runBatch(pictures: readonly Picture[]): Promise<HeadResult[]> {
    const covered = pictures.map((picture, slot) => this.#writer.write(this.#input, slot, picture));
    return this.#decoder.decode(await this.#infer(pictures.length), covered);
  }

  async #infer(count: number): Promise<Float32Array[]> {
    const { name, shape, dtype } = this.declaration.input;
    const batch = this.#fixedBatch ?? count;
    const values = this.#input.subarray(0, batch * this.#writer.pictureLength);
    const datatype = dtype === 'uint8' ? 'UINT8' : 'FP32';
    const feeds = { [name]: { datatype, shape: [batch, ...shape.slice(1)] as number[], values } } as const;
    const outputs = await this.#run(feeds, this.#outputNames);
    return this.#outputs.map(({ name: output, length }, i) => {
      const found = outputs[i]?.values;
      if (found instanceof Float32Array && found.length === length * batch) return found;
      throw this.#failed(`expected ${length * batch} values in output ${output}, got ${found?.length ?? 'none'}`);
    });
  }

  async #run(
    feeds: Readonly<Record<string, NetworkTensor>>,
    outputs: readonly string[],
  ): Promise<readonly NetworkTensor[]> {
    try {
      return await this.#network.run(feeds, outputs);
    } catch (cause) {
      throw cause instanceof SaccadeError ? cause : this.#failed(reasonOf(cause), cause);
    }
  }

  #failed(reason: string, cause?: unknown): Error {
    return cascadeErrors.create('CASCADE_MODEL_RUN_FAILED', { model: this.declaration.name, reason }, { cause });
  }
}

function tensorInfo({ name, datatype, shape }: NetworkTensorInfo): TensorInfo[] {
  return datatype === undefined ? [] : [{ name, datatype, shape }];
}
