import type { GraphBuilder, OnnxValue } from '../../cascade/index.ts';
import type { RandomSource } from '../random-source.ts';

/** What a parameter tensor looks like. */
export interface ParameterShape {
  readonly name: string;
  readonly dims: readonly number[];
  /** Number of inputs that a weight's output sums over; 0 for biases. */
  readonly fanIn: number;
}

/** One parameter tensor within the flat vector of all of them. */
export interface Parameter extends ParameterShape {
  /** Number of its values. */
  readonly size: number;
  /** Index of its first value in the flat vector. */
  readonly offset: number;
}

/** All parameters of a network in one flat vector: Adam is then a few element-wise operators, whatever the network. */
export interface ParameterLayout {
  readonly parameters: readonly Parameter[];
  /** Length of the flat vector. */
  readonly parameterCount: number;
}

/** Lays parameters out one after another, in the order given. */
export function layOutParameters(shapes: readonly ParameterShape[]): ParameterLayout {
  const parameters: Parameter[] = [];
  let offset = 0;
  for (const shape of shapes) {
    const size = shape.dims.reduce((product, dim) => product * dim, 1);
    parameters.push({ ...shape, size, offset });
    offset += size;
  }
  return { parameters, parameterCount: offset };
}

/** Random weights of He's scale, sqrt(2 / fan-in) (He et al. 2015, §2.2); biases are 0. */
export function drawParameters({ parameters, parameterCount }: ParameterLayout, random: RandomSource): Float32Array {
  const values = new Float32Array(parameterCount);
  for (const { size, offset, fanIn } of parameters) {
    if (fanIn === 0) continue;
    const scale = Math.sqrt(2 / fanIn);
    for (let i = 0; i < size; i++) values[offset + i] = scale * random.normal();
  }
  return values;
}

/** Cuts a graph's flat vector `p` into its tensors, by name. */
export function splitParameters(g: GraphBuilder, layout: ParameterLayout, p: OnnxValue): Map<string, OnnxValue> {
  const sizes = g.int64(...layout.parameters.map(({ size }) => size));
  const parts = g.ops('Split', layout.parameters.length, [p, sizes], { axis: 0 });
  return new Map(
    layout.parameters.map(({ name, dims }, i) => [name, g.op('Reshape', [parts[i] as string, g.int64(...dims)])]),
  );
}

/** Stores the tensors of the flat vector `values` in a graph, by name. */
export function constantParameters(
  g: GraphBuilder,
  layout: ParameterLayout,
  values: Float32Array,
): Map<string, OnnxValue> {
  return new Map(
    layout.parameters.map(({ name, dims, offset, size }) => {
      return [name, g.constant('float32', dims, values.subarray(offset, offset + size), name)];
    }),
  );
}

/** Joins the gradients of all tensors to one flat vector. */
export function joinGradients(
  g: GraphBuilder,
  layout: ParameterLayout,
  gradients: ReadonlyMap<string, OnnxValue>,
): OnnxValue {
  const flat = layout.parameters.map(({ name, size }) => {
    return g.op('Reshape', [gradients.get(name) as string, g.int64(size)]);
  });
  return g.op('Concat', flat, { axis: 0 });
}
