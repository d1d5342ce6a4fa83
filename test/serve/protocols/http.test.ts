import { gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinBytes, splitBytes } from '../../../serve/protocols/bytes-elements.ts';
import { grayPicture, type ProtocolServer, startProtocolServer } from './protocol-server.ts';

let running: ProtocolServer;
const failures: unknown[] = [];
beforeAll(async () => {
  running = await startProtocolServer({ onFailure: error => void failures.push(error) });
});
afterAll(async () => {
  await running[Symbol.asyncDispose]();
  expect(failures).toEqual([]);
});

interface Output {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data?: readonly unknown[];
  readonly parameters?: { readonly binary_data_size: number };
}
interface Inferred {
  readonly id?: string;
  readonly outputs: readonly Output[];
}

async function post(path: string, body: string | Blob, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(new URL(path, running.server.url), { method: 'POST', body, headers });
}

/** Sends a value as JSON; the answer must be 200. */
async function ask<Answer>(path: string, body: unknown): Promise<Answer> {
  const response = await post(path, JSON.stringify(body));
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  return JSON.parse(text) as Answer;
}

async function get(path: string): Promise<unknown> {
  return (await fetch(new URL(path, running.server.url))).json();
}

/** The JSON of a body, and the binary data that follows it, output by output. */
async function parts(response: Response): Promise<{ json: Inferred; binary: Map<string, Uint8Array> }> {
  expect(response.status).toBe(200);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const length = Number(response.headers.get('inference-header-content-length') ?? bytes.length);
  const json = JSON.parse(Buffer.from(bytes.subarray(0, length)).toString()) as Inferred;
  let at = length;
  const binary = new Map<string, Uint8Array>();
  for (const { name, parameters } of json.outputs) {
    if (parameters === undefined) continue;
    binary.set(name, bytes.slice(at, at + parameters.binary_data_size));
    at += parameters.binary_data_size;
  }
  expect(at).toBe(bytes.length);
  return { json, binary };
}

const floats = (bytes: Uint8Array | undefined): number[] => [...new Float32Array(Uint8Array.from(bytes ?? []).buffer)];
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const withBinary = (json: unknown, ...data: Uint8Array[]): [Blob, Record<string, string>] => {
  const head = Buffer.from(JSON.stringify(json));
  return [
    new Blob([head, ...data.map(part => Uint8Array.from(part))]),
    { 'inference-header-content-length': `${head.length}` },
  ];
};
const two = { name: 'image', datatype: 'FP32', shape: [2, 1, 1, 1] };

