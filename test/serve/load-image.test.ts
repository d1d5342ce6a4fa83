import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadImage } from '../../serve/index.ts';

const bytes = new Uint8Array([1, 2, 3, 4]);
let folder: string;
let site: Server;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-load-image-'));
  await writeFile(join(folder, 'a.png'), bytes);
  site = createServer(({ url: path, headers }, response) => {
    if (path === '/a.png') response.end(bytes);
    else if (path === '/none.png') response.writeHead(404).end();
    else if (path === '/user.png') response.end(headers.authorization);
    // Any other never ends.
    else response.write(bytes);
  }).listen(0, '127.0.0.1');
  await new Promise(resolve => site.once('listening', resolve));
  url = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
});
afterAll(async () => {
  site.closeAllConnections();
  site.close();
  await rm(folder, { recursive: true, force: true });
});

it('reads a file, or what a URL gives', async () => {
  expect([...(await loadImage({ location: join(folder, 'a.png') }))]).toEqual([...bytes]);
  expect([...(await loadImage({ location: `${url}/a.png`, maxBytes: 4 }))]).toEqual([...bytes]);
  const named = url.replace('://', '://me:a%40b@');
  const sent = Buffer.from(await loadImage({ location: `${named}/user.png` })).toString();
  expect(sent).toBe(`Basic ${Buffer.from('me:a@b').toString('base64')}`);
});

it('says why there is none, without a password', async () => {
  const named = url.replace('://', '://user:s3cret@');
  for (const [where, message] of [
    [{ location: join(folder, 'none.png') }, /none\.png cannot be read: ENOENT/],
    [{ location: `${url}/none.png` }, /got status 404/],
    [{ location: `${url}/a.png`, maxBytes: 3 }, /at most 3 bytes/],
    [{ location: `${url}/endless`, timeoutMs: 50 }, /timeout/],
    [{ location: 'http://127.0.0.1:1/a.png' }, /cannot be read/],
    [{ location: `${named}/none.png` }, /http:..\*\*\*@127.*status 404/],
  ] as const) {
    const error: unknown = await loadImage(where).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'SERVE_IMAGE_UNREADABLE', message: expect.stringMatching(message) });
    expect(String(error)).not.toContain('s3cret');
  }
  const signal = AbortSignal.abort(new Error('interrupted'));
  await expect(loadImage({ location: `${url}/a.png`, signal })).rejects.toThrow('interrupted');
});
