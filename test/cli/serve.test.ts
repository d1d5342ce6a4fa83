import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syntheticModelsFolder } from '../../fixtures/index.ts';
import { encodeImage } from '../../ingest/index.ts';
import { type RunningCommand, saccade, startSaccade } from './saccade.ts';

const models = syntheticModelsFolder();
const token = 'a-token-of-the-test-0001';
let folder: string;
let served: RunningCommand;
let url: string;
let said: string;
const at = (name: string): string => join(folder, name);

/** Resolves with what was written until a line matches. */
function until(command: RunningCommand, line: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    command.process.stdout?.on('data', (part: string) => {
      text += part;
      if (line.test(text)) resolve(text);
    });
    command.result.then(({ stderr }) => reject(new Error(stderr)), reject);
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-serve-'));
  const bytes = new Uint8Array(160 * 96 * 3).map((_, i) => (i * 37) % 251);
  await writeFile(at('a.png'), await encodeImage({ width: 160, height: 96, bytes }, { format: 'png' }));
  const stages = `cascade({ label: 'person', reference: 'synthetic-detector', smoothingMs: 0 })`;
  await writeFile(
    at('two.ts'),
    `import { cascade, frames, pipeline, request } from 'saccade';
import { readFileSync } from 'node:fs';
const image = readFileSync(${JSON.stringify(at('a.png'))});
export const door = pipeline('door', request(), ${stages});
export const yard = pipeline('yard', frames([{ image, timestampUs: 0 }], { stream: 'yard' }));
`,
  );
  await writeFile(at('token'), token);
  const options = ['--models', models, '--port', '0', '--token-file', at('token')];
  served = startSaccade(['serve', at('two.ts'), ...options]);
  said = await until(served, /Ctrl-C ends/);
  url = /listening at (\S+),/.exec(said)?.[1] ?? '';
});
afterAll(async () => {
  served.process.kill('SIGTERM');
  await served.result;
  await rm(folder, { recursive: true, force: true });
});

interface Told {
  readonly timing?: unknown;
  readonly requestId?: unknown;
}
const json = (text: string): Told => {
  const { timing: _, requestId: __, ...rest } = JSON.parse(text) as Told;
  return rest;
};

describe('serve', () => {
  it('says what is where', () => {
    expect(said).toContain(', with a token\n');
    expect(said).toMatch(/^query {3}door: POST http:\/\/127\.0\.0\.1:\d+\/v1\/queries\/door:predict$/m);
    expect(said).toMatch(/^stream {2}yard: http.*\/v1\/streams\/yard$/m);
    expect(said).toMatch(/^model {3}synthetic-detector@1: http.*\/v2\/models\/synthetic-detector and /m);
  });

  it('answers as the command line does, and goes on when its streams have ended', async () => {
    const byServer = ['predict', at('a.png'), '--server', url, '--token-file', at('token'), '--json'];
    const [there, here] = await Promise.all([
      saccade(...byServer),
      saccade('predict', at('a.png'), '--pipeline', at('two.ts'), '--models', models, '--json'),
    ]);
    expect([there.stderr, here.stderr]).toEqual(['', '']);
    expect(json(there.stdout)).toEqual(json(here.stdout));
    expect(json(here.stdout)).toMatchObject({ query: 'door', answer: { decidedBy: 'referenced' } });
    const streams = await fetch(`${url}/v1/streams/yard`, { headers: { authorization: `Bearer ${token}` } });
    expect(await streams.json()).toMatchObject({ state: 'ended', frames: 1 });
  });

  it('ends when it is told to', async () => {
    const again = startSaccade(['serve', '--models', models, '--load', 'synthetic-person', '--port', '0', '--json']);
    const { url: own, ...rest } = JSON.parse(await until(again, /\n/)) as { url: string };
    expect(rest).toEqual({
      grpcAddress: null,
      needsToken: false,
      queries: [],
      streams: [],
      models: [{ name: 'synthetic-person', version: 1 }],
    });
    expect((await fetch(`${own}/readyz`)).status).toBe(200);
    again.process.kill('SIGINT');
    expect(await again.result).toMatchObject({ code: 130, stderr: '' });
  });

  it('refuses what would be open to all', async () => {
    const { code, stderr } = await saccade('serve', '--models', models, '--load', 'none', '--host', '0.0.0.0');
    expect([code, stderr]).toEqual([1, expect.stringContaining('error [SERVE_NOT_LOOPBACK]')]);
  });
});

describe('predict', () => {
  it('asks a model alone, about what a URL gives', async () => {
    const image = await encodeImage({ width: 64, height: 36, bytes: new Uint8Array(6912) }, { format: 'png' });
    const site = createServer((_, response) => void response.end(image)).listen(0, '127.0.0.1');
    await new Promise(resolve => site.once('listening', resolve));
    const location = `http://127.0.0.1:${(site.address() as AddressInfo).port}/a.png`;
    const { code, stdout, stderr } = await saccade(
      'predict',
      location,
      '--model',
      'synthetic-person',
      '--models',
      models,
    );
    site.close();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^model +synthetic-person@1\npicture +64x36 px\nconfidence +\S+\ntime +\S+ ms\n$/);
  });

  it('says what is wrong', async () => {
    const cases: [string[], number, string][] = [
      [['a.png', '--model', 'x', '--server', url], 2, 'expected one of --pipeline, --model and --server'],
      [[at('none.png'), '--model', 'synthetic-person'], 1, '[SERVE_IMAGE_UNREADABLE]'],
      [[at('a.png'), '--pipeline', at('two.ts'), '--query', 'yard'], 2, 'source is request(): door.'],
      [[at('a.png'), '--server', url, '--query', 'door'], 1, '[SERVE_UNAUTHORIZED]'],
      [[at('a.png'), '--server', url.replace(/\d+$/, '1'), '--query', 'door'], 1, '[SERVE_SERVER_UNREACHABLE]'],
    ];
    await Promise.all(
      cases.map(async ([args, code, text]) => {
        const told = await saccade('predict', ...args, '--models', models);
        expect([told.code, told.stderr]).toEqual([code, expect.stringContaining(text)]);
      }),
    );
  });
});
