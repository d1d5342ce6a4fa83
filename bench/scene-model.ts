import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  addModel,
  type Decision,
  GraphBuilder,
  LoadedModel,
  type Picture,
  type StoredModel,
} from '../cascade/index.ts';
import { openFootage } from '../ingest/index.ts';
import { benchFolder } from './bench-footage.ts';

const sizePx = 50;

/**
 * A specialized model without training, for plans written by hand: how much the most changed 5 × 5 patch of the frame
 * differs from the mean empty scene, the frame's general brightness taken out, as a probability.
 *
 * Scene and threshold come from the first `share` of the footage alone; errors are to be read on the rest.
 * @param truth - The reference's answers for the footage.
 * @param share - Share of the frames to calibrate on, 0–1.
 */
export async function sceneModel(path: string, truth: readonly Decision[], share: number): Promise<StoredModel> {
  const frames = await smallFrames(path, Math.floor(truth.length * share));
  const labels = frames.map(({ index }) => truth[index]?.label === true);
  const scene = meanOf(frames.filter((_, i) => !labels[i]).map(({ picture }) => picture.bytes));
  const name = `scene-${(path.split('/').at(-1) ?? '').replace(/\W/g, '-')}`;
  // With threshold 0 and this width the logistic function is undone exactly enough to read the scores back.
  const width = 1000;
  const raw = await store(`${name}-raw`, sceneGraph(scene, { threshold: 0, width }));
  await using model = await LoadedModel.load(raw);
  const scores = (await model.confidences(frames.map(({ picture }) => picture))).map(
    p => width * Math.log(p / (1 - p)),
  );
  const threshold = bestThreshold(scores, labels);
  return store(name, sceneGraph(scene, { threshold, width: threshold / 4 }));
}

async function store(name: string, bytes: Uint8Array): Promise<StoredModel> {
  await mkdir(benchFolder, { recursive: true });
  const onnxPath = join(benchFolder, `${name}.onnx`);
  await writeFile(onnxPath, bytes);
  return addModel({ onnxPath, folder: join(benchFolder, 'models'), name, head: 'binary', labels: ['changed'] });
}

function sceneGraph(scene: Float32Array, { threshold, width }: { threshold: number; width: number }): Uint8Array {
  const g = new GraphBuilder();
  const frames = g.input('frames', 'uint8', ['N', sizePx, sizePx, 3]);
  const mean = g.constant('float32', [1, sizePx, sizePx, 3], scene);
  const difference = g.op('Sub', [g.op('Cast', [frames], { to: 1 }), mean]);
  const light = g.op('ReduceMean', [difference], { axes: [1, 2], keepdims: 1 });
  const change = g.op('Abs', [g.op('Sub', [difference, light])]);
  const gray = g.op('ReduceMean', [change], { axes: [3], keepdims: 0 });
  const picture = g.op('Unsqueeze', [gray, g.int64(1)]);
  const patches = g.op('AveragePool', [picture], { kernel_shape: [5, 5], strides: [2, 2] });
  const most = g.op('Unsqueeze', [g.op('ReduceMax', [patches], { axes: [1, 2, 3], keepdims: 0 }), g.int64(1)]);
  const logit = g.op('Mul', [g.op('Sub', [most, g.float(threshold)]), g.float(1 / width)]);
  g.output('probability', 'float32', ['N', 1], g.op('Sigmoid', [logit]));
  return g.toBytes();
}

async function smallFrames(path: string, count: number): Promise<{ index: number; picture: Picture }[]> {
  await using footage = await openFootage({ path });
  const frames: { index: number; picture: Picture }[] = [];
  const request = { width: sizePx, height: sizePx, format: 'rgb' } as const;
  for await (const frame of footage.frames({ from: 0, to: count }, () => true)) {
    using owned = frame;
    const bytes = owned.pixels(request);
    const picture = { width: sizePx, height: sizePx, bytes, frameWidth: owned.width, frameHeight: owned.height };
    frames.push({ index: owned.index, picture });
  }
  return frames;
}

function meanOf(pictures: readonly Uint8Array[]): Float32Array {
  const mean = new Float32Array(sizePx * sizePx * 3);
  for (const picture of pictures)
    for (const [i, value] of picture.entries()) mean[i] = (mean[i] ?? 0) + value / pictures.length;
  return mean;
}

/** The threshold with the fewest errors. */
function bestThreshold(scores: readonly number[], labels: readonly boolean[]): number {
  const sorted = scores.map((score, i) => ({ score, label: labels[i] === true })).sort((a, b) => a.score - b.score);
  // Everything above the threshold counts as positive: it begins below all frames, where every negative is wrong.
  let errors = labels.filter(label => !label).length;
  let best = { errors, threshold: (sorted[0]?.score ?? 0) - 1 };
  for (const [i, { score, label }] of sorted.entries()) {
    errors += label ? 1 : -1;
    if (errors < best.errors) best = { errors, threshold: (score + (sorted[i + 1]?.score ?? score + 1)) / 2 };
  }
  return best.threshold;
}
