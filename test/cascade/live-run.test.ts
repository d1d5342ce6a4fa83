import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { footageLaunch, hasRtspServer, RtspServer } from '../../bench/rtsp-server.ts';
import {
  type CascadePlan,
  type Decision,
  findModel,
  hashPlan,
  LiveRun,
  type LiveRunOptions,
  type PreparedPlan,
  parsePlan,
  preparePlan,
  smooth,
} from '../../cascade/index.ts';
import { recordSyntheticFootage, syntheticModelsFolder } from '../../fixtures/index.ts';
import type { CameraStatus } from '../../ingest/index.ts';

const models = syntheticModelsFolder();
let folder: string;
let server: RtspServer;
let sha256: string;

async function planOf(stages: Partial<CascadePlan>): Promise<PreparedPlan> {
  const plan = parsePlan(
    {
      schema: 'saccade/plan/1',
      name: 'person',
      predicate: { label: 'person', minScore: 0.4 },
      smoothingMs: 400,
      skip: { kind: 'every', tSkip: 2 },
      referenceModel: { model: 'synthetic-detector', sha256 },
      ...stages,
    },
    'of this test',
  );
  return preparePlan({ plan, hash: hashPlan(plan), folder }, { models });
}

const differenceDetector: CascadePlan['differenceDetector'] = {
  detector: { metric: { kind: 'global' }, width: 64, height: 64, format: 'gray' },
  reference: { kind: 'previous', tDiffFrames: 3 },
  deltaDiff: 30,
};

describe.skipIf(!hasRtspServer())('a cascade over a camera', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-live-'));
    const path = join(folder, 'busy.mp4');
    const camera = { seed: 5, profile: 'busy', width: 320, height: 180, durationSeconds: 30 } as const;
    await recordSyntheticFootage(path, { ...camera, keyframeIntervalSeconds: 0.8, bFrames: 0 });
    sha256 = (await findModel('synthetic-detector', models)).declaration.sha256;
    server = await RtspServer.start({ mounts: { '/live': footageLaunch(path) } });
  });

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs until `isEnough`, then lets it end as Ctrl-C would. */
  async function run(
    options: Omit<LiveRunOptions, 'camera'> & { readonly camera?: Partial<LiveRunOptions['camera']> },
    until: (live: LiveRun, decisions: readonly Decision[]) => Promise<void>,
  ): Promise<{ decisions: Decision[]; live: LiveRun; statuses: CameraStatus[] }> {
    const statuses: CameraStatus[] = [];
    const camera = { url: server.url('/live'), streamId: 'door', ...options.camera };
    await using live = await LiveRun.start({ ...options, camera, onStatus: status => statuses.push(status) });
    const decisions: Decision[] = [];
    const ending = new AbortController();
    const taken = (async () => {
      for await (const batch of live.decisions({ signal: ending.signal })) decisions.push(...batch);
    })();
    await Promise.race([until(live, decisions), taken]);
    ending.abort();
    await taken;
    return { decisions, live, statuses };
  }

  /** What holds of every run, by the rules alone. */
  function check(decisions: readonly Decision[], { frames }: { readonly frames: number }): void {
    expect(decisions.map(({ frame }) => frame)).toEqual(decisions.map((_, i) => i));
    expect(decisions.length).toBe(frames);
    const times = decisions.map(({ timestampUs }) => timestampUs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const raw = decisions.map(({ rawLabel }) => rawLabel);
    expect(decisions.map(({ label }) => label)).toEqual(smooth(times, raw, 400));
    for (const decision of decisions) {
      if (!('inheritedFrom' in decision)) continue;
      const from = decision.inheritedFrom;
      expect(decision.rawLabel).toBe(from === null ? false : raw[from]);
    }
  }

  it('answers every frame that arrives, in order, over a kill of the server and of the worker', async () => {
    const plan = await planOf({ differenceDetector });
    const { decisions, live, statuses } = await run({ plan }, async (running, so_far) => {
      await vi.waitUntil(() => so_far.length > 50, 20_000);
      await server.kill();
      await vi.waitUntil(() => running.status.state === 'reconnecting', 10_000);
      const before = so_far.length;
      // What waited for its window comes although nothing follows.
      await vi.waitUntil(() => so_far.length === running.counts.frames, 5000);
      await server.start();
      await vi.waitUntil(() => so_far.length > before + 50, 20_000);
      const [pid = 0] = running.pids.streamWorkers;
      process.kill(pid, 'SIGKILL');
      const atDeath = so_far.length;
      await vi.waitUntil(() => so_far.length > atDeath + 50, 20_000);
    });
    check(decisions, { frames: decisions.length });
    // What had arrived in the worker that was killed, and was not reported, is lost with it.
    expect(live.counts.frames).toBeGreaterThanOrEqual(decisions.length);
    expect(live.counts.frames).toBeLessThan(decisions.length + 50);
    expect(live.stats().restarts).toBe(1);
    const deciders = new Set(decisions.map(({ decidedBy }) => decidedBy));
    expect([...deciders]).toEqual(expect.arrayContaining(['skipped', 'unchanged', 'referenced']));
    expect(decisions.every(({ frame, decidedBy }) => (frame % 2 === 1) === (decidedBy === 'skipped'))).toBe(true);
    expect(statuses.map(({ state }) => state).slice(0, 2)).toEqual(['connecting', 'playing']);
    expect(statuses).toContainEqual(expect.objectContaining({ state: 'reconnecting', code: 'INGEST_CAMERA_ENDED' }));
  });

  it('drops by rule when the reference model is slow, counts it, and still answers every frame', async () => {
    const plan = await planOf({ skip: { kind: 'every', tSkip: 1 } });
    // One at a time, at half the rate of the camera.
    let last: Promise<unknown> = Promise.resolve();
    const ask = async (): Promise<[]> => {
      last = last.then(() => new Promise(resolve => setTimeout(resolve, 80)));
      await last;
      return [];
    };
    const { decisions, live } = await run({ plan, ask, live: { stalenessMs: 200 } }, async (_, so_far) => {
      await vi.waitUntil(() => so_far.length > 150, 30_000);
    });
    check(decisions, { frames: live.counts.frames });
    const stale = decisions.filter(one => one.decidedBy === 'defaulted' && one.reason === 'stale');
    expect(stale.length).toBeGreaterThan(10);
    expect(decisions.filter(({ decidedBy }) => decidedBy === 'referenced').length).toBeGreaterThan(10);
  });

  it('refuses keyframes', async () => {
    const plan = await planOf({ skip: { kind: 'keyframes' } });
    const start = LiveRun.start({ plan, camera: { url: server.url('/live') } });
    await expect(start).rejects.toMatchObject({ code: 'CASCADE_LIVE_KEYFRAMES' });
  });

  it('does not start without the credentials', async () => {
    const plan = await planOf({});
    const start = LiveRun.start({ plan, camera: { url: server.url('/live'), credentials: { env: 'NO_SUCH_LOGIN' } } });
    await expect(start).rejects.toMatchObject({
      code: 'INGEST_CAMERA_CREDENTIALS',
      message: expect.stringContaining('NO_SUCH_LOGIN'),
    });
  });
});
