import protobuf from 'protobufjs';

/** Element types of ONNX tensors, by their numbers in onnx.proto. */
export const onnxType = { float32: 1, uint8: 2, int64: 7, bool: 9, float16: 10 } as const;

/** An element type that a graph can declare. */
export type OnnxType = keyof typeof onnxType;

/** The size along one axis: a whole number, or a name for one that is known only when the model runs. */
export type OnnxDimension = number | string;

/** Name of a value in a graph: an input, a constant or the output of an operator. */
export type OnnxValue = string;

/** Value of an operator's attribute; a plain number is an integer, `{ float: x }` is a float, a graph is a subgraph. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number } | GraphBuilder;

// The part of onnx.proto that graphs of our own need. Field numbers are those of onnx.proto; all of its fields are
// optional in protobuf, so a model without the others is still valid.
const schema = `
  syntax = "proto3";
  package onnx;
  message Attribute {
    string name = 1; optional float f = 2; optional int64 i = 3; bytes s = 4; Graph g = 6;
    repeated int64 ints = 8; int32 type = 20;
  }
  message Tensor { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
  message Node {
    repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4;
    repeated Attribute attribute = 5; string domain = 7;
  }
  message Dimension { optional int64 dim_value = 1; optional string dim_param = 2; }
  message Shape { repeated Dimension dim = 1; }
  message TensorType { int32 elem_type = 1; Shape shape = 2; }
  message Type { TensorType tensor_type = 1; }
  message ValueInfo { string name = 1; Type type = 2; }
  message Graph {
    repeated Node node = 1; string name = 2; repeated Tensor initializer = 5;
    repeated ValueInfo input = 11; repeated ValueInfo output = 12;
  }
  message OperatorSet { string domain = 1; int64 version = 2; }
  message Model {
    int64 ir_version = 1; repeated OperatorSet opset_import = 8; string producer_name = 2; Graph graph = 7;
  }`;
const Model = protobuf.parse(schema, { keepCase: true }).root.lookupType('onnx.Model');

const attributeTypes = { float: 1, integer: 2, string: 3, graph: 5, integers: 7 } as const;

/** IEEE half-precision bits of a number, rounded to nearest; too large becomes infinity. */
export function toHalfBits(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0] as number;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent <= 0) return sign | Math.round(Math.abs(value) * 2 ** 24); // subnormal: steps of 2^-24
  return sign + (exponent << 10) + (((bits & 0x7fffff) + 0x1000) >>> 13); // a carry rightly raises the exponent
}

function rawData(type: OnnxType, values: ArrayLike<number>): Uint8Array {
  const array = {
    float32: () => Float32Array.from(values),
    uint8: () => Uint8Array.from(values),
    bool: () => Uint8Array.from(values),
    int64: () => BigInt64Array.from(Array.from(values, BigInt)),
    float16: () => Uint16Array.from(values, toHalfBits),
  }[type]();
  return new Uint8Array(array.buffer);
}

function valueInfo(name: string, type: OnnxType, dims: readonly OnnxDimension[]): object {
  const dim = dims.map(size => (typeof size === 'string' ? { dim_param: size } : { dim_value: size }));
  return { name, type: { tensor_type: { elem_type: onnxType[type], shape: { dim } } } };
}

function attribute(name: string, value: OnnxAttribute): object {
  if (value instanceof GraphBuilder) return { name, g: value.toGraph(name), type: attributeTypes.graph };
  if (typeof value === 'string') return { name, s: Buffer.from(value), type: attributeTypes.string };
  if (typeof value === 'number') return { name, i: value, type: attributeTypes.integer };
  if ('float' in value) return { name, f: value.float, type: attributeTypes.float };
  return { name, ints: value, type: attributeTypes.integers };
}

/** Builds an ONNX model operator by operator. Operator set 17 and onnxruntime's own `com.microsoft` 1. */
export class GraphBuilder {
  readonly #nodes: object[] = [];
  readonly #initializers: object[] = [];
  readonly #inputs: object[] = [];
  readonly #outputs: object[] = [];
  readonly #constants = new Map<string, OnnxValue>();
  readonly #counter: { next: number };

  /**
   * Starts an empty graph.
   * @param outer - The graph around this one, when it becomes an attribute (a Loop's body): names are then distinct
   * across both, since a body reads the values of the graph around it by name.
   */
  constructor(outer?: GraphBuilder) {
    this.#counter = outer === undefined ? { next: 0 } : outer.#counter;
  }

  /** Declares an input and returns its name. */
  input(name: string, type: OnnxType, dims: readonly OnnxDimension[]): OnnxValue {
    this.#inputs.push(valueInfo(name, type, dims));
    return name;
  }

  /** Declares an output of the given name that carries `value`. */
  output(name: string, type: OnnxType, dims: readonly OnnxDimension[], value: OnnxValue): void {
    this.#nodes.push({ op_type: 'Identity', input: [value], output: [name], name: this.#uniqueName('n') });
    this.#outputs.push(valueInfo(name, type, dims));
  }

  /** Stores a tensor in the model; `values` are copied, row-major. */
  constant(type: OnnxType, dims: readonly number[], values: ArrayLike<number>, name?: string): OnnxValue {
    const own = name ?? this.#uniqueName('c');
    this.#initializers.push({ name: own, data_type: onnxType[type], dims, raw_data: rawData(type, values) });
    return own;
  }

  /** A vector of whole numbers, as shapes, axes and slices want them; equal ones are stored once. */
  int64(...values: readonly number[]): OnnxValue {
    return this.#shared(`i${values.join()}`, () => this.constant('int64', [values.length], values));
  }

  /** A float32 scalar; equal ones are stored once. */
  float(value: number): OnnxValue {
    return this.#shared(`f${value}`, () => this.constant('float32', [], [value]));
  }

  /** Adds an operator with one output and returns that. An empty input name leaves an optional input out. */
  op(
    type: string,
    inputs: readonly OnnxValue[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain: '' | 'com.microsoft' = '',
  ): OnnxValue {
    return this.ops(type, 1, inputs, attributes, domain)[0] as OnnxValue;
  }

  /** Adds an operator with several outputs and returns them in order. Parameters as for `op`. */
  ops(
    type: string,
    outputCount: number,
    inputs: readonly OnnxValue[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain: '' | 'com.microsoft' = '',
  ): OnnxValue[] {
    const output = Array.from({ length: outputCount }, () => this.#uniqueName('t'));
    this.#nodes.push({
      op_type: type,
      input: inputs,
      output,
      name: this.#uniqueName('n'),
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      domain,
    });
    return output;
  }

  /** The graph as a plain object in the shape of onnx.proto's GraphProto. */
  toGraph(name: string): object {
    return {
      node: this.#nodes,
      name,
      initializer: this.#initializers,
      input: this.#inputs,
      output: this.#outputs,
    };
  }

  /** The model file: IR version 8, the graph as it is now. */
  toBytes(): Uint8Array {
    const model = {
      ir_version: 8,
      producer_name: 'saccade',
      opset_import: [
        { domain: '', version: 17 },
        { domain: 'com.microsoft', version: 1 },
      ],
      graph: this.toGraph('main'),
    };
    return Model.encode(Model.fromObject(model)).finish();
  }

  #uniqueName(prefix: string): string {
    return prefix + this.#counter.next++;
  }

  #shared(key: string, make: () => OnnxValue): OnnxValue {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#constants.set(key, made);
    return made;
  }
}
