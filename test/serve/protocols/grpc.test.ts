import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChannelCredentials, Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../package-root.ts';
import { selfSigned } from '../self-signed.ts';
import { grayPicture, type ProtocolServer, smallScore, startProtocolServer } from './protocol-server.ts';

const proto = join(packageRoot, 'serve', 'protocols', 'inference.proto');
const service = loadSync(proto, { keepCase: true, longs: Number })[
  'inference.GRPCInferenceService'
] as unknown as ServiceDefinition;

interface Answer {
  readonly outputs: readonly { readonly name: string; readonly datatype: string; readonly shape: readonly number[] }[];
  readonly raw_output_contents: readonly Buffer[];
  readonly [field: string]: unknown;
}

let running: ProtocolServer;
let client: Client;
beforeAll(async () => {
  running = await startProtocolServer({ maxBodyBytes: 2 ** 20 });
  client = new Client(running.server.grpcAddress ?? '', credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await running[Symbol.asyncDispose]();
});

async function call(
  method: string,
  request: object,
  { of = client, token, deadlineMs = 20_000 }: { of?: Client; token?: string; deadlineMs?: number } = {},
): Promise<Answer> {
  const definition = service[method];
  if (definition === undefined) throw new Error(`no method ${method}`);
  const { path, requestSerialize, responseDeserialize } = definition;
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  const deadline = Date.now() + deadlineMs;
  return new Promise((resolve, reject) => {
    of.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, { deadline }, (error, value) =>
      error === null ? resolve(value as unknown as Answer) : reject(error),
    );
  });
}

const failed = (code: status, details = ''): unknown =>
  expect.objectContaining({ code, details: expect.stringContaining(details) } satisfies Partial<ServiceError>);

/** A request for the model `one`, whose input is one value. */
const ask = (input: object, more: object = {}): object => ({
  model_name: 'one',
  inputs: [{ name: 'image', datatype: 'FP32', shape: [1, 1, 1, 1], ...input }],
  ...more,
});
const raw = (...values: number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);
const floats = (bytes: Buffer | undefined): number[] => [...new Float32Array(Uint8Array.from(bytes ?? []).buffer)];

describe('answers', () => {
  it('raw and typed contents alike', async () => {
    const two = { shape: [2, 1, 1, 1] };
    const asked = [
      ask(two, { raw_input_contents: [raw(51, 102)], id: 'a' }),
      ask({ ...two, contents: { fp32_contents: [51, 102] } }, { outputs: [{ name: 'confidence' }] }),
    ];
    const answers = await Promise.all(asked.map(request => call('ModelInfer', request)));
    for (const answer of answers) {
      expect(answer.outputs).toMatchObject([{ name: 'confidence', datatype: 'FP32', shape: [2] }]);
      expect(floats(answer.raw_output_contents[0])).toEqual([expect.closeTo(0.2), expect.closeTo(0.4)]);
      expect(answer).toMatchObject({ model_name: 'one', model_version: '1' });
    }
    expect(answers.map(({ id }) => id ?? '')).toEqual(['a', '']);
  });

  it('pictures, as contents and raw', async () => {
    const jpeg = Buffer.from(await grayPicture(102));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(jpeg.length);
    const input = { datatype: 'BYTES', shape: [1] };
    const answers = await Promise.all([
      call('ModelInfer', ask({ ...input, contents: { bytes_contents: [jpeg] } })),
      call('ModelInfer', ask(input, { raw_input_contents: [Buffer.concat([length, jpeg])] })),
    ]);
    for (const answer of answers) expect(floats(answer.raw_output_contents[0])).toEqual([expect.closeTo(0.4, 1)]);
  });

  it('what it and its models are', async () => {
    expect(await call('ServerLive', {})).toEqual({ live: true });
    expect(await call('ServerReady', {})).toEqual({ ready: true });
    expect(await call('ModelReady', { name: 'small', version: 'stable' })).toEqual({ ready: true });
    expect(await call('RepositoryIndex', { ready: true })).toMatchObject({
      models: ['boxes', 'one', 'small'].map(name => ({ name, version: '1', state: 'READY' })),
    });
    expect(await call('ModelMetadata', { name: 'small' })).toMatchObject({
      inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 3, 50, 50] }],
    });
  });
});

