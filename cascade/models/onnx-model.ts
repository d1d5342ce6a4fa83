import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { cascadeErrors } from '../errors.ts';
import { headOfKind } from './heads.ts';
import type { ModelDeclaration } from './model-declaration.ts';
import type { HeadDecoder, HeadResult } from './model-head.ts';
import { type InputData, type InputWriter, inputWriter, type Picture } from './model-input.ts';
import type { ModelTensors, NamedTensor, TensorInfo } from './model-work.ts';
import type { SessionOptions } from './onnx-session.ts';
import type { StoredModel } from './stored-model.ts';
import { datatypeOf, plainTensor } from './tensor-data.ts';
import { dimensionOf, headModel } from './tensor-fit.ts';
import { loadVerified, type VerifiedSession } from './verify-model.ts';

/** How to load a model. */
export interface OnnxModelOptions extends SessionOptions {
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
 * A model loaded into this process, fed with pictures and read by its head. Running **blocks the thread** for the whole
 * inference, so it belongs in worker processes. Owned by whoever loaded it; disposing releases the native memory.
 */
export class OnnxModel implements AsyncDisposable {
  /** What the model was loaded from. */
  readonly stored: StoredModel;
  /** Most pictures in one run: 1 for models with a fixed batch of 1. */
  readonly batchSize: number;
  readonly #session: InferenceSession;
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
   * @throws CASCADE_MODEL_FILE_MISSING, CASCADE_MODEL_HASH_MISMATCH, CASCADE_MODEL_NOT_ONNX,
   *   CASCADE_MODEL_TENSORS_MISMATCH - see docs/errors.md.
   */
  static async load(stored: StoredModel, options: OnnxModelOptions = {}): Promise<OnnxModel> {
    const model = new OnnxModel(stored, await loadVerified(stored, options), options);
    try {
      await model.#infer(1);
      return model;
    } catch (error) {
      await model[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(stored: StoredModel, verified: VerifiedSession, options: OnnxModelOptions) {
    const { maxBatchSize = DEFAULT_MAX_BATCH_SIZE, minScore = DEFAULT_MIN_SCORE } = options;
    const { input, head } = stored.declaration;
    this.stored = stored;
    this.batchSize = verified.fixedBatch ?? maxBatchSize;
    this.#session = verified.session;
    this.#outputNames = verified.outputNames;
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
   * @throws CASCADE_MODEL_RUN_FAILED - when onnxruntime fails. CASCADE_MODEL_CLOSED - after disposal.
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

  /** Inputs and outputs as the ONNX file declares them. */
  get tensors(): ModelTensors {
    const { inputMetadata, outputMetadata } = this.#session;
    return { inputs: inputMetadata.flatMap(tensorInfo), outputs: outputMetadata.flatMap(tensorInfo) };
  }

  /**
   * Runs the model as it is, past its declaration and head. Waits its turn like {@link run}.
   * @param feeds - One tensor for each input of the model.
   * @param outputs - Names of the outputs wanted. Default: all.
   * @throws CASCADE_MODEL_RUN_FAILED - when onnxruntime fails. CASCADE_MODEL_CLOSED - after disposal.
   */
  async runTensors(feeds: Readonly<Record<string, Tensor>>, outputs?: readonly string[]): Promise<NamedTensor[]> {
    if (this.#disposed) throw cascadeErrors.create('CASCADE_MODEL_CLOSED', { model: this.declaration.name });
    const wanted = outputs ?? this.tensors.outputs.map(({ name }) => name);
    const results = this.#turn.then(async () => {
      const values = await this.#run(feeds, wanted);
      return wanted.flatMap(name => {
        const value = values[name];
        return (value instanceof Tensor ? plainTensor(name, value) : undefined) ?? [];
      });
    });
    this.#turn = results.catch(() => undefined);
    return results;
  }

  /** Waits for runs under way and releases the session; a second time does nothing. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#turn;
    await this.#session.release();
  }

  async #runBatch(pictures: readonly Picture[]): Promise<HeadResult[]> {
    const covered = pictures.map((picture, slot) => this.#writer.write(this.#input, slot, picture));
    return this.#decoder.decode(await this.#infer(pictures.length), covered);
  }

  async #infer(count: number): Promise<Float32Array[]> {
    const { name, shape, dtype } = this.declaration.input;
    const batch = this.#fixedBatch ?? count;
    const data = this.#input.subarray(0, batch * this.#writer.pictureLength);
    const tensor = new Tensor(dtype, data, [batch, ...shape.slice(1).map(Number)]);
    const outputs = await this.#run({ [name]: tensor }, this.#outputNames);
    return this.#outputNames.map(output => {
      const value = outputs[output];
      return value instanceof Tensor && value.data instanceof Float32Array ? value.data : new Float32Array();
    });
  }

  async #run(
    feeds: Readonly<Record<string, Tensor>>,
    outputs: readonly string[],
  ): Promise<InferenceSession.OnnxValueMapType> {
    try {
      return await this.#session.run(feeds, outputs);
    } catch (cause) {
      const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '');
      throw cascadeErrors.create('CASCADE_MODEL_RUN_FAILED', { model: this.declaration.name, reason }, { cause });
    }
  }
}

function tensorInfo(value: InferenceSession.ValueMetadata): TensorInfo[] {
  const datatype = value.isTensor ? datatypeOf(value.type) : undefined;
  if (!value.isTensor || datatype === undefined) return [];
  const shape = value.shape.map(dimension => {
    const length = dimensionOf(dimension);
    return length === 'N' ? -1 : length;
  });
  return [{ name: value.name, datatype, shape }];
}
