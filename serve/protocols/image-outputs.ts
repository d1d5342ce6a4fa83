import type { Detection, ModelResult, ServedModel } from '../../cascade/index.ts';
import type { WireTensor } from './wire-tensor.ts';

/**
 * What a model's head read out of N pictures, as tensors. A head that gives a confidence: FP32 of N values, 0–1, under the
 * name of the model's first output. A detector, of M objects in all:
 * - `detections`, BYTES (N): for each picture a JSON array of `{ label, score, box: { x, y, width, height } }`;
 * - `boxes`, FP32 (M, 4): x, y, width, height as shares of the picture, 0–1, from its top left corner;
 * - `scores`, FP32 (M), 0–1;
 * - `labels`, BYTES (M);
 * - `image_index`, INT32 (M): the picture of each object, from 0.
 */
export function imageOutputs(model: ServedModel, answers: readonly ModelResult[]): readonly WireTensor[] {
  if (answers[0]?.kind === 'confidence') return [confidenceOutput(model, answers)];
  const found = answers.map(answer => (answer.kind === 'detections' ? answer.detections : []));
  const all = found.flat();
  const boxes = all.flatMap(({ box }) => [box.x, box.y, box.width, box.height]);
  return [
    {
      name: 'detections',
      datatype: 'BYTES',
      shape: [found.length],
      elements: found.map(detections => utf8(detections.map(plain))),
    },
    { name: 'boxes', datatype: 'FP32', shape: [all.length, 4], data: floats(boxes) },
    { name: 'scores', datatype: 'FP32', shape: [all.length], data: floats(all.map(({ score }) => score)) },
    { name: 'labels', datatype: 'BYTES', shape: [all.length], elements: all.map(({ label }) => Buffer.from(label)) },
    { name: 'image_index', datatype: 'INT32', shape: [all.length], data: indexes(found) },
  ];
}

function confidenceOutput({ outputs }: ServedModel, answers: readonly ModelResult[]): WireTensor {
  const values = answers.map(answer => (answer.kind === 'confidence' ? answer.confidence : Number.NaN));
  const { name, shape } = outputs[0] ?? { name: 'confidence', shape: [-1] };
  return { name, datatype: 'FP32', shape: [values.length, ...shape.slice(1).map(() => 1)], data: floats(values) };
}

function plain({ label, score, box: { x, y, width, height } }: Detection): Detection {
  return { label, score, box: { x, y, width, height } };
}

function utf8(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function floats(values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

function indexes(found: readonly (readonly Detection[])[]): Uint8Array {
  return new Uint8Array(Int32Array.from(found.flatMap((detections, i) => detections.map(() => i))).buffer);
}