describe('refuses', () => {
  it.each([
    [
      'contents beside raw ones',
      ask({ contents: { fp32_contents: [1] } }, { raw_input_contents: [raw(1)] }),
      'none beside',
    ],
    ['raw contents too many', ask({}, { raw_input_contents: [raw(1), raw(1)] }), 'one for each of 1 inputs, got 2'],
    ['raw contents too short', ask({}, { raw_input_contents: [raw()] }), '4 bytes for FP32 [1, 1, 1, 1], got 0 bytes'],
    ['no contents', ask({}), '1 values for shape [1, 1, 1, 1], got 0'],
    ['contents of another type', ask({ contents: { int_contents: [1] } }), 'fp32_contents'],
    ['half precision as contents', ask({ datatype: 'FP16' }), 'raw_input_contents for FP16'],
    ['an unknown type', ask({ datatype: 'FP8' }), 'inputs[0].datatype'],
    ['a negative shape', ask({ shape: [-1, 1, 1, 1] }), 'an integer from 0, got -1'],
    ['a huge shape', ask({ shape: [2 ** 40, 2 ** 40] }), 'at most 2^53 elements'],
    [
      'two inputs of a name',
      { model_name: 'one', inputs: [0, 1].map(() => ({ name: 'image', datatype: 'FP32', shape: [0] })) },
      'different names',
    ],
    ['no input', { model_name: 'one' }, '1 or more inputs'],
    ['shared memory', ask({ parameters: { shared_memory_region: { string_param: 'x' } } }), 'shared memory'],
    [
      'a timeout below 0',
      ask({ contents: { fp32_contents: [1] } }, { parameters: { timeout: { int64_param: -5 } } }),
      'timeout',
    ],
    ['a version that is neither number nor label', ask({}, { model_version: '1.0' }), 'a label'],
  ])('%s', async (_, request, details) => {
    await expect(call('ModelInfer', request)).rejects.toEqual(failed(status.INVALID_ARGUMENT, details));
  });

  it('what it does not have, and what is too large', async () => {
    await expect(call('ModelInfer', ask({}, { model_name: 'nobody' }))).rejects.toEqual(failed(status.NOT_FOUND));
    await expect(call('ModelReady', { name: 'nobody' })).rejects.toEqual(failed(status.NOT_FOUND, 'boxes, one, small'));
    await expect(call('RepositoryModelLoad', { model_name: '../one/1' })).rejects.toEqual(failed(status.NOT_FOUND));
    const config = { model_name: 'one', parameters: { config: { string_param: '{}' } } };
    await expect(call('RepositoryModelLoad', config)).rejects.toEqual(
      failed(status.INVALID_ARGUMENT, 'repository alone'),
    );
    const large = ask({}, { raw_input_contents: [Buffer.alloc(2 ** 20)] });
    await expect(call('ModelInfer', large)).rejects.toEqual(failed(status.RESOURCE_EXHAUSTED));
  });

  it('what comes too late, and goes on', async () => {
    const asked = ask({ contents: { fp32_contents: [51] } });
    const late = call('ModelInfer', asked, { deadlineMs: 0 });
    await expect(late).rejects.toEqual(failed(status.DEADLINE_EXCEEDED));
    const answer = await call('ModelInfer', asked);
    expect(floats(answer.raw_output_contents[0])).toEqual([expect.closeTo(0.2)]);
  });
});

it('asks for a token, over TLS', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'saccade-grpc-'));
  try {
    const [cert, key, token] = ['cert.pem', 'key.pem', 'token'].map(name => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const pair = selfSigned();
    await writeFile(cert, pair.cert);
    await writeFile(key, pair.key);
    await writeFile(token, 'the-token-of-this-test');
    await using guarded = await startProtocolServer({ token: { file: token }, tls: { cert, key } });
    const connect = (by: ChannelCredentials): Client => new Client(guarded.server.grpcAddress ?? '', by);
    const of = connect(credentials.createSsl(Buffer.from(pair.cert)));
    const untrusting = connect(credentials.createInsecure());
    const asked = {
      model_name: 'small',
      inputs: [{ name: 'image', datatype: 'FP32', shape: [1, 3, 50, 50] }],
      raw_input_contents: [raw(...new Array<number>(7500).fill(-1))],
    };
    const answer = await call('ModelInfer', asked, { of, token: 'the-token-of-this-test' });
    expect(floats(answer.raw_output_contents[0])).toEqual([expect.closeTo(smallScore(-1))]);
    await expect(call('ModelInfer', asked, { of })).rejects.toEqual(failed(status.UNAUTHENTICATED, 'no token'));
    await expect(call('ServerLive', {}, { of, token: 'the-token-of-that-test' })).rejects.toEqual(
      failed(status.UNAUTHENTICATED, 'a wrong token'),
    );
    await expect(call('ServerLive', {}, { of: untrusting, deadlineMs: 3000 })).rejects.toMatchObject({
      code: expect.toSatisfy((code: status) => code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED),
    });
    of.close();
    untrusting.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
