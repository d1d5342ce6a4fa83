import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  CascadeRun,
  type Decision,
  findModel,
  hashPlan,
  type PreparedPlan,
  parsePlan,
  preparePlan,
  StreamHost,
  type StreamHostMember,
} from '../../cascade/index.ts';
import { recordSyntheticFootage } from '../../fixtures/index.ts';
import { makeSmallScene, type SmallScene } from '../streams-dsl/small-scene.ts';

const frameCount = 200;
let scene: SmallScene;
let plan: PreparedPlan;
/** Two cameras, 200 frames each: more than the chunks that may be unanswered. */
let paths: string[];
beforeAll(async () => {
  scene = await makeSmallScene();
  paths = [];
  for (const seed of [7, 8]) {
    const path = join(scene.folder, `camera-${seed}.mp4`);
    const camera = { seed, profile: 'busy', width: 112, height: 64, durationSeconds: frameCount / 25 } as const;
    await recordSyntheticFootage(path, camera);
    paths.push(path);
  }
  const parsed = parsePlan(
    {
      schema: 'saccade/plan/1',
      name: 'hosted',
      predicate: { label: 'person', minScore: 0.5 },
      skip: { kind: 'every', tSkip: 1 },
      differenceDetector: {
        detector: { metric: { kind: 'global' }, width: 16, height: 16, format: 'gray' },
        reference: { kind: 'previous', tDiffFrames: 5 },
        deltaDiff: 4,
      },
      referenceModel: { model: 'spots', sha256: '0'.repeat(64) },
    },
    'of the test',
  );
  const { declaration } = await findModel('spots', scene.models);
  const pinned = { ...parsed, referenceModel: { ...parsed.referenceModel, sha256: declaration.sha256 } };
  plan = await preparePlan({ plan: pinned, hash: hashPlan(pinned), folder: scene.folder }, { models: scene.models });
});
afterAll(() => scene[Symbol.asyncDispose]());

/** How a cascade of these tests answers for the reference model. */
interface Answering {
  readonly member?: StreamHostMember;
  /** Answers wait for it. */
  readonly opened?: Promise<void>;
  readonly onAsk?: () => void;
}

/** Answers depend on the frame alone. */
function start(path: string, { member, opened, onAsk }: Answering = {}): Promise<CascadeRun> {
  return CascadeRun.start({
    plan,
    footage: { path },
    ask: async frame => {
      onAsk?.();
      await opened;
      return frame % 3 === 0 ? [{ label: 'person', score: 0.9, box: { x: 0, y: 0, width: 1, height: 1 } }] : [];
    },
    ...(member !== undefined && { launcher: member.launcher }),
  });
}

async function all(run: CascadeRun): Promise<Decision[]> {
  const decisions: Decision[] = [];
  for await (const batch of run.decisions()) decisions.push(...batch);
  return decisions;
}

async function alone(path: string): Promise<Decision[]> {
  await using run = await start(path);
  return await all(run);
}

/** A promise that is kept when told. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>(resolve => (open = resolve));
  return { opened, open };
}

describe('a stream worker of several streams', () => {
  it('decides as each stream alone does, through deaths of the process', async () => {
    const expected = await Promise.all(paths.map(alone));
    expect(new Set(expected.flat().map(({ decidedBy }) => decidedBy))).toEqual(new Set(['unchanged', 'referenced']));
    const { opened, open } = gate();
    const host = new StreamHost();
    // The first camera is read by two cascades, which decode it once.
    const [first = '', second = ''] = paths;
    const [one, two] = [host.host(2), host.host()];
    const members = [one.join(), one.join(), two.join()];
    const asks = [0, 0, 0];
    const starting = [first, first, second].map((path, i) => {
      const onAsk = (): void => {
        asks[i] = (asks[i] ?? 0) + 1;
      };
      return start(path, { member: members[i] as StreamHostMember, opened, onAsk });
    });
    const runs = await Promise.all(starting);
    const pids = (): number[] => runs.flatMap(run => run.pids.streamWorkers);
    expect(new Set(pids()).size).toBe(1);
    const taken = runs.map(all);
    const allAsk = async (deaths: number): Promise<void> => {
      const often = { interval: 5, timeout: 10_000 };
      await vi.waitFor(() => expect(runs.map(run => run.stats().restarts)).toEqual([deaths, deaths, deaths]), often);
      asks.fill(0);
      await vi.waitFor(() => expect(asks).not.toContain(0), often);
    };
    for (const deaths of [0, 1]) {
      await allAsk(deaths);
      const [pid] = pids();
      expect(pid).toBeGreaterThan(1);
      process.kill(pid as number, 'SIGKILL');
    }
    await allAsk(2);
    // Those that died together twice go on apart, but for those that decode together.
    expect(new Set(pids()).size).toBe(2);
    expect(pids()[0]).toBe(pids()[1]);
    open();
    expect(await Promise.all(taken)).toEqual([expected[0], expected[0], expected[1]]);
    expect(runs.map(run => run.stats().restarts)).toEqual([2, 2, 2]);
    for (const run of runs) await run[Symbol.asyncDispose]();
    expect(host.streams).toBe(2);
    for (const member of members) member[Symbol.dispose]();
    expect(host.streams).toBe(0);
  });

  it('goes on beside a stream that waits, one that fails and one that leaves, and takes new ones', async () => {
    const [first = '', second = ''] = paths;
    const host = new StreamHost();
    const { opened, open } = gate();
    const waiting = await start(first, { member: host.host().join(), opened });
    const decisions = all(waiting);
    const missing = join(scene.folder, 'missing.mp4');
    await expect(start(missing, { member: host.host().join() })).rejects.toMatchObject({
      code: 'INGEST_FILE_NOT_FOUND',
    });
    const leave = new AbortController();
    const leaving = await start(second, { member: host.host().join(), opened, onAsk: () => leave.abort() });
    for await (const _ of leaving.decisions({ signal: leave.signal }));
    await leaving[Symbol.asyncDispose]();
    const late = await start(second, { member: host.host().join() });
    expect(late.pids.streamWorkers).toEqual(waiting.pids.streamWorkers);
    expect(await all(late)).toEqual(await alone(second));
    await late[Symbol.asyncDispose]();
    open();
    expect(await decisions).toEqual(await alone(first));
    expect(waiting.stats().restarts).toBe(0);
    await waiting[Symbol.asyncDispose]();
    // The process has ended with its last program: the next one gets another.
    const next = await start(second, { member: host.host().join() });
    expect(await all(next)).toHaveLength(frameCount);
    await next[Symbol.asyncDispose]();
  });
});
