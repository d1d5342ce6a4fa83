import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hasRtspServer, RtspServer, sceneLaunch } from '../../bench/rtsp-server.ts';
import type { Decision } from '../../cascade/index.ts';
import { syntheticModelsFolder } from '../../fixtures/index.ts';
import {
  camera,
  checkPipelines,
  deploy,
  explain,
  type FrameItem,
  type Pipeline,
  pipeline,
  referenceModel,
  type StreamStatus,
  skip,
  tap,
  toMemory,
} from '../../streams-dsl/index.ts';

const models = syntheticModelsFolder();
const question = { model: 'synthetic-detector', predicate: { label: 'person' }, smoothingMs: 200 };

describe('camera()', () => {
  it('takes URLs of cameras alone, and names no password', () => {
    expect(camera('rtsp://10.0.0.7:554/stream2').description).toEqual({
      kind: 'camera',
      stream: '10.0.0.7',
      live: {},
      camera: { url: 'rtsp://10.0.0.7:554/stream2' },
    });
    for (const [url, options, said] of [
      ['rstp://door:s3cret@10.0.0.7/', {}, 'rstp://***@10.0.0.7/'],
      ['door.mp4', {}, 'door.mp4'],
      ['rtsp://door:s3cret@10.0.0.7/', { transport: 'carrier pigeon' }, 'transport'],
      ['rtsp://door:s3cret@10.0.0.7/', { stallTimeoutMs: 0 }, 'stallTimeoutMs'],
    ] as const) {
      const make = (): unknown => camera(url, options as never);
      expect(make).toThrow(said);
      expect(make).not.toThrow('s3cret');
    }
  });

  it('is described without its password, and checked without connecting', async () => {
    const open = pipeline('open', camera('rtsp://door:s3cret@10.0.0.7/a'), referenceModel(question), toMemory());
    const text = await explain([open], { models });
    expect(text).toContain('camera rtsp://***@10.0.0.7/a as stream 10.0.0.7, live (auto)');
    expect(text).not.toContain('s3cret');
    expect(await checkPipelines([open], { models })).toEqual([]);
    const unset = pipeline(
      'unset',
      camera('rtsp://$' + '{NO_SUCH_LOGIN}@10.0.0.7/a'),
      referenceModel(question),
      toMemory(),
    );
    expect(await checkPipelines([unset], { models })).toMatchObject([
      { place: 'source 1, camera()', error: { code: 'INGEST_CAMERA_CREDENTIALS' } },
    ]);
  });
});

describe.skipIf(!hasRtspServer())('a pipeline over a camera', () => {
  let server: RtspServer;

  beforeAll(async () => {
    server = await RtspServer.start({ mounts: { '/live': sceneLaunch() } });
  });

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  });

  /** Runs a pipeline, with the server killed and started again in between, until it has given enough. */
  async function run(one: Pipeline, rows: readonly Decision[]): Promise<StreamStatus> {
    await using deployment = deploy(one, { models });
    const running = deployment.run();
    await vi.waitUntil(() => rows.length > 20, 30_000);
    await server.kill();
    await vi.waitUntil(() => deployment.status().streams[0]?.camera?.status.state === 'reconnecting', 10_000);
    const before = rows.length;
    await server.start();
    await vi.waitUntil(() => rows.length > before + 30, 20_000);
    const [status] = deployment.status().streams;
    deployment.stop();
    await running;
    if (status === undefined) throw new Error('no stream');
    return status;
  }

  it.each(['in the stream worker', 'with frames that cross'])('answers each frame once, stages %s', async place => {
    const rows = toMemory<Decision>();
    const source = camera(server.url('/live'), { stream: 'door' });
    // A function of the user's keeps the stages apart: each frame crosses.
    const crossing = tap<FrameItem>(() => undefined);
    const stages = [skip({ every: 5 }), referenceModel(question)] as const;
    const one =
      place === 'in the stream worker'
        ? pipeline('door', source, ...stages, rows)
        : pipeline('door', source, crossing, ...stages, rows);
    const status = await run(one, rows.rows);
    expect(rows.rows.map(({ frame }) => frame)).toEqual(rows.rows.map((_, i) => i));
    expect(rows.rows.filter(({ decidedBy }) => decidedBy === 'referenced').length).toBeGreaterThan(5);
    expect(status).toMatchObject({ stream: 'door', state: 'running', camera: { counts: { reconnects: 1 } } });
    expect(status.lagMs).toBeLessThan(2000);
    expect(status.pids).toHaveLength(1);
  });
});
