import { expect, it, vi } from 'vitest';
import { encodeImage } from '../../ingest/index.ts';
import { type ServeOptions, startServer } from '../../serve/index.ts';
import { deploy, mapFrames, pipeline, request } from '../../streams-dsl/index.ts';
import { call, post } from './call-server.ts';

/** A server whose only query answers when it is told to. */
async function slowServer(options: Partial<ServeOptions> = {}) {
  const image = await encodeImage({ width: 8, height: 8, bytes: new Uint8Array(192) }, { format: 'png' });
  let finish = (): void => undefined;
  const finished = new Promise<void>(resolve => (finish = resolve));
  let begin = (): void => undefined;
  const begun = new Promise<void>(resolve => (begin = resolve));
  const wait = mapFrames(
    async () => {
      begin();
      await finished;
      return 7;
    },
    { pixels: { width: 4, height: 4, format: 'gray' } },
  );
  const deployment = deploy(pipeline('slow', request(), wait));
  const server = await startServer({ deployment, port: 0, ...options });
  const ask = (): ReturnType<typeof call> => call(server, '/v1/queries/slow:predict', post(image, 'image/png'));
  return { server, deployment, image, ask, finish, begun };
}

it('answers what is under way before it stops, and takes nothing new', async () => {
  const { server, deployment, ask, finish, begun } = await slowServer();
  await using _ = deployment;
  const asked = ask();
  await begun;
  const stopped = server[Symbol.asyncDispose]();
  let isStopped = false;
  const watched = stopped.then(() => (isStopped = true));
  await expect(call(server, '/healthz')).rejects.toThrow('fetch failed');
  expect(isStopped).toBe(false);
  finish();
  expect((await asked).body).toMatchObject({ rows: [{ value: 7 }] });
  await watched;
  // A second time it is done at once.
  await server[Symbol.asyncDispose]();
});

it('cuts off what is not answered in time', async () => {
  const { server, deployment, ask, finish, begun } = await slowServer({ stopTimeoutMs: 30 });
  await using _ = deployment;
  const asked = ask();
  await begun;
  await Promise.all([expect(asked).rejects.toThrow('fetch failed'), server[Symbol.asyncDispose]()]);
  finish();
});

it('turns away what is more than it may have under way, and says when to come again', async () => {
  const { server, deployment, ask, finish, begun } = await slowServer({ maxRequests: 1 });
  await using _ = deployment;
  await using __ = server;
  const asked = ask();
  await begun;
  const { status, headers, body } = await ask();
  expect([status, headers.get('retry-after'), body['code']]).toEqual([503, '1', 'SERVE_OVERLOADED']);
  expect((await call(server, '/healthz')).status).toBe(200);
  finish();
  expect((await asked).status).toBe(200);
  expect((await ask()).status).toBe(200);
});

it('gives up what nobody waits for any more', async () => {
  const failures: unknown[] = [];
  const { server, deployment, image, finish, begun } = await slowServer({ onFailure: error => failures.push(error) });
  await using _ = deployment;
  await using __ = server;
  const execute = vi.spyOn(deployment, 'execute');
  const leaving = new AbortController();
  const init = { ...post(image, 'image/png'), signal: leaving.signal };
  const asked = call(server, '/v1/queries/slow:predict', init);
  await begun;
  leaving.abort();
  await expect(asked).rejects.toThrow('aborted');
  await expect(execute.mock.results[0]?.value).rejects.toMatchObject({ code: 'SERVE_CLIENT_GONE' });
  expect((await call(server, '/metrics')).text).toContain('saccade_http_requests_in_flight 1');
  expect(failures).toEqual([]);
  finish();
});
