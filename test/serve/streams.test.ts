import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeImage } from '../../ingest/index.ts';
import { type RunningServer, type StreamBody, startServer } from '../../serve/index.ts';
import { type Deployment, deploy, type EncodedFrame, frames, pipeline, request, tap } from '../../streams-dsl/index.ts';
import { call } from './call-server.ts';

let deployment: Deployment;
let server: RunningServer;
let running: Promise<unknown>;
let passed = 0;
let onPassed = (): void => undefined;

/** Resolves when so many frames have passed since the start. */
async function until(count: number): Promise<void> {
  while (passed < count) await new Promise<void>(resolve => (onPassed = resolve));
}

beforeAll(async () => {
  const image = await encodeImage({ width: 8, height: 8, bytes: new Uint8Array(192) }, { format: 'png' });
  function* endless(): Generator<EncodedFrame> {
    for (let i = 0; ; i++) yield { image, timestampUs: i * 1000 };
  }
  const count = tap(() => {
    passed++;
    onPassed();
  });
  deployment = deploy([
    pipeline('a', frames(endless(), { stream: 'yard 1/2' }), count),
    pipeline('asked', request({ stream: 'asked' })),
  ]);
  server = await startServer({ deployment, port: 0 });
  running = deployment.run();
  await until(1);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await deployment[Symbol.asyncDispose]();
});

const path = `/v1/streams/${encodeURIComponent('yard 1/2')}`;
const act = async (action: string): Promise<StreamBody> => {
  const { status, body } = await call(server, `${path}:${action}`, { method: 'POST' });
  expect(status).toBe(200);
  return body as unknown as StreamBody;
};

it('lists the streams, not the requests', async () => {
  const { body } = await call(server, '/v1/streams');
  expect(body).toEqual({
    streams: [
      {
        id: 'yard 1/2',
        state: 'running',
        camera: null,
        frames: expect.any(Number),
        inFlight: expect.any(Number),
        dropped: { stale: 0, superseded: 0, full: 0 },
        lagMs: null,
        readings: 1,
        errorCode: null,
      },
    ],
  });
});

it('pauses, resumes and stops one', async () => {
  expect((await act('pause')).state).toBe('paused');
  // What is under way is finished; then nothing comes.
  const inFlight = async (): Promise<number> => (await call(server, path)).body['inFlight'] as number;
  while ((await inFlight()) > 0);
  const paused = passed;
  await call(server, path);
  expect(passed).toBe(paused);
  expect((await act('resume')).state).toBe('running');
  await until(paused + 5);
  const { text } = await call(server, '/metrics');
  expect(text).toContain('saccade_stream_up{stream="yard 1/2"} 1');
  await act('stop');
  await running;
  expect((await call(server, path)).body).toMatchObject({ state: 'ended', frames: passed });
  expect((await call(server, '/metrics')).text).toContain(`saccade_frames_received_total{stream="yard 1/2"} ${passed}`);
});

it('says which there are', async () => {
  for (const [at, method] of [
    ['/v1/streams/x', 'GET'],
    ['/v1/streams/asked', 'GET'],
    ['/v1/streams/x:pause', 'POST'],
  ] as const) {
    const { status, body } = await call(server, at, { method });
    expect([status, body['code'], body['error']]).toEqual([
      404,
      'SERVE_STREAM_UNKNOWN',
      expect.stringContaining('expected one of yard 1/2'),
    ]);
  }
  const { status, headers } = await call(server, `${path}:pause`);
  expect([status, headers.get('allow')]).toEqual([405, 'POST']);
});
