import { z } from 'zod';
import { bytesOf, isDatatype } from '../models/tensor-data.ts';
import type { RemoteEngineDeclaration } from './engine-declaration.ts';
import type { NetworkTensor, NetworkTensorInfo } from './network.ts';
import { RemoteAnswer } from './remote-answer.ts';
import type { RemoteProtocol, RemoteRun, RemoteTensors } from './remote-protocol.ts';
import type { RemoteServer } from './remote-server.ts';

const HEADER_LENGTH = 'Inference-Header-Content-Length';
const BINARY_EXTENSION = 'binary_tensor_data';

const serverSchema = z.looseObject({ extensions: z.array(z.string()).default([]) });
const tensorInfoSchema = z.looseObject({ name: z.string(), datatype: z.string(), shape: z.array(z.coerce.number()) });
const modelSchema = z.looseObject({ inputs: z.array(tensorInfoSchema), outputs: z.array(tensorInfoSchema) });
const answerSchema = z.looseObject({
  outputs: z.array(
    z.looseObject({
      name: z.string(),
      datatype: z.string(),
      shape: z.array(z.number()),
      data: z.array(z.unknown()).optional(),
      parameters: z.looseObject({ binary_data_size: z.number().int().min(0).optional() }).optional(),
    }),
  ),
});

/**
 * The Open Inference Protocol, version 2, over HTTP. Tensors travel in binary where the server says that it can (Triton,
 * Saccade), otherwise as JSON (MLServer).
 */
export class OipProtocol implements RemoteProtocol {
  readonly #server: RemoteServer;
  readonly #answer: RemoteAnswer;
  readonly #path: string;
  #isBinary = false;

  constructor(server: RemoteServer, { model, version }: RemoteEngineDeclaration) {
    this.#server = server;
    this.#answer = new RemoteAnswer(server.url);
    const below = version === undefined ? '' : `/versions/${encodeURIComponent(version)}`;
    this.#path = `/v2/models/${encodeURIComponent(model)}${below}`;
  }

  async describe(): Promise<RemoteTensors> {
    const server = await this.#server.ask({ path: '/v2' });
    const { extensions } = this.#answer.parse(server.body.toString(), serverSchema);
    this.#isBinary = extensions.includes(BINARY_EXTENSION);
    const model = await this.#server.ask({ path: this.#path });
    const { inputs, outputs } = this.#answer.parse(model.body.toString(), modelSchema);
    return { inputs: inputs.map(tensorInfo), outputs: outputs.map(tensorInfo) };
  }

  async run({ feeds, outputs }: RemoteRun): Promise<NetworkTensor[]> {
    const { body, headerLength } = this.#isBinary ? binaryRequest(feeds, outputs) : jsonRequest(feeds, outputs);
    const answer = await this.#server.ask({
      path: `${this.#path}/infer`,
      headers: this.#isBinary
        ? { 'Content-Type': 'application/octet-stream', [HEADER_LENGTH]: headerLength }
        : { 'Content-Type': 'application/json' },
      body,
    });
    const length = Number(answer.headers[HEADER_LENGTH.toLowerCase()] ?? answer.body.length);
    const given = this.#answer.parse(answer.body.toString('utf8', 0, length), answerSchema);
    const found = new Map<string, NetworkTensor>();
    let at = length;
    for (const { name, parameters, data, ...tensor } of given.outputs) {
      const bytes = parameters?.binary_data_size;
      const start = at;
      at += bytes ?? 0;
      const info = outputs.find(output => output.name === name);
      if (info === undefined) continue;
      if (bytes !== undefined) found.set(name, this.#answer.ofBytes(info, tensor, answer.body.subarray(start, at)));
      else found.set(name, this.#answer.ofNumbers(info, tensor, (data ?? []).flat(Number.POSITIVE_INFINITY)));
    }
    return outputs.map(({ name }) => {
      const output = found.get(name);
      if (output !== undefined) return output;
      throw this.#answer.invalid(`output ${name}`, given.outputs.map(one => one.name).join(', ') || 'none');
    });
  }
}

interface OipRequest {
  readonly body: Uint8Array;
  readonly headerLength: number;
}

function binaryRequest(feeds: RemoteRun['feeds'], outputs: RemoteRun['outputs']): OipRequest {
  const parts: Uint8Array[] = [];
  const inputs = Object.entries(feeds).map(([name, { datatype, shape, values }]) => {
    const bytes = bytesOf(values);
    parts.push(bytes);
    return { name, datatype, shape, parameters: { binary_data_size: bytes.length } };
  });
  const wanted = outputs.map(({ name }) => ({ name, parameters: { binary_data: true } }));
  const header = Buffer.from(JSON.stringify({ inputs, outputs: wanted }));
  return { body: Buffer.concat([header, ...parts]), headerLength: header.length };
}

function jsonRequest(feeds: RemoteRun['feeds'], outputs: RemoteRun['outputs']): OipRequest {
  const inputs = Object.entries(feeds).map(([name, { datatype, shape, values }]) => {
    if (datatype === 'FP16') throw new Error('FP16 takes a server with binary tensors');
    const head = JSON.stringify({ name, datatype, shape }).slice(0, -1);
    const data = datatype === 'BOOL' ? Array.from(values, Boolean).join() : values.join();
    return `${head},"data":[${data}]}`;
  });
  const wanted = JSON.stringify(outputs.map(({ name }) => ({ name })));
  return { body: Buffer.from(`{"inputs":[${inputs.join()}],"outputs":${wanted}}`), headerLength: 0 };
}

function tensorInfo({ name, datatype, shape }: z.infer<typeof tensorInfoSchema>): NetworkTensorInfo {
  return { name, datatype: isDatatype(datatype) ? datatype : undefined, shape: shape.map(n => (n < 1 ? -1 : n)) };
}
