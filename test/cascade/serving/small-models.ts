import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addModel } from '../../../cascade/models/add-model.ts';
import { GraphBuilder } from '../../../cascade/models/onnx-graph.ts';
import type { StoredModel } from '../../../cascade/models/stored-model.ts';
import { encodeImage } from '../../../ingest/index.ts';
import { type TinyOptions, tinyBinary } from '../models/tiny-onnx.ts';

/** Size of the input of the small models in px. */
export const inputSize = { width: 8, height: 6 };

/** Adds a version of a classifier that answers with the brightness of a picture, divided by 255. */
export async function addBright(
  folder: string,
  options: Partial<TinyOptions> = {},
  name = 'bright',
): Promise<StoredModel> {
  return addBytes(folder, name, tinyBinary({ batch: 'N', ...inputSize, ...options }));
}

/** Adds a version of a classifier that answers 1 minus the brightness, divided by 255. */
export async function addDark(folder: string, name = 'bright'): Promise<StoredModel> {
  const graph = new GraphBuilder();
  const image = graph.input('image', 'float32', ['N', 3, inputSize.height, inputSize.width]);
  const mean = graph.op('ReduceMean', [image], { axes: [1, 2, 3], keepdims: 0 });
  const share = graph.op('Div', [mean, graph.float(255)]);
  graph.output('confidence', 'float32', ['N'], graph.op('Sub', [graph.float(1), share]));
  return addBytes(folder, name, graph.toBytes());
}

async function addBytes(folder: string, name: string, bytes: Uint8Array): Promise<StoredModel> {
  const onnxPath = join(folder, `${name}.onnx`);
  await writeFile(onnxPath, bytes);
  return addModel({ onnxPath, folder: join(folder, 'models'), name, head: 'binary', labels: ['bright'] });
}

/** An image of one gray, 0–255, of 16×12 px. */
export async function grayImage(gray: number, format: 'png' | 'jpeg' = 'png'): Promise<Uint8Array> {
  const bytes = new Uint8Array(16 * 12 * 3).fill(gray);
  return encodeImage({ width: 16, height: 12, bytes }, format === 'png' ? { format } : { format, quality: 95 });
}
