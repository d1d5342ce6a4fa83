import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, type ServeOptions, startServer } from '../../serve/index.ts';
import { deploy } from '../../streams-dsl/index.ts';
import { type Answered, call, talk } from './call-server.ts';
import { selfSigned } from './self-signed.ts';

const token = 'a-token-of-the-test-0001';
let folder: string;
const running: RunningServer[] = [];

async function start(options: Partial<ServeOptions> = {}): Promise<RunningServer> {
  const server = await startServer({ deployment: deploy([]), port: 0, ...options });
  running.push(server);
  return server;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-serve-'));
  await writeFile(join(folder, 'tokens'), `${token}\n\nanother-token-of-the-test\n`);
});
afterEach(async () => {
  for (const server of running.splice(0)) await server[Symbol.asyncDispose]();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const bearer = (given: string): RequestInit => ({ headers: { authorization: `Bearer ${given}` } });

describe('a token', () => {
  it('is wanted for all but probes and the document', async () => {
    const server = await start({ token: { file: join(folder, 'tokens') } });
    for (const path of ['/v1/queries', '/v1/streams', '/metrics', '/nothing', '/healthz/x', '/docsx']) {
      for (const [init, got] of [
        [{}, 'no token'],
        [bearer('a-token-of-the-test-0002'), 'a wrong token'],
        [bearer(`${token}x`), 'a wrong token'],
        [{ headers: { authorization: `Basic ${token}` } }, 'another form'],
        [{ headers: { authorization: 'Bearer' } }, 'another form'],
      ] as const) {
        const { status, body, headers } = await call(server, path, init);
        expect([status, body['code']]).toEqual([401, 'SERVE_UNAUTHORIZED']);
        expect(body['error']).toContain(got);
        expect(headers.get('www-authenticate')).toBe('Bearer');
      }
    }
    expect((await call(server, '/v1/queries', bearer(token))).status).toBe(200);
    expect((await call(server, '/v1/queries', bearer('another-token-of-the-test'))).status).toBe(200);
    for (const path of ['/healthz', '/readyz', '/openapi.json', '/docs']) {
      expect((await call(server, path)).status).toBe(200);
    }
  });

  it('must be there and long enough', async () => {
    process.env['SACCADE_TEST_TOKEN'] = 'short';
    await expect(start({ token: { env: 'SACCADE_TEST_TOKEN' } })).rejects.toMatchObject({ code: 'SERVE_TOKEN_UNFIT' });
    delete process.env['SACCADE_TEST_TOKEN'];
    await expect(start({ token: { env: 'SACCADE_TEST_TOKEN' } })).rejects.toMatchObject({
      code: 'SINK_SECRET_MISSING',
    });
  });

  it('is needed to listen beyond this machine', async () => {
    for (const host of ['0.0.0.0', '::', '10.0.0.7', 'example.org']) {
      await expect(start({ host })).rejects.toMatchObject({
        code: 'SERVE_NOT_LOOPBACK',
        message: expect.stringContaining(host),
      });
    }
    const server = await start({ host: '0.0.0.0', token: { file: join(folder, 'tokens') } });
    const named = { url: server.url.replace('0.0.0.0', '127.0.0.1') };
    expect((await call(named, '/v1/queries', bearer(token))).status).toBe(200);
    expect((await start({ host: 'localhost' })).url).toMatch(/^http:\/\/localhost:\d+$/);
  });
});

describe('without a token', () => {
  it('web pages are kept out', async () => {
    const server = await start();
    const { host } = new URL(server.url);
    const ask = (headers: string): Promise<string> =>
      talk(server, `POST /v1/streams/x:stop HTTP/1.1\r\n${headers}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    expect(await ask('Host: evil.example')).toMatch(/^HTTP\/1\.1 403 .*SERVE_ORIGIN_REFUSED/s);
    expect(await ask('Host: 127.0.0.1.evil.example:80')).toMatch(/^HTTP\/1\.1 403 /);
    expect(await ask(`Host: ${host}\r\nOrigin: https://evil.example`)).toMatch(/^HTTP\/1\.1 403 .*Origin/s);
    expect(await ask(`Host: ${host}\r\nOrigin: null`)).toMatch(/^HTTP\/1\.1 403 /);
    expect(await ask(`Host: ${host}\r\nOrigin: http://${host}`)).toMatch(/^HTTP\/1\.1 404 .*SERVE_STREAM_UNKNOWN/s);
    for (const own of ['localhost', '[::1]:80', '127.1.2.3:8080']) {
      expect(await ask(`Host: ${own}`)).toMatch(/^HTTP\/1\.1 404 .*SERVE_STREAM_UNKNOWN/s);
    }
  });
});

describe('a client', () => {
  it('that sends slowly is cut off', async () => {
    const server = await start({ requestTimeoutMs: 100 });
    const { host } = new URL(server.url);
    const head = `POST /v1/queries/x:predict HTTP/1.1\r\nHost: ${host}\r\n`;
    for (const part of [head, `${head}Content-Type: image/png\r\nContent-Length: 50\r\n\r\nabc`]) {
      expect(await talk(server, part)).toMatch(/^HTTP\/1\.1 408 .*within 100 ms.*SERVE_REQUEST_TIMEOUT/s);
    }
    expect((await call(server, '/healthz')).status).toBe(200);
  });

  it('that speaks no HTTP is told so', async () => {
    const server = await start();
    expect(await talk(server, 'hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*"code":"SERVE_REQUEST_INVALID"/s);
    const long = `GET / HTTP/1.1\r\nHost: x\r\nx-long: ${'a'.repeat(20_000)}\r\n\r\n`;
    expect(await talk(server, long)).toMatch(/^HTTP\/1\.1 431 /);
    expect((await call(server, '/healthz')).status).toBe(200);
  });

  it('that asks too often waits, a wrong token counted too', async () => {
    const server = await start({ rateLimit: 3, token: { file: join(folder, 'tokens') } });
    const answers: Answered[] = [];
    for (let i = 0; i < 5; i++) answers.push(await call(server, '/v1/queries', bearer('wrong')));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 429, 429]);
    expect(answers.at(-1)?.body['code']).toBe('SERVE_RATE_LIMITED');
    expect(answers.at(-1)?.headers.get('retry-after')).toBe('1');
  });

  it('names its request, if fitly', async () => {
    const server = await start();
    const named = async (id: string): Promise<string | null> =>
      (await call(server, '/healthz', { headers: { 'x-request-id': id } })).headers.get('x-request-id');
    expect(await named('trace/1:a=b')).toBe('trace/1:a=b');
    for (const unfit of ['two words', 'a'.repeat(129), '<script>']) expect(await named(unfit)).not.toBe(unfit);
    const ids = [await named('"'), await named('"')];
    expect(new Set(ids).size).toBe(2);
  });
});

describe('a server', () => {
  it('speaks TLS', async () => {
    const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
    const { cert, key } = selfSigned();
    await writeFile(files.cert, cert);
    await writeFile(files.key, key);
    const { url } = await start({ tls: files });
    expect(url).toMatch(/^https:/);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const asked = httpsRequest(`${url}/healthz`, { ca: cert, servername: 'localhost' }, ({ statusCode }) =>
        resolve(statusCode),
      );
      asked.on('error', reject).end();
    });
    expect(status).toBe(200);
    await expect(start({ tls: { ...files, key: files.cert } })).rejects.toMatchObject({ code: 'SERVE_TLS_UNUSABLE' });
    await expect(start({ tls: { ...files, key: join(folder, 'none.pem') } })).rejects.toMatchObject({
      code: 'SERVE_TLS_UNUSABLE',
      message: expect.stringContaining('none.pem'),
    });
    expect(await readFile(files.cert, 'utf8')).toBe(cert);
  });

  it('says which option cannot be', async () => {
    for (const [option, value] of [
      ['port', 65_536],
      ['port', -1],
      ['maxBodyBytes', 0],
      ['requestTimeoutMs', 0.5],
      ['rateLimit', 0],
      ['maxRequests', Number.NaN],
      ['stopTimeoutMs', -1],
    ] as const) {
      await expect(start({ [option]: value })).rejects.toMatchObject({
        code: 'SERVE_OPTION_INVALID',
        message: expect.stringContaining(`${option} = ${value}`),
      });
    }
    const { url } = await start();
    await expect(start({ port: Number(new URL(url).port) })).rejects.toMatchObject({ code: 'SERVE_ADDRESS_UNUSABLE' });
  });
});
