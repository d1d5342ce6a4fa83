import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seeded } from '../../cascade/random.ts';
import { grayPicture, type ProtocolServer, smallScore, startProtocolServer } from './protocol-server.ts';

let running: ProtocolServer;
const failures: unknown[] = [];

beforeAll(async () => {
  running = await startProtocolServer({ maxBodyBytes: 2 ** 20, onFailure: error => void failures.push(error) });
});
afterAll(async () => {
  await running[Symbol.asyncDispose]();
});

/** A seeded source of chance. */
class Chance {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  of<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }
}

const odd: readonly unknown[] = [
  null,
  true,
  '',
  'NaN',
  'image',
  '\u0000\ud800',
  'x'.repeat(5000),
  0,
  -1,
  1.5,
  2 ** 53,
  1e308,
  [],
  {},
  [[]],
  { b64: 7 },
  { b64: '!!' },
  { __proto__: null, constructor: 1 },
  [[1], [2, 3]],
];

/** A copy in which some things are replaced, left out, repeated or nested. */
function broken(value: unknown, chance: Chance): unknown {
  if (chance.below(9) === 0) return chance.of(odd);
  if (Array.isArray(value)) {
    const items = value.slice(0, 40).map(item => broken(item, chance));
    if (chance.below(8) === 0) items.pop();
    if (chance.below(8) === 0) items.push(chance.of(odd));
    return items;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([name, field]) => [name, broken(field, chance)] as const);
    return Object.fromEntries(entries.filter(() => chance.below(12) > 0));
  }
  if (typeof value === 'number' && chance.below(6) === 0) return chance.of([-value, value * 2 ** 40, value + 0.5, 0]);
  return value;
}

interface Sent {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** Over `node:http`, since it sends any header as it is told. */
async function send({ path, headers = {}, body }: Sent): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const url = new URL(path, running.server.url);
    const sent = request(url, { method: 'POST', headers: { ...headers, 'content-length': Buffer.byteLength(body) } });
    sent.on('error', reject);
    sent.on('response', response => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
    });
    sent.end(body);
  });
}

/** Sends each; all must be answered, by 200 or by an error that the client made and is told in words. */
async function survives(requests: readonly Sent[]): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  for (let at = 0; at < requests.length; at += 16) {
    await Promise.all(
      requests.slice(at, at + 16).map(async one => {
        const { status, text } = await send(one);
        counts.set(status, (counts.get(status) ?? 0) + 1);
        const shown = `${one.path} ${JSON.stringify(one.headers)} ${String(one.body).slice(0, 500)} -> ${status} ${text}`;
        if (status === 200) return;
        if (status < 400 || status > 499) throw new Error(shown);
        const { error } = JSON.parse(text) as { error: unknown };
        if (typeof error !== 'string' || error === '' || /\/tmp|node:|\.js:|at .*\(/.test(error))
          throw new Error(shown);
      }),
    );
  }
  expect(failures).toEqual([]);
  return counts;
}

const row = Array.from({ length: 3 }, () => Array.from({ length: 50 }, () => new Array(50).fill(0.25)));

it('no JSON of OIP brings it down', async () => {
  const chance = new Chance(1);
  const good = {
    id: 'a',
    parameters: { binary_data_output: false, timeout: 10_000_000 },
    inputs: [{ name: 'image', datatype: 'FP32', shape: [1, 1, 1, 1], parameters: { x: 1 }, data: [0.5] }],
    outputs: [{ name: 'confidence', parameters: { binary_data: true } }],
  };
  const pictures = {
    inputs: [
      { name: 'image', datatype: 'BYTES', shape: [1], data: [Buffer.from(await grayPicture(9)).toString('base64')] },
    ],
  };
  const requests = Array.from({ length: 600 }, (_, i) => ({
    path: `/v2/models/${i % 3 === 0 ? 'boxes' : 'one'}/infer`,
    body: JSON.stringify(broken(i % 3 === 0 ? pictures : good, chance)),
  }));
  const counts = await survives(requests);
  expect(counts.get(200)).toBeGreaterThan(10);
  expect(counts.get(400)).toBeGreaterThan(200);
});

