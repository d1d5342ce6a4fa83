import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grayPicture, type ProtocolServer, startProtocolServer } from './protocols/protocol-server.ts';
import { hasPythonClients, peers, runPython, scriptPath } from './protocols/python-clients.ts';

const token = 'a-token-of-the-client-tests';
let folder: string;
let open: ProtocolServer;
let guarded: ProtocolServer;
const failures: unknown[] = [];

const jpeg = (): string => join(folder, 'gray-130.jpg');
const python = (environment: 'oip' | 'tfs', ...args: string[]): Promise<string> =>
  runPython(environment, 'python', { args, cwd: folder });
const grpcOf = ({ server }: ProtocolServer): string => server.grpcAddress ?? '';

describe.runIf(hasPythonClients)('clients in Python', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-clients-'));
    await writeFile(jpeg(), await grayPicture(130));
    await writeFile(join(folder, 'gray-30.png'), await grayPicture(30, 'png'));
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, token);
    const onFailure = (error: unknown): void => void failures.push(error);
    [open, guarded] = await Promise.all([
      startProtocolServer({ onFailure }),
      startProtocolServer({ onFailure, token: { file: tokenFile }, maxBodyBytes: 4 * 1024 ** 2 }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([open?.[Symbol.asyncDispose](), guarded?.[Symbol.asyncDispose]()]);
    await rm(folder, { recursive: true, force: true });
    expect(failures).toEqual([]);
  });

  it('tritonclient asks over HTTP and gRPC', async () => {
    const args = [guarded.address, grpcOf(guarded), token, jpeg(), join(folder, 'gray-30.png')];
    expect(await python('oip', scriptPath('oip_check.py'), ...args)).toBe('ok\n');
  });

  it('a client of TensorFlow Serving asks', async () => {
    expect(await python('tfs', scriptPath('tfs_check.py'), open.address, jpeg())).toBe('ok\n');
  });

  it.runIf(peers)('clients that were proved against other servers pass', async () => {
    const oip = join(peers ?? '', 'oip_client.py');
    const models = ['--tensor-model', 'small', '--jpeg-model', 'boxes', '--jpeg', jpeg()];
    const printed = await python('oip', oip, '--http', open.address, '--grpc', grpcOf(open), ...models);
    expect(printed).toMatch(/\n0 failed\n$/);
    expect(printed).not.toMatch(/^(?:FAIL|skip)/m);
  });

  it.runIf(peers)('clients of TensorFlow Serving that were written from its documents pass', async () => {
    const tfs = join(peers ?? '', 'tfs_client.py');
    const models = ['--model', 'small', '--label', 'stable', '--jpeg-model', 'boxes', '--jpeg', jpeg()];
    const examples = ['--classify-model', 'one', '--regress-model', 'one', '--feature', 'image'];
    const printed = await python('tfs', tfs, '--http', open.address, ...models, ...examples);
    expect(printed).toMatch(/\n0 failed\n$/);
    expect(printed).not.toMatch(/^(?:FAIL|skip)/m);
  });

  it('schemathesis finds the OpenAPI document kept, and no input that the server fails on', async () => {
    const limits = ['--seed', '1', '--max-examples', '4', '--exclude-path-regex', 'unload$'];
    const document = `http://${open.address}/openapi.json`;
    const args = ['--config-file', scriptPath('schemathesis.toml'), 'run', document, ...limits];
    const printed = await runPython('schemathesis', 'schemathesis', { args, cwd: folder });
    expect(printed).toMatch(/Tested: \d\d/);
    // Half a minute where nothing else runs.
  }, 300_000);
});
