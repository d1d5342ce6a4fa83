import { createHash } from 'node:crypto';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { dataTypeName, datatypeOf } from '../models/tensor-data.ts';
import type { Engine } from './engine.ts';
import type { OnnxEngineDeclaration } from './engine-declaration.ts';
import type { Network, NetworkTensor, NetworkTensorInfo, TensorValues } from './network.ts';
import { createSession } from './onnx-session.ts';
import { readNetworkFile } from './read-network-file.ts';

const FILE = 'model.onnx';

/** Runs ONNX files with onnxruntime; the hash is that of the file. A run blocks the thread. */
export const onnxEngine: Engine<OnnxEngineDeclaration> = {
  file: FILE,
  async read(path) {
    const bytes = await readNetworkFile(path);
    return { path, sha256: createHash('sha256').update(bytes).digest('hex'), files: [{ name: FILE, bytes }] };
  },
  async load({ path, files: [file] }, _, options) {
    return new OnnxNetwork(await createSession(file?.bytes ?? new Uint8Array(), path, options));
  },
};

class OnnxNetwork implements Network {
  readonly inputs: readonly NetworkTensorInfo[];
  readonly outputs: readonly NetworkTensorInfo[];
  readonly #session: InferenceSession;

  constructor(session: InferenceSession) {
    this.#session = session;
    this.inputs = session.inputMetadata.map(tensorInfo);
    this.outputs = session.outputMetadata.map(tensorInfo);
  }

  async run(feeds: Readonly<Record<string, NetworkTensor>>, outputs: readonly string[]): Promise<NetworkTensor[]> {
    const tensors: Record<string, Tensor> = {};
    for (const name in feeds) {
      const { datatype, values, shape } = feeds[name] as NetworkTensor;
      tensors[name] = new Tensor(dataTypeName(datatype), values, shape);
    }
    const results = await this.#session.run(tensors, outputs);
    return outputs.map(name => {
      const result = results[name];
      const datatype = result instanceof Tensor ? datatypeOf(result.type) : undefined;
      if (!(result instanceof Tensor) || datatype === undefined) throw new Error(`output ${name} holds no numbers`);
      return { datatype, shape: result.dims, values: result.data as TensorValues };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }
}

function tensorInfo(value: InferenceSession.ValueMetadata): NetworkTensorInfo {
  if (!value.isTensor) return { name: value.name, datatype: undefined, shape: [] };
  const shape = value.shape.map(length => (typeof length === 'number' && length >= 1 ? length : -1));
  return { name: value.name, datatype: datatypeOf(value.type), shape };
}
