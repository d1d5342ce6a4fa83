import { GraphBuilder, type OnnxDimension, type OnnxValue } from '../../../cascade/models/onnx-graph.ts';

/** What the tiny models have in common: one input `image`. */
export interface TinyOptions {
  readonly batch: OnnxDimension;
  readonly width: number;
  readonly height: number;
  readonly dtype?: 'float32' | 'uint8';
  readonly channels?: 1 | 3;
  readonly layout?: 'NCHW' | 'NHWC';
  /** Matrix products of 256×256 that do nothing but take time, about 1 ms each. Default 0. */
  readonly work?: number;
}

/** `image` → `confidence` (batch): the mean of all input values, divided by 255. */
export function tinyBinary(options: TinyOptions): Uint8Array {
  const graph = new GraphBuilder();
  const mean = meanOf(graph, options);
  graph.output('confidence', 'float32', [options.batch], graph.op('Div', [mean, graph.float(255)]));
  return graph.toBytes();
}

/**
 * `image` → `output` (batch, cells, 6): the given YOLOX cells for one class, with the mean of all input values, divided
 * by 255, added to the objectness. Fails (an index out of range) on pictures whose mean is above 251.
 */
export function tinyYolox(options: TinyOptions, cells: readonly (readonly number[])[]): Uint8Array {
  const graph = new GraphBuilder();
  const mean = meanOf(graph, options);
  const tooBright = graph.op('Cast', [graph.op('Div', [mean, graph.float(252)])], { to: 7 });
  const zeros = graph.op('Gather', [graph.constant('float32', [1], [0]), tooBright]);
  return withCells(graph, graph.op('Add', [mean, zeros]), { batch: options.batch, cells });
}

/**
 * `image` → `output` (batch, cells, 6) as {@link tinyYolox}, but on pictures whose mean is above 251 it runs for years
 * instead of failing.
 */
export function tinyHangingYolox(options: TinyOptions, cells: readonly (readonly number[])[]): Uint8Array {
  const graph = new GraphBuilder();
  const mean = meanOf(graph, options);
  const brightest = graph.op('ReduceMax', [mean], { keepdims: 0 });
  const tooBright = graph.op('Floor', [graph.op('Div', [brightest, graph.float(252)])]);
  const rounds = graph.op('Cast', [graph.op('Mul', [tooBright, graph.float(2 ** 50)])], { to: 7 });
  const body = new GraphBuilder(graph);
  body.input('round', 'int64', []);
  const go = body.input('go', 'bool', []);
  const state = body.input('state', 'float32', []);
  body.output('goOn', 'bool', [], go);
  body.output('next', 'float32', [], body.op('Mul', [state, body.float(0.5)]));
  const spent = graph.op('Loop', [rounds, graph.constant('bool', [], [1]), graph.float(0)], { body });
  return withCells(graph, graph.op('Add', [mean, spent]), { batch: options.batch, cells });
}

function withCells(
  graph: GraphBuilder,
  mean: OnnxValue,
  { batch, cells }: { batch: OnnxDimension; cells: readonly (readonly number[])[] },
): Uint8Array {
  const column = graph.op('Reshape', [mean, graph.int64(-1, 1, 1)]);
  const objectness = graph.constant('float32', [1, 1, 6], [0, 0, 0, 0, 1 / 255, 0]);
  const values = graph.constant('float32', [1, cells.length, 6], cells.flat());
  const output = graph.op('Add', [values, graph.op('Mul', [column, objectness])]);
  graph.output('output', 'float32', [batch, cells.length, 6], output);
  return graph.toBytes();
}

function meanOf(graph: GraphBuilder, options: TinyOptions): OnnxValue {
  const { batch, width, height, dtype = 'float32', channels = 3, layout = 'NCHW', work = 0 } = options;
  const shape = layout === 'NCHW' ? [batch, channels, height, width] : [batch, height, width, channels];
  const floats = graph.op('Cast', [graph.input('image', dtype, shape)], { to: 1 });
  const mean = graph.op('ReduceMean', [floats], { axes: [1, 2, 3], keepdims: 0 });
  if (work === 0) return mean;
  const matrix = graph.constant('float32', [256, 256], new Float32Array(256 * 256));
  let product = graph.op('Mul', [matrix, graph.op('ReduceMean', [mean], { keepdims: 0 })]);
  for (let i = 0; i < work; i++) product = graph.op('MatMul', [product, matrix]);
  return graph.op('Add', [mean, graph.op('ReduceSum', [product], { keepdims: 0 })]);
}
