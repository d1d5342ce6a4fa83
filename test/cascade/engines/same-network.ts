import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GraphBuilder } from '../../../cascade/models/onnx-graph.ts';
import { seeded } from '../random.ts';

/** Input of the network in px: (8, 8, 3). */
export const side = 8;
const filters = 4;
const kernel = 3;
/** Side of the picture after a convolution of stride 2 without padding. */
const reduced = 3;

/** One network in three forms: convolution, rectifier, dense layer, sigmoid; its weights come from a seed. */
export class SameNetwork {
  /** (height, width, in, out), as TensorFlow has them. */
  readonly #convolution: Float32Array;
  readonly #bias: Float32Array;
  readonly #dense: Float32Array;
  readonly #denseBias: Float32Array;

  constructor(seed: number) {
    const random = seeded(seed);
    const weights = (length: number, scale: number): Float32Array =>
      Float32Array.from({ length }, () => (random() - 0.5) * scale);
    this.#convolution = weights(kernel * kernel * 3 * filters, 0.02);
    this.#bias = weights(filters, 0.5);
    this.#dense = weights(reduced * reduced * filters, 1);
    this.#denseBias = weights(1, 0.5);
  }

  /** As ONNX, with the same input (N, 8, 8, 3). */
  onnx(): Uint8Array {
    const graph = new GraphBuilder();
    const image = graph.input('image', 'float32', ['N', side, side, 3]);
    const kernels = new Float32Array(this.#convolution.length);
    for (let at = 0; at < kernel * kernel; at++) {
      for (let from = 0; from < 3; from++) {
        for (let to = 0; to < filters; to++) {
          kernels[(to * 3 + from) * kernel * kernel + at] = this.#convolution[(at * 3 + from) * filters + to] ?? 0;
        }
      }
    }
    const planar = graph.op('Transpose', [image], { perm: [0, 3, 1, 2] });
    const convolved = graph.op(
      'Conv',
      [
        planar,
        graph.constant('float32', [filters, 3, kernel, kernel], kernels),
        graph.constant('float32', [filters], this.#bias),
      ],
      { strides: [2, 2], kernel_shape: [kernel, kernel] },
    );
    const rectified = graph.op('Transpose', [graph.op('Relu', [convolved])], { perm: [0, 2, 3, 1] });
    const flat = graph.op('Reshape', [rectified, graph.int64(-1, this.#dense.length)]);
    const product = graph.op('MatMul', [flat, graph.constant('float32', [this.#dense.length, 1], this.#dense)]);
    const sum = graph.op('Add', [product, graph.constant('float32', [1], this.#denseBias)]);
    graph.output('confidence', 'float32', ['N', 1], graph.op('Sigmoid', [sum]));
    return graph.toBytes();
  }

  /** Writes it as a layers model with two files of weights. @returns the path of its model.json. */
  async writeLayers(folder: string): Promise<string> {
    const layer = (name: string, config: object): object => ({
      class_name: name,
      config: { trainable: true, ...config },
    });
    const config = {
      name: 'same',
      layers: [
        layer('Conv2D', {
          name: 'image',
          batch_input_shape: [null, side, side, 3],
          dtype: 'float32',
          filters,
          kernel_size: [kernel, kernel],
          strides: [2, 2],
          padding: 'valid',
          activation: 'relu',
          use_bias: true,
        }),
        layer('Flatten', { name: 'flat' }),
        layer('Dense', { name: 'confidence', units: 1, activation: 'sigmoid', use_bias: true }),
      ],
    };
    return this.#write(folder, {
      format: 'layers-model',
      modelTopology: { class_name: 'Sequential', config, keras_version: '2', backend: 'tensor_flow.js' },
      names: ['image/kernel', 'image/bias', 'confidence/kernel', 'confidence/bias'],
    });
  }

  /** Writes it as a graph model with two files of weights. @returns the path of its model.json. */
  async writeGraph(folder: string): Promise<string> {
    const text = (value: string): object => ({ s: Buffer.from(value).toString('base64') });
    const ints = (...values: number[]): object => ({ list: { i: values.map(String) } });
    const dims = (...sizes: number[]): object => ({ dim: sizes.map(size => ({ size: String(size) })) });
    const float = { type: 'DT_FLOAT' };
    const constant = (name: string, ...shape: number[]): object => ({
      name,
      op: 'Const',
      attr: { dtype: float, value: { tensor: { dtype: 'DT_FLOAT', tensorShape: dims(...shape) } } },
    });
    const op = (name: string, kind: string, input: string[], attr: object = {}): object => ({
      name,
      op: kind,
      input,
      attr: { T: float, ...attr },
    });
    const node = [
      { name: 'image', op: 'Placeholder', attr: { dtype: float, shape: { shape: dims(-1, side, side, 3) } } },
      constant('kernel', kernel, kernel, 3, filters),
      constant('bias', filters),
      constant('dense', this.#dense.length, 1),
      constant('denseBias', 1),
      {
        name: 'flatShape',
        op: 'Const',
        attr: { dtype: { type: 'DT_INT32' }, value: { tensor: { dtype: 'DT_INT32', tensorShape: dims(2) } } },
      },
      op('convolved', 'Conv2D', ['image', 'kernel'], {
        strides: ints(1, 2, 2, 1),
        dilations: ints(1, 1, 1, 1),
        padding: text('VALID'),
        data_format: text('NHWC'),
      }),
      op('biased', 'BiasAdd', ['convolved', 'bias'], { data_format: text('NHWC') }),
      op('rectified', 'Relu', ['biased']),
      op('flat', 'Reshape', ['rectified', 'flatShape'], { Tshape: { type: 'DT_INT32' } }),
      op('product', 'MatMul', ['flat', 'dense'], { transpose_a: { b: false }, transpose_b: { b: false } }),
      op('sum', 'AddV2', ['product', 'denseBias']),
      op('confidence', 'Sigmoid', ['sum']),
    ];
    const tensor = (name: string, ...shape: number[]): object => ({
      name: `${name}:0`,
      dtype: 'DT_FLOAT',
      tensorShape: dims(...shape),
    });
    return this.#write(folder, {
      format: 'graph-model',
      modelTopology: { node, versions: { producer: 1 } },
      signature: {
        inputs: { image: tensor('image', -1, side, side, 3) },
        outputs: { confidence: tensor('confidence', -1, 1) },
      },
      names: ['kernel', 'bias', 'dense', 'denseBias'],
      flatShape: Int32Array.of(-1, this.#dense.length),
    });
  }

  async #write(
    folder: string,
    {
      names,
      flatShape,
      ...manifest
    }: { names: string[]; flatShape?: Int32Array; format: string; modelTopology: object; signature?: object },
  ): Promise<string> {
    const parts: (Float32Array | Int32Array)[] = [this.#convolution, this.#bias, this.#dense, this.#denseBias];
    const shapes = [[kernel, kernel, 3, filters], [filters], [this.#dense.length, 1], [1]];
    const weights: object[] = names.map((name, i) => ({ name, shape: shapes[i], dtype: 'float32' }));
    if (flatShape !== undefined) {
      parts.push(flatShape);
      weights.push({ name: 'flatShape', shape: [2], dtype: 'int32' });
    }
    const bytes = Buffer.concat(parts.map(({ buffer }) => new Uint8Array(buffer as ArrayBuffer)));
    await mkdir(folder, { recursive: true });
    // In the middle of a weight, as converters cut.
    const paths = ['weights-1.bin', 'weights-2.bin'];
    await writeFile(join(folder, 'weights-1.bin'), bytes.subarray(0, 101));
    await writeFile(join(folder, 'weights-2.bin'), bytes.subarray(101));
    const path = join(folder, 'model.json');
    await writeFile(path, JSON.stringify({ ...manifest, weightsManifest: [{ paths, weights }] }));
    return path;
  }
}
