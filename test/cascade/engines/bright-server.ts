import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What the server does with the next requests for an answer of its model. */
export type Behavior =
  | 'answers'
  | 'says-500'
  | 'never-answers'
  | 'resets'
  | 'breaks-off'
  | 'says-404'
  | 'no-json'
  | 'wrong-shape'
  | 'too-few-values'
  | 'wrong-datatype'
  | 'other-output';

/** A request that it got. */
interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

const values = 3 * 6 * 8;

/**
 * A small server of Open Inference Protocol v2 and TensorFlow Serving v1 on loopback whose model `bright` gives the mean of
 * pictures, divided by 255: `image` FP32 (N, 3, 6, 8) → `confidence` FP32 (N, 1).
 */
export class BrightServer {
  /** Taken one a run of the model; the last one stays. */
  behaviors: Behavior[] = ['answers'];
  /** Runs of the model that were asked for. */
  readonly runs: SeenRequest[] = [];
  readonly #isBinary: boolean;
  #server: Server | undefined;
  #port = 0;

  /** Starts one, which ends with the test. @param isBinary - Whether tensors may come in binary. */
  static async start(isBinary = true): Promise<BrightServer> {
    const server = new BrightServer(isBinary);
    await server.listen();
    onTestFinished(() => server.close());
    return server;
  }

  private constructor(isBinary: boolean) {
    this.#isBinary = isBinary;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Begins to listen, the second time on the same port. */
  async listen(): Promise<void> {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    await new Promise<void>(resolve => this.#server?.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Ends with all connections. */
  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise(resolve => this.#server?.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const path = request.url ?? '';
    const json = (value: unknown): void => void response.end(JSON.stringify(value));
    if (path === '/v2') return json({ name: 'test', extensions: this.#isBinary ? ['binary_tensor_data'] : [] });
    if (/^\/v2\/models\/bright(\/versions\/2)?$/.test(path)) return json(oipMetadata);
    if (/^\/v1\/models\/bright(\/(versions\/2|labels\/stable))?\/metadata$/.test(path)) return json(tfsMetadata);
    if (!/\/infer$|:predict$/.test(path)) {
      response.statusCode = 404;
      return json({ error: `no such model: ${path}` });
    }
    this.runs.push({ path, headers: request.headers });
    const behavior = (this.behaviors.length > 1 ? this.behaviors.shift() : this.behaviors[0]) ?? 'answers';
    if (behavior === 'never-answers') return;
    if (behavior === 'resets') return void request.socket.resetAndDestroy();
    if (behavior === 'breaks-off') {
      response.writeHead(200, { 'Content-Length': 1000 });
      response.write('{"outputs"');
      return void setImmediate(() => request.socket.destroy());
    }
    if (behavior === 'no-json') return void response.end('<html>');
    if (behavior === 'says-404' || behavior === 'says-500') {
      response.statusCode = Number(behavior.slice(-3));
      return json({ error: 'it is broken.' });
    }
    if (path.startsWith('/v1')) this.#predict(body, behavior, json);
    else this.#infer(request, body, { behavior, response });
  }

  #predict(body: Buffer, behavior: Behavior, json: (value: unknown) => void): void {
    const { inputs, signature_name } = JSON.parse(body.toString()) as {
      inputs: { image: number[][][][] };
      signature_name: string;
    };
    if (signature_name !== 'serving_default') throw new Error(signature_name);
    const means = inputs.image.map(picture => mean(picture.flat(2)));
    const outputs = means.map(value => [value]);
    if (behavior === 'wrong-shape') json({ outputs: means });
    else if (behavior === 'too-few-values') json({ outputs: [...outputs.slice(0, -1), []] });
    else json({ outputs });
  }

  #infer(
    { headers }: IncomingMessage,
    body: Buffer,
    { behavior, response }: { behavior: Behavior; response: ServerResponse },
  ): void {
    const length = Number(headers['inference-header-content-length'] ?? body.length);
    const { inputs, outputs: wanted } = JSON.parse(body.toString('utf8', 0, length)) as {
      inputs: { name: string; shape: number[]; data?: number[]; parameters?: { binary_data_size: number } }[];
      outputs: { name: string; parameters?: { binary_data: boolean } }[];
    };
    const [image] = inputs;
    const bytes = Uint8Array.from(body.subarray(length, length + (image?.parameters?.binary_data_size ?? 0)));
    const data = image?.data ?? Array.from(new Float32Array(bytes.buffer));
    const means = Float32Array.from({ length: image?.shape[0] ?? 0 }, (_, i) =>
      mean(data.slice(i * values, (i + 1) * values)),
    );
    const output = {
      name: behavior === 'other-output' ? 'other' : 'confidence',
      datatype: behavior === 'wrong-datatype' ? 'FP64' : 'FP32',
      shape: behavior === 'wrong-shape' ? [means.length] : [means.length, 1],
    };
    const sent = behavior === 'too-few-values' ? means.subarray(1) : means;
    if (wanted[0]?.parameters?.binary_data !== true) {
      return void response.end(JSON.stringify({ outputs: [{ ...output, data: Array.from(sent) }] }));
    }
    const parameters = { binary_data_size: sent.byteLength };
    // A space more, so that the values are not aligned.
    const header = Buffer.from(`${JSON.stringify({ outputs: [{ ...output, parameters }] })} `);
    response.setHeader('Inference-Header-Content-Length', header.length);
    response.end(Buffer.concat([header, new Uint8Array(sent.buffer, sent.byteOffset, sent.byteLength)]));
  }
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length / 255;
}

const oipMetadata = {
  name: 'bright',
  versions: ['2'],
  platform: 'test',
  inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 3, 6, 8] }],
  outputs: [{ name: 'confidence', datatype: 'FP32', shape: [-1, 1] }],
};

function tfsTensor(...sizes: number[]): object {
  return {
    dtype: 'DT_FLOAT',
    tensor_shape: { dim: sizes.map(size => ({ size: String(size), name: '' })) },
    name: 'x:0',
  };
}

const tfsMetadata = {
  model_spec: { name: 'bright', signature_name: '', version: '2' },
  metadata: {
    signature_def: {
      signature_def: {
        serving_default: {
          inputs: { image: tfsTensor(-1, 3, 6, 8) },
          outputs: { confidence: tfsTensor(-1, 1) },
          method_name: 'tensorflow/serving/predict',
        },
      },
    },
  },
};
