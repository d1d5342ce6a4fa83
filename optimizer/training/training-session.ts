import { InferenceSession, Tensor } from 'onnxruntime-node';
import { correctedRate } from './adam.ts';

/** A model that performs one step of training each time it runs. */
export interface TrainingModel {
  /**
   * The ONNX model. Inputs: those of `adamInputs` and whatever the network learns from. Outputs: `pNext`, `mNext`,
   * `vNext` (parameters) float32 and `loss`, a scalar.
   */
  readonly bytes: Uint8Array;
  /** Length of the flat vector of parameters. */
  readonly parameterCount: number;
}

/** All that is needed to go on with a training; each vector has one value a parameter. */
export interface TrainingState {
  readonly parameters: Float32Array;
  /** Adam's first moments. */
  readonly firstMoments: Float32Array;
  /** Adam's second moments. */
  readonly secondMoments: Float32Array;
  /** Steps taken so far. */
  readonly steps: number;
}

/** A state before the first step. */
export function startState(parameters: Float32Array): TrainingState {
  const zeros = (): Float32Array => new Float32Array(parameters.length);
  return { parameters, firstMoments: zeros(), secondMoments: zeros(), steps: 0 };
}

/**
 * Trains a network step by step in onnxruntime on one thread; each step blocks the calling thread. Owned by whoever
 * created it.
 */
export class TrainingSession implements AsyncDisposable {
  readonly #session: InferenceSession;
  readonly #length: number;
  #state: TrainingState;

  /** Loads a training model and goes on from a state. */
  static async create({ bytes, parameterCount }: TrainingModel, state: TrainingState): Promise<TrainingSession> {
    const session = await InferenceSession.create(bytes, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    return new TrainingSession(session, parameterCount, state);
  }

  private constructor(session: InferenceSession, length: number, state: TrainingState) {
    this.#session = session;
    this.#length = length;
    this.#state = state;
  }

  /** What has been learned so far. */
  get state(): TrainingState {
    return this.#state;
  }

  /**
   * Learns from one batch.
   * @param feeds - The model's inputs but for Adam's.
   * @param rate - Learning rate, 0 or more, before Adam's bias correction.
   * @returns The loss before the step.
   */
  async step(feeds: Readonly<Record<string, Tensor>>, rate: number): Promise<number> {
    const { parameters, firstMoments, secondMoments } = this.#state;
    const vector = (values: Float32Array): Tensor => new Tensor('float32', values, [this.#length]);
    const steps = this.#state.steps + 1;
    const results = await this.#session.run({
      ...feeds,
      rate: new Tensor('float32', Float32Array.of(correctedRate(rate, steps)), []),
      p: vector(parameters),
      m: vector(firstMoments),
      v: vector(secondMoments),
    });
    const data = (name: string): Float32Array => results[name]?.data as Float32Array;
    this.#state = { parameters: data('pNext'), firstMoments: data('mNext'), secondMoments: data('vNext'), steps };
    return data('loss')[0] as number;
  }

  /** Releases the session; the state stays. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }
}
