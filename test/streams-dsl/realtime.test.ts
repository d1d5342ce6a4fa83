import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Decision } from '../../cascade/index.ts';
import {
  cascade,
  deploy,
  file,
  type LiveOptions,
  mapFrames,
  pipeline,
  planPipelines,
} from '../../streams-dsl/index.ts';
import { frameCount, keepRows, makeSmallScene, middleBrightness, type SmallScene } from './small-scene.ts';

let scene: SmallScene;
beforeAll(async () => {
  scene = await makeSmallScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

/** No frame is ever asked about. */
const question = (): ReturnType<typeof cascade> =>
  cascade({
    label: 'person',
    reference: 'spots',
    skip: { every: 2 },
    differenceDetector: { deltaDiff: 20, tDiffFrames: 2 },
    specializedModel: { model: 'bright', cLow: middleBrightness, cHigh: middleBrightness },
    smoothingMs: 0,
  });
const rounded = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, part: unknown) => (typeof part === 'number' ? Number(part.toPrecision(5)) : part)),
  );

async function decisionsOf(
  live: LiveOptions | null,
  rewrites: 'all' | 'none',
): Promise<{ rows: Decision[]; ms: number }> {
  const rows: Decision[] = [];
  const source = live === null ? file(scene.footage) : file(scene.footage, { pace: 'realtime', live });
  const options = { models: scene.models, ...(rewrites === 'none' && { rewrites: [] }) };
  await using deployment = deploy(pipeline('door', source, question(), keepRows(rows)), options);
  const startedMs = performance.now();
  const { streams } = await deployment.run();
  const [stream] = streams;
  expect(stream?.dropped).toEqual({ stale: 0, superseded: 0, full: 0 });
  if (live === null) expect(stream?.lagMs).toBeNull();
  else expect(stream?.lagMs).toBeGreaterThanOrEqual(0);
  return { rows, ms: performance.now() - startedMs };
}

describe('a file that is played in real time', () => {
  it('gives the same decisions at its own pace, in the stream worker and in the main process', async () => {
    // Two seconds of footage: the queue takes all of it, however slow this machine is.
    const live = { mode: 'every-frame', limit: frameCount } as const;
    const [atOnce, fused, crossing] = await Promise.all([
      decisionsOf(null, 'all'),
      decisionsOf(live, 'all'),
      decisionsOf(live, 'none'),
    ]);
    expect(atOnce.rows).toHaveLength(frameCount);
    expect(rounded(fused.rows)).toEqual(rounded(atOnce.rows));
    expect(rounded(crossing.rows)).toEqual(rounded(atOnce.rows));
    for (const { ms } of [fused, crossing]) expect(ms).toBeGreaterThan(((frameCount - 2) / 25) * 1000);
  });

  it.each(['all', 'none'] as const)(
    'drops what grows stale while nobody takes decisions, and says so (rewrites: %s)',
    async which => {
      const rows: Decision[] = [];
      let open: () => void = () => undefined;
      const opened = new Promise<void>(resolve => (open = resolve));
      const source = file(scene.footage, { pace: 'realtime' });
      const sink = keepRows(rows, () => opened);
      const options = { models: scene.models, limit: 1, ...(which === 'none' && { rewrites: [] }) };
      await using deployment = deploy(pipeline('door', source, question(), sink), options);
      const running = deployment.run();
      // Frame 49 comes at 1.96 s, and is stale half a second later.
      const often = { interval: 20, timeout: 20_000 };
      await vi.waitFor(() => expect(deployment.status().streams[0]?.lagMs).toBeGreaterThan(2500), often);
      expect(deployment.status().streams[0]).toMatchObject({ state: 'running', inFlight: 1 });
      open();
      const { streams } = await running;
      const [stream] = streams;
      const defaulted = rows.filter(({ decidedBy }) => decidedBy === 'defaulted');
      expect(rows.map(({ frame }) => frame)).toEqual(Array.from({ length: frameCount }, (_, i) => i));
      expect(stream?.dropped).toEqual({ stale: defaulted.length, superseded: 0, full: 0 });
      expect(defaulted.length).toBeGreaterThan(0);
      for (const row of defaulted) expect(row).toMatchObject({ reason: 'stale' });
      // Only frames that are looked at can be dropped; without rewrites the reader knows of no skip.
      if (which === 'all') for (const { frame } of defaulted) expect(frame % 2).toBe(0);
      expect(stream?.mostInFlight).toBe(1);
    },
  );

  it('refuses what a camera cannot do', async () => {
    expect(() => file('x', { pace: 'realtime', workers: 2 })).toThrow('file() cannot take workers = 2');
    expect(() => file('x', { live: { mode: 'auto' } })).toThrow('file() cannot take live');
    expect(() => file('x', { pace: 'slow' as 'realtime' })).toThrow('file() cannot take pace = "slow"');
    const camera = file('x', { pace: 'realtime' });
    const keyframes = cascade({ label: 'person', reference: 'spots', skip: 'keyframes' });
    await expect(planPipelines([pipeline('door', camera, keyframes)], { models: scene.models })).rejects.toMatchObject({
      code: 'STREAMS_KEYFRAMES_UNFIT',
    });
  });

  it('crosses to a function of the user’s own', async () => {
    const seen: number[] = [];
    const pixels = { width: 4, height: 4, format: 'gray' } as const;
    const watch = mapFrames(({ frame }) => seen.push(frame), { pixels });
    const camera = file(scene.footage, { pace: 'realtime', live: { mode: 'freshest' } });
    await using deployment = deploy(pipeline('door', camera, watch));
    const { streams } = await deployment.run();
    const { superseded = 0, stale, full } = streams[0]?.dropped ?? {};
    expect([seen.length + superseded, stale, full]).toEqual([frameCount, 0, 0]);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
  });
});
