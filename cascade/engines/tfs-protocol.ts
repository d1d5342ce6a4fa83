import { z } from 'zod';
import type { TensorDatatype } from '../models/model-work.ts';
import { valueCount } from '../models/tensor-data.ts';
import type { RemoteEngineDeclaration } from './engine-declaration.ts';
import type { NetworkTensor, NetworkTensorInfo, TensorValues } from './network.ts';
import { RemoteAnswer } from './remote-answer.ts';
import type { RemoteProtocol, RemoteRun, RemoteTensors } from './remote-protocol.ts';
import type { RemoteServer } from './remote-server.ts';

/** The signature that every exported model has. */
const SIGNATURE = 'serving_default';

const datatypes = new Map<string, TensorDatatype>([
  ['DT_BOOL', 'BOOL'],
  ['DT_UINT8', 'UINT8'],
  ['DT_UINT16', 'UINT16'],
  ['DT_UINT32', 'UINT32'],
  ['DT_UINT64', 'UINT64'],
  ['DT_INT8', 'INT8'],
  ['DT_INT16', 'INT16'],
  ['DT_INT32', 'INT32'],
  ['DT_INT64', 'INT64'],
  ['DT_FLOAT', 'FP32'],
  ['DT_DOUBLE', 'FP64'],
]);

const tensorSchema = z.looseObject({
  dtype: z.string(),
  tensor_shape: z
    .looseObject({ dim: z.array(z.looseObject({ size: z.coerce.number() })).default([]) })
    .default({ dim: [] }),
});
const signatureSchema = z.looseObject({
  inputs: z.record(z.string(), tensorSchema),
  outputs: z.record(z.string(), tensorSchema),
});
const metadataSchema = z.looseObject({
  metadata: z.looseObject({
    signature_def: z.looseObject({ signature_def: z.looseObject({ [SIGNATURE]: signatureSchema }) }),
  }),
});
const answerSchema = z.looseObject({ outputs: z.unknown() });

/** The REST protocol of TensorFlow Serving, version 1, in column form, with the signature `serving_default`. */
export class TfsProtocol implements RemoteProtocol {
  readonly #server: RemoteServer;
  readonly #answer: RemoteAnswer;
  readonly #path: string;
  /** A server leaves the name of a signature's only output out. */
  #isOnly = false;

  constructor(server: RemoteServer, { model, version }: RemoteEngineDeclaration) {
    this.#server = server;
    this.#answer = new RemoteAnswer(server.url);
    const kind = /^\d+$/.test(version ?? '') ? 'versions' : 'labels';
    const below = version === undefined ? '' : `/${kind}/${encodeURIComponent(version)}`;
    this.#path = `/v1/models/${encodeURIComponent(model)}${below}`;
  }

  async describe(): Promise<RemoteTensors> {
    const { body } = await this.#server.ask({ path: `${this.#path}/metadata` });
    const { metadata } = this.#answer.parse(body.toString(), metadataSchema);
    const { inputs, outputs } = metadata.signature_def.signature_def[SIGNATURE];
    const described = { inputs: tensorInfos(inputs), outputs: tensorInfos(outputs) };
    this.#isOnly = described.outputs.length === 1;
    return described;
  }

  async run({ feeds, outputs }: RemoteRun): Promise<NetworkTensor[]> {
    const inputs = Object.entries(feeds).map(([name, { datatype, shape, values }]) => {
      if (datatype === 'FP16') throw new Error('FP16 cannot be sent to a server of TensorFlow Serving v1');
      const written = nested(datatype === 'BOOL' ? Array.from(values, Boolean) : values, shape);
      return `${JSON.stringify(name)}:${written}`;
    });
    const body = Buffer.from(`{"signature_name":"${SIGNATURE}","inputs":{${inputs.join()}}}`);
    const headers = { 'Content-Type': 'application/json' };
    const answer = await this.#server.ask({ path: `${this.#path}:predict`, headers, body });
    const { outputs: given } = this.#answer.parse(answer.body.toString(), answerSchema);
    return outputs.map(info => {
      const value = this.#isOnly ? given : (given as Readonly<Record<string, unknown>> | null)?.[info.name];
      if (value === undefined || value === null) throw this.#answer.invalid(`output ${info.name}`, 'none');
      const shape = shapeOf(value);
      const numbers = Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value];
      // What is not a full table of numbers has another count than its shape says.
      return this.#answer.ofNumbers(info, { datatype: info.datatype ?? '', shape }, numbers);
    });
  }
}

function tensorInfos(tensors: Readonly<Record<string, z.infer<typeof tensorSchema>>>): NetworkTensorInfo[] {
  return Object.entries(tensors).map(([name, { dtype, tensor_shape }]) => ({
    name,
    datatype: datatypes.get(dtype),
    shape: tensor_shape.dim.map(({ size }) => (size < 1 ? -1 : size)),
  }));
}

/** Values as nested lists in JSON. */
function nested(values: TensorValues | readonly boolean[], shape: readonly number[]): string {
  const write = (axis: number, from: number, to: number): string => {
    if (axis === shape.length) return String(values[from]);
    if (axis === shape.length - 1) return `[${values.slice(from, to).join()}]`;
    const step = valueCount(shape.slice(axis + 1));
    const rows: string[] = [];
    for (let at = from; at < to; at += step) rows.push(write(axis + 1, at, at + step));
    return `[${rows.join()}]`;
  };
  return write(0, 0, valueCount(shape));
}

function shapeOf(value: unknown): number[] {
  return Array.isArray(value) ? [value.length, ...(value.length === 0 ? [] : shapeOf(value[0]))] : [];
}