describe('Open Inference Protocol', () => {
  it('takes flat and nested data, and binary, and answers either', async () => {
    for (const data of [
      [51, 102],
      [[[[51]]], [[[102]]]],
    ]) {
      const answer = await ask<Inferred>('/v2/models/one/infer', { id: 'x', inputs: [{ ...two, data }] });
      expect(answer).toEqual({
        model_name: 'one',
        model_version: '1',
        id: 'x',
        outputs: [
          { name: 'confidence', datatype: 'FP32', shape: [2], data: [expect.closeTo(0.2), expect.closeTo(0.4)] },
        ],
      });
    }
    const values = new Uint8Array(Float32Array.of(51, 102).buffer);
    const request = {
      parameters: { binary_data_output: true },
      inputs: [{ ...two, parameters: { binary_data_size: 8 } }],
    };
    const path = '/v2/models/one/versions/stable/infer';
    const { json, binary } = await parts(await post(path, ...withBinary(request, values)));
    expect(json.outputs).toEqual([
      { name: 'confidence', datatype: 'FP32', shape: [2], parameters: { binary_data_size: 8 } },
    ]);
    expect(floats(binary.get('confidence'))).toEqual([expect.closeTo(0.2), expect.closeTo(0.4)]);
    const asJson = { ...request, outputs: [{ name: 'confidence', parameters: { binary_data: false } }] };
    const second = await parts(await post(path, ...withBinary(asJson, values)));
    expect(second.json.outputs[0]?.data).toEqual([expect.closeTo(0.2), expect.closeTo(0.4)]);
  });

  it('takes pictures as text, in binary and as the whole body', async () => {
    const pictures = [await grayPicture(102, 'png'), await grayPicture(204, 'png')];
    const bytes = { name: 'image', datatype: 'BYTES', shape: [2] };
    const data = pictures.map(base64);
    const text = await ask<Inferred>('/v2/models/one/infer', { inputs: [{ ...bytes, data }] });
    expect(text.outputs[0]?.data).toEqual([expect.closeTo(0.4), expect.closeTo(0.8)]);
    const joined = joinBytes(pictures);
    const request = { inputs: [{ ...bytes, shape: [2, 1], parameters: { binary_data_size: joined.length } }] };
    const binary = await parts(await post('/v2/models/one/infer', ...withBinary(request, joined)));
    expect(binary.json.outputs[0]?.data).toEqual(text.outputs[0]?.data);
    const whole = { 'inference-header-content-length': '0' };
    const body = await parts(await post('/v2/models/one/infer', new Blob([Uint8Array.from(pictures[1] ?? [])]), whole));
    expect(body.json.outputs[0]?.data).toEqual([expect.closeTo(0.8)]);
    const row = await parts(await post('/v2/models/one/infer', new Blob([Float32Array.of(51)]), whole));
    expect(row.json.outputs[0]?.data).toEqual([expect.closeTo(0.2)]);
  });

  it('tells what a detector found, as JSON and as tensors that belong together', async () => {
    const data = [await grayPicture(153, 'png'), await grayPicture(204, 'png')].map(base64);
    const request = {
      inputs: [{ name: 'image', datatype: 'BYTES', shape: [2], data }],
      outputs: ['labels', 'boxes', 'image_index', 'scores', 'detections'].map(name => ({
        name,
        parameters: { binary_data: name !== 'scores' },
      })),
    };
    const { json, binary } = await parts(await post('/v2/models/boxes/infer', JSON.stringify(request)));
    expect(json.outputs.map(({ name, shape }) => `${name} ${shape.join('x')}`)).toEqual([
      'labels 2',
      'boxes 2x4',
      'image_index 2',
      'scores 2',
      'detections 2',
    ]);
    const texts = (name: string): string[] =>
      splitBytes(binary.get(name) ?? new Uint8Array(), 2, name).map(part => Buffer.from(part).toString());
    const found = texts('detections').map(part => JSON.parse(part) as [{ score: number; box: Record<string, number> }]);
    expect(texts('labels')).toEqual(['thing', 'thing']);
    expect(json.outputs[3]?.data).toEqual(found.map(([{ score }]) => expect.closeTo(score, 6)));
    // The rest of the square is padding of the gray 114.
    const score = (gray: number): unknown => expect.closeTo((0.75 * gray + 0.25 * 114) / 255, 2);
    // A 16×12 picture covers three quarters of the square input's height: the box below it is cut off.
    const box = { x: 0.5, y: expect.closeTo(2 / 3), width: 0.5, height: expect.closeTo(1 / 3) };
    expect(found).toEqual([score(153), score(204)].map(value => [{ label: 'thing', score: value, box }]));
    expect(floats(binary.get('boxes')).slice(4)).toEqual([0.5, expect.closeTo(2 / 3), 0.5, expect.closeTo(1 / 3)]);
    expect([...new Int32Array((binary.get('image_index') ?? new Uint8Array()).buffer)]).toEqual([0, 1]);
  });

  it('takes compressed bodies, and compresses long answers', async () => {
    const rows = 200;
    const inputs = [{ ...two, shape: [rows, 1, 1, 1], data: Array.from({ length: rows }, (_, i) => i) }];
    const body = gzipSync(JSON.stringify({ inputs }));
    const { request } = await import('node:http');
    for (const [coding, expand] of [
      ['gzip', gunzipSync],
      ['deflate', inflateSync],
    ] as const) {
      const [headers, bytes] = await new Promise<[unknown, Buffer]>((resolve, reject) => {
        const url = new URL('/v2/models/one/infer', running.server.url);
        const sent = request(url, {
          method: 'POST',
          headers: { 'content-encoding': 'gzip', 'accept-encoding': `br;q=1, ${coding}` },
        });
        sent.on('error', reject).on('response', response => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => resolve([response.headers, Buffer.concat(chunks)]));
        });
        sent.end(body);
      });
      expect(headers).toMatchObject({ 'content-encoding': coding });
      const [output] = (JSON.parse(expand(bytes).toString()) as Inferred).outputs;
      expect(output?.data?.slice(0, 2)).toEqual([0, expect.closeTo(1 / 255)]);
      expect(output?.data).toHaveLength(rows);
    }
  });

  it('lists, unloads and loads models', async () => {
    const state = async (): Promise<unknown> => {
      const index = await ask<{ name: string; state: string }[]>('/v2/repository/index', {});
      return index.find(({ name }) => name === 'small')?.state;
    };
    expect(await state()).toBe('READY');
    expect(await ask('/v2/repository/models/small/unload', { parameters: { unload_dependents: false } })).toEqual({});
    expect(await state()).toBe('UNAVAILABLE');
    expect(await ask('/v2/repository/index', { ready: true })).toHaveLength(2);
    expect((await fetch(new URL('/v2/models/small/ready', running.server.url))).status).toBe(400);
    expect((await fetch(new URL('/v2/models/small', running.server.url))).status).toBe(404);
    expect((await post('/v2/repository/models/small/load', '')).status).toBe(200);
    expect(await get('/v2/models/small/ready')).toEqual({ name: 'small', ready: true });
    expect(await get('/v2/health/ready')).toEqual({ ready: true });
  });
});

