import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { cascadeErrors } from '../errors.ts';
import type { TensorDatatype } from '../models/model-work.ts';
import { dataTypeName } from '../models/tensor-data.ts';
import type { Engine } from './engine.ts';
import type { TfjsEngineDeclaration } from './engine-declaration.ts';
import type { Network, NetworkTensor, NetworkTensorInfo } from './network.ts';
import { readNetworkFile } from './read-network-file.ts';
import { reasonOf } from './reason-of.ts';
import {
  loadTfjs,
  type TfjsGraphModel,
  type TfjsHandler,
  type TfjsLayersModel,
  type TfjsLibrary,
  type TfjsTensor,
  type TfjsTensorInfo,
} from './tfjs-library.ts';
import { parseTfjsManifest, readTfjsManifest } from './tfjs-manifest.ts';

const FOLDER = 'tfjs';
const datatypes = new Map<string, TensorDatatype>([
  ['float32', 'FP32'],
  ['int32', 'INT32'],
  ['bool', 'BOOL'],
]);

/**
 * Runs models of TensorFlow.js with what the user has installed. The hash is that of the list of files, model.json first and
 * the weights in its order, as `sha256sum` prints it from within their folder. A run blocks the thread.
 */
export const tfjsEngine: Engine<TfjsEngineDeclaration> = {
  file: `${FOLDER}/model.json`,
  async read(path) {
    const { bytes, manifest } = await readTfjsManifest(path);
    const files = [{ name: 'model.json', bytes }];
    for (const name of manifest.weightsManifest.flatMap(({ paths }) => paths)) {
      files.push({ name, bytes: await readNetworkFile(join(dirname(path), name)) });
    }
    const lines = files.map(file => `${createHash('sha256').update(file.bytes).digest('hex')}  ${file.name}\n`);
    return {
      path,
      sha256: createHash('sha256').update(lines.join('')).digest('hex'),
      files: files.map(file => ({ name: `${FOLDER}/${file.name}`, bytes: file.bytes })),
    };
  },
  async load({ path, files: [file, ...shards] }, { format }) {
    const { weightsManifest, ...rest } = parseTfjsManifest(file?.bytes ?? new Uint8Array(), path);
    const library = await loadTfjs(path);
    const artifacts = {
      ...rest,
      weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
      weightData: joined(shards.map(({ bytes }) => bytes)),
    };
    const handler: TfjsHandler = { load: async () => artifacts };
    try {
      return format === 'graph'
        ? new GraphNetwork(library, await library.loadGraphModel(handler))
        : new LayersNetwork(library, await library.loadLayersModel(handler));
    } catch (cause) {
      throw cascadeErrors.create('CASCADE_MODEL_NOT_TFJS', { path, reason: reasonOf(cause) }, { cause });
    }
  },
};

/**
 * The format of a model of TensorFlow.js.
 * @param path - Its model.json.
 * @throws CASCADE_MODEL_FILE_MISSING, CASCADE_MODEL_NOT_TFJS - when there is none.
 */
export async function tfjsFormat(path: string): Promise<TfjsEngineDeclaration['format']> {
  const { manifest } = await readTfjsManifest(path);
  const { format, modelTopology } = manifest;
  // Old converters write no format; only the topology of a graph is a list of nodes.
  return format === 'graph-model' || (format === undefined && 'node' in modelTopology) ? 'graph' : 'layers';
}

class GraphNetwork implements Network {
  readonly inputs: readonly NetworkTensorInfo[];
  readonly outputs: readonly NetworkTensorInfo[];
  readonly #library: TfjsLibrary;
  readonly #model: TfjsGraphModel;
  /** A graph with loops or branches runs asynchronously only. */
  #isDynamic = false;

  constructor(library: TfjsLibrary, model: TfjsGraphModel) {
    this.#library = library;
    this.#model = model;
    this.inputs = model.inputs.map(info => tensorInfo(info.name, info));
    this.outputs = model.outputs.map(info => tensorInfo(info.name, info));
  }

  async run(feeds: Readonly<Record<string, NetworkTensor>>, outputs: readonly string[]): Promise<NetworkTensor[]> {
    const tensors = Object.fromEntries(
      Object.entries(feeds).map(([name, feed]) => [name, toTfjs(this.#library, feed)]),
    );
    try {
      return await taken(await this.#execute(tensors, [...outputs]));
    } finally {
      for (const tensor of Object.values(tensors)) tensor.dispose();
    }
  }

  async #execute(feeds: Record<string, TfjsTensor>, outputs: string[]): Promise<TfjsTensor | TfjsTensor[]> {
    if (!this.#isDynamic) {
      try {
        return this.#model.execute(feeds, outputs);
      } catch (error) {
        if (!reasonOf(error).includes('executeAsync')) throw error;
        this.#isDynamic = true;
      }
    }
    return this.#model.executeAsync(feeds, outputs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#model.dispose();
  }
}

class LayersNetwork implements Network {
  readonly inputs: readonly NetworkTensorInfo[];
  readonly outputs: readonly NetworkTensorInfo[];
  readonly #library: TfjsLibrary;
  readonly #model: TfjsLayersModel;

  constructor(library: TfjsLibrary, model: TfjsLayersModel) {
    this.#library = library;
    this.#model = model;
    // The names of its tensors depend on what else was loaded in this process; those of its layers do not.
    if (model.inputNames.length === 0) model.build();
    this.inputs = model.inputs.map((info, i) => tensorInfo(model.inputNames[i] ?? info.name, info));
    this.outputs = model.outputs.map((info, i) => tensorInfo(model.outputNames[i] ?? info.name, info));
  }

  async run(feeds: Readonly<Record<string, NetworkTensor>>, outputs: readonly string[]): Promise<NetworkTensor[]> {
    const tensors = this.inputs.flatMap(({ name }) => {
      const feed = feeds[name];
      return feed === undefined ? [] : toTfjs(this.#library, feed);
    });
    try {
      const results = await taken(this.#model.predictOnBatch(tensors));
      return outputs.flatMap(name => results[this.outputs.findIndex(output => output.name === name)] ?? []);
    } finally {
      for (const tensor of tensors) tensor.dispose();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#model.dispose();
  }
}

function toTfjs(library: TfjsLibrary, { values, shape, datatype }: NetworkTensor): TfjsTensor {
  return library.tensor(values, [...shape], dataTypeName(datatype));
}

/** The values of tensors, which are disposed of. */
async function taken(tensors: TfjsTensor | TfjsTensor[]): Promise<NetworkTensor[]> {
  const all = Array.isArray(tensors) ? tensors : [tensors];
  const results: NetworkTensor[] = [];
  try {
    for (const tensor of all) {
      const datatype = datatypes.get(tensor.dtype);
      if (datatype === undefined) throw new Error(`an output of type ${tensor.dtype} holds no numbers`);
      results.push({ datatype, shape: tensor.shape, values: await tensor.data() });
    }
    return results;
  } finally {
    for (const tensor of all) tensor.dispose();
  }
}

function tensorInfo(name: string, { shape, dtype }: TfjsTensorInfo): NetworkTensorInfo {
  const lengths = (shape ?? []).map(length => (length === null || length < 1 ? -1 : length));
  return { name, datatype: datatypes.get(dtype), shape: lengths };
}

function joined(parts: readonly Uint8Array[]): ArrayBuffer {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes.buffer;
}