it('no binary tensors bring it down', async () => {
  const chance = new Chance(2);
  const picture = await grayPicture(9);
  const requests = Array.from({ length: 600 }, () => {
    const datatype = chance.of(['FP32', 'BYTES', 'BOOL', 'FP16', 'INT64', 'FP33']);
    const data = Buffer.concat([Buffer.from(Uint32Array.of(chance.below(3) * picture.length).buffer), picture]);
    if (chance.below(3) === 0) data.writeUInt32LE(chance.below(2 ** 32 - 1), chance.below(8));
    const shape = chance.of([
      [1],
      [1, 1],
      [0],
      [-1],
      [2 ** 31, 2 ** 31],
      [4, 1, 1, 1],
      [1, 1, 1, 1],
      new Array(40).fill(1),
    ]);
    const size = chance.of([data.length, 4, 0, -4, 16, 2 ** 40, '4', null]);
    const head = JSON.stringify({
      inputs: [{ name: 'image', datatype, shape, parameters: { binary_data_size: size } }],
    });
    const length = chance.of([
      head.length,
      0,
      1,
      head.length - 1,
      head.length + data.length,
      2 ** 40,
      '-1',
      '0x10',
      'NaN',
      '',
    ]);
    return {
      path: `/v2/models/${chance.of(['one', 'boxes', 'small'])}/infer`,
      headers: { 'inference-header-content-length': String(length) },
      body: Buffer.concat([Buffer.from(head), data.subarray(0, chance.below(data.length + 1))]),
    };
  });
  const counts = await survives(requests);
  expect(counts.get(400)).toBeGreaterThan(300);
});

it('no rows, columns or examples bring it down', async () => {
  const chance = new Chance(3);
  const picture = { b64: Buffer.from(await grayPicture(9)).toString('base64') };
  const bodies: readonly (readonly [string, unknown])[] = [
    ['one:predict', { signature_name: 'serving_default', instances: [[[[1]]], [[[2]]]] }],
    ['one:predict', { inputs: { image: [[[[1]]]] } }],
    ['boxes:predict', { instances: [{ image: picture }, { image: picture }] }],
    ['boxes/labels/stable:predict', { inputs: { image: [picture] } }],
    ['one/versions/1:classify', { context: { image: 3 }, examples: [{ image: [1] }, {}] }],
    ['one:regress', { examples: [{ image: picture }] }],
    ['boxes:regress', { examples: [{ image: picture }] }],
    ['boxes:classify', { examples: [{ image: [picture] }] }],
  ];
  const requests = Array.from({ length: 600 }, (_, i) => {
    const [target, body] = bodies[i % bodies.length] as readonly [string, unknown];
    return { path: `/v1/models/${target}`, body: JSON.stringify(broken(body, chance)) };
  });
  const counts = await survives(requests);
  expect(counts.get(200)).toBeGreaterThan(10);
  expect(counts.get(400)).toBeGreaterThan(200);
});

it('no bytes, nesting, compression or size brings it down', async () => {
  const chance = new Chance(4);
  const { gzipSync } = await import('node:zlib');
  const bomb = gzipSync(Buffer.alloc(64 * 1024 ** 2));
  const noise = (): Buffer => Buffer.from(Array.from({ length: chance.below(300) }, () => chance.below(256)));
  const targets = ['/v2/models/one/infer', '/v1/models/one:predict', '/v2/repository/index', '/v1/models/one:classify'];
  const requests = Array.from({ length: 200 }, (): Sent => {
    const path = chance.of(targets);
    const deep = '['.repeat(200_000);
    return chance.of<Sent>([
      { path, body: noise() },
      { path, body: noise(), headers: { 'content-encoding': chance.of(['gzip', 'deflate', 'br', 'x'.repeat(100)]) } },
      { path, body: `{"inputs":${deep}` },
      { path, body: `{"inputs":${deep}${']'.repeat(200_000)}}` },
      { path, body: `{"instances":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}` },
      { path, body: `{"examples":[{"image":${deep}${']'.repeat(200_000)}}]}` },
      { path: '/v2/models/one/infer', body: noise(), headers: { 'inference-header-content-length': '0' } },
      { path: `/v2/models/${encodeURIComponent(noise().toString('latin1'))}/infer`, body: '{}' },
      {
        path: `/v2/repository/models/${chance.of(['..', '%2e%2e%2fone', '%2Fetc', 'one@1', 'boxes%00'])}/load`,
        body: '',
      },
    ]);
  });
  await survives(requests);
  const sizes: Sent[] = [
    { path: '/v2/models/one/infer', body: bomb, headers: { 'content-encoding': 'gzip' } },
    { path: '/v1/models/one:predict', body: new Uint8Array(2 ** 20 + 1) },
  ];
  expect(await survives(sizes)).toEqual(new Map([[413, 2]]));
});

it('answers as before after all that', async () => {
  const { status, text } = await send({ path: '/v1/models/small:predict', body: JSON.stringify({ instances: [row] }) });
  expect(status).toBe(200);
  const { predictions } = JSON.parse(text) as { predictions: number[][] };
  expect(predictions).toEqual([[expect.closeTo(smallScore(0.25), 6)]]);
  expect((await running.models.index()).map(({ name, state }) => `${name} ${state}`)).toEqual([
    'boxes AVAILABLE',
    'one AVAILABLE',
    'small AVAILABLE',
  ]);
});
