import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Decision } from '../../cascade/index.ts';
import {
  cascade,
  type Deployment,
  deploy,
  file,
  type Pipeline,
  pipeline,
  type StreamStatus,
} from '../../streams-dsl/index.ts';
import { frameCount, keepRows, makeSmallScene, middleBrightness, type SmallScene } from './small-scene.ts';

let scene: SmallScene;
beforeAll(async () => {
  scene = await makeSmallScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

const often = { interval: 10, timeout: 20_000 };

/** A pipeline on a stream of its own whose sink waits until it is opened. */
function waiting(name: string, path: string): { pipeline: Pipeline<Decision>; rows: Decision[]; open(): void } {
  const rows: Decision[] = [];
  let open: () => void = () => undefined;
  const opened = new Promise<void>(resolve => (open = resolve));
  const { differenceDetector, ...rest } = {
    differenceDetector: { deltaDiff: 20, tDiffFrames: 2 },
    specializedModel: { model: 'bright', cLow: middleBrightness, cHigh: middleBrightness },
    smoothingMs: 0,
  };
  const question = cascade({ label: 'person', reference: 'spots', differenceDetector, ...rest });
  const sink = keepRows(rows, () => opened);
  return { pipeline: pipeline(name, file(path, { stream: name }), question, sink), rows, open };
}

function streamOf(deployment: Deployment, stream: string): StreamStatus | undefined {
  return deployment.status().streams.find(one => one.stream === stream);
}

describe('several cameras in a worker', () => {
  it('are packed in their order, and start, fail, pause, leave and join each by itself', async () => {
    const [a, b, c, e] = ['a', 'b', 'c', 'e'].map(name => waiting(name, scene.footage));
    const missing = waiting('d', join(scene.folder, 'missing.mp4'));
    if (a === undefined || b === undefined || c === undefined || e === undefined) throw new Error('not made');
    const pipelines = [a, b, c, missing].map(one => one.pipeline);
    await using deployment = deploy(pipelines, { models: scene.models, streamsPerWorker: 2, limit: 4 });
    const running = deployment.run();
    running.catch(() => undefined);
    const pidsOf = (stream: string): readonly number[] | undefined => streamOf(deployment, stream)?.pids;
    const isFull = (stream: string): Promise<void> =>
      vi.waitFor(() => expect(streamOf(deployment, stream)).toMatchObject({ state: 'running', inFlight: 4 }), often);
    await Promise.all(['a', 'b', 'c'].map(isFull));
    await vi.waitFor(() => expect(streamOf(deployment, 'd')?.state).toBe('failed'), often);
    expect(pidsOf('a')).toHaveLength(1);
    expect(pidsOf('b')).toEqual(pidsOf('a'));
    expect(pidsOf('c')).toHaveLength(1);
    expect(pidsOf('c')).not.toEqual(pidsOf('a'));

    deployment.pause('b');
    const paused = streamOf(deployment, 'b')?.frames;
    expect(paused).toBeLessThan(frameCount);
    deployment.remove('a');
    await vi.waitFor(() => expect(pidsOf('a')).toEqual([]), often);
    // It takes the place that is free.
    await deployment.add(e.pipeline);
    await isFull('e');
    expect(pidsOf('e')).toEqual(pidsOf('b'));

    for (const one of [a, b, c, e]) one.open();
    await vi.waitFor(() => expect(streamOf(deployment, 'c')?.state).toBe('ended'), often);
    await vi.waitFor(() => expect(streamOf(deployment, 'e')?.state).toBe('ended'), often);
    expect(streamOf(deployment, 'b')).toMatchObject({ state: 'paused', frames: paused });
    deployment.resume('b');
    await expect(running).rejects.toMatchObject({ code: 'INGEST_FILE_NOT_FOUND' });
    expect([b, c, e].map(({ rows }) => rows.length)).toEqual([frameCount, frameCount, frameCount]);
    expect(a.rows.length).toBeLessThan(frameCount);
    const states = deployment.status().pipelines.map(({ pipeline: name, state }) => [name, state]);
    expect(Object.fromEntries(states)).toEqual({
      a: 'removed',
      b: 'completed',
      c: 'completed',
      d: 'failed',
      e: 'completed',
    });
    // What each gave is what it gives in a worker of its own.
    const alone = waiting('b', scene.footage);
    alone.open();
    await using other = deploy(alone.pipeline, { models: scene.models });
    await other.run();
    expect(b.rows).toEqual(alone.rows);
  });

  it('stop together, and what is under way is written', async () => {
    const [a, b] = [waiting('a', scene.footage), waiting('b', scene.otherFootage)];
    const options = { models: scene.models, streamsPerWorker: 8, limit: 4 };
    await using deployment = deploy([a.pipeline, b.pipeline], options);
    const running = deployment.run();
    await vi.waitFor(() => expect(deployment.status().streams.map(({ inFlight }) => inFlight)).toEqual([4, 4]), often);
    deployment.stop();
    a.open();
    b.open();
    const { streams } = await running;
    expect(streams.map(({ state, inFlight }) => [state, inFlight])).toEqual([
      ['ended', 0],
      ['ended', 0],
    ]);
    expect([a.rows.length, b.rows.length]).toEqual(streams.map(({ frames }) => frames));
    expect(a.rows.length).toBeLessThan(frameCount);
  });

  it('are a whole number', () => {
    expect(() => deploy([], { streamsPerWorker: 0 })).toThrow('deploy cannot take streamsPerWorker = 0');
  });
});