describe('TensorFlow Serving', () => {
  const row = [[[0.5]]];

  it('answers rows by rows and columns by columns', async () => {
    const expected = [expect.closeTo(0.5 / 255), expect.closeTo(0.5 / 255)];
    for (const path of ['one', 'one/versions/1', 'one/labels/stable']) {
      const predict = (body: unknown): Promise<unknown> => ask(`/v1/models/${path}:predict`, body);
      expect(await predict({ instances: [row, row] })).toEqual({ predictions: expected });
      expect(await predict({ instances: [{ image: row }, { image: row }] })).toEqual({ predictions: expected });
      expect(await predict({ inputs: [row, row] })).toEqual({ outputs: expected });
      expect(await predict({ inputs: { image: [row, row] } })).toEqual({ outputs: expected });
    }
  });

  it('takes and gives numbers that JSON lacks', async () => {
    const nan = await post('/v1/models/one:predict', '{"instances": [[[[NaN]]], [[[-Infinity]]]]}');
    expect(await nan.text()).toBe('{"predictions":[NaN,-Infinity]}');
  });

  it('classifies and regresses, pictures and numbers, and tells states and signatures', async () => {
    const picture = { b64: base64(await grayPicture(102, 'png')) };
    const verb = (target: string, body: unknown): Promise<unknown> => ask(`/v1/models/${target}`, body);
    const near = (value: number): unknown => expect.closeTo(value, 5);
    expect(await verb('one:classify', { examples: [{ image: picture }] })).toEqual({
      results: [[['bright', near(0.4)]]],
    });
    expect(await verb('one:regress', { context: { image: 51 }, examples: [{}, { image: [102] }] })).toEqual({
      results: [near(0.2), near(0.4)],
    });
    expect(await verb('boxes:predict', { inputs: { image: [picture] } })).toMatchObject({
      outputs: { scores: [[expect.closeTo(0.4, 1)]], labels: [['thing']] },
    });
    // Whole numbers must be read as floats by Python.
    const whole = await post('/v1/models/one:regress', JSON.stringify({ examples: [{ image: 255 }, { image: 0 }] }));
    expect(await whole.text()).toBe('{"results":[1.0,0.0]}');
    expect(await get('/v1/models/one/versions/1')).toEqual({
      model_version_status: [{ version: '1', state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' } }],
    });
    expect(await get('/v1/models/one/labels/stable/metadata')).toMatchObject({
      model_spec: { name: 'one', version: '1' },
      metadata: { signature_def: { signature_def: { serving_default: { inputs: { image: { dtype: 'DT_FLOAT' } } } } } },
    });
  });

  it.each([
    ['one:predict', { instances: [row], inputs: [row] }, 400, 'either "instances" or "inputs", got both'],
    ['one:predict', {}, 400, 'got neither'],
    ['one:predict', { instances: [] }, 400, '1 or more'],
    ['one:predict', { instances: [{ picture: row }] }, 400, 'inputs named [image], got "picture"'],
    ['one:predict', { instances: [{ image: row }, {}] }, 400, 'instances[1]'],
    ['one:predict', { instances: ['a'] }, 400, 'instances[0]: expected a number, got "a"'],
    ['one:predict', { instances: [{ b64: '*' }] }, 400, 'base64'],
    ['one:predict', { instances: [row], signature_name: 'other' }, 400, 'signature_name'],
    ['one:predict', { instances: [[1, 2]] }, 400, '[-1, 1, 1, 1]'],
    ['one:classify', { examples: [{ other: 1 }] }, 400, 'a feature "image"'],
    ['one:classify', { examples: [{ image: [1, 2] }] }, 400, '1 values'],
    ['boxes:regress', { examples: [{ image: 1 }] }, 400, '12288 values for [3, 64, 64]'],
    ['nobody:predict', { instances: [row] }, 404, 'nobody'],
    ['one/versions/9:predict', { instances: [row] }, 404, 'one@9'],
    ['one/labels/none:predict', { instances: [row] }, 404, 'one@none'],
    ['one:dance', {}, 404, 'nothing at'],
  ])('refuses %s %j', async (target, body, status, message) => {
    const response = await post(`/v1/models/${target}`, JSON.stringify(body));
    expect({ status: response.status, body: await response.json() }).toEqual({
      status,
      body: { error: expect.stringContaining(message), code: expect.any(String) },
    });
  });
});
