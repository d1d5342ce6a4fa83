import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeImage } from '../../ingest/index.ts';
import type { Sink } from '../../sinks/index.ts';
import {
  deploy,
  type EncodedFrame,
  type FrameValue,
  file,
  filter,
  frames,
  join,
  map,
  mapFrames,
  pipeline,
  referenceModel,
  type SinkFactory,
  toMemory,
  toWebhook,
} from '../../streams-dsl/index.ts';
import { deadUrl } from '../sinks/webhook-server.ts';
import { recordDrops } from './record-drops.ts';
import { keepRows, makeSmallScene, type SmallScene } from './small-scene.ts';

const pixels = { width: 8, height: 8, format: 'gray' } as const;
const png = await encodeImage(
  { width: 16, height: 16, bytes: new Uint8Array(16 * 16 * 3).fill(90) },
  { format: 'png' },
);

/** Images that are 100 ms apart. */
function images(count: number): EncodedFrame[] {
  return Array.from({ length: count }, (_, i) => ({ image: png, timestampUs: i * 100_000 }));
}

const brightness = mapFrames(({ pixels: [first = 0] }) => first, { pixels });
const framesOf = (rows: readonly { readonly frame: number }[]): number[] => rows.map(({ frame }) => frame);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

let scene: SmallScene;
beforeAll(async () => {
  scene = await makeSmallScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

it('lets a pipeline fail alone, and says why', async () => {
  using record = recordDrops();
  const source = frames(images(6), { stream: 'door' });
  const failOn = (bad: number) => (row: FrameValue<number>) => {
    if (row.frame === bad) throw new RangeError('too bright');
    return row;
  };
  const rows = toMemory<FrameValue<number>>();
  const fewer = toMemory<FrameValue<number>>();
  const loose = filter as unknown as (holds: () => Promise<boolean>) => ReturnType<typeof filter<FrameValue<number>>>;
  const deployment = deploy([
    pipeline('good', source, brightness, rows),
    pipeline('drops', source, brightness, map(failOn(2), { onError: 'drop' }), fewer),
    pipeline('throws', source, brightness, map(failOn(3))),
    pipeline(
      'promises',
      source,
      brightness,
      loose(() => Promise.reject(new Error('later'))),
    ),
    pipeline('down', source, brightness, toWebhook(await deadUrl(), { attempts: 1 })),
  ]);
  await expect(deployment.run()).rejects.toMatchObject({ code: 'STREAMS_FUNCTION_FAILED' });
  const { pipelines, streams } = deployment.status();
  await deployment[Symbol.asyncDispose]();
  expect(pipelines.map(({ state }) => state)).toEqual(['completed', 'completed', 'failed', 'failed', 'failed']);
  expect(String(pipelines[2]?.error)).toContain(
    'map failed on frame 3 of door: its function threw RangeError: too bright',
  );
  expect(String(pipelines[3]?.error)).toContain(
    'filter failed on frame 0 of door: its function threw TypeError: it gave a promise',
  );
  expect(pipelines[4]?.error).toMatchObject({ code: 'SINK_UNDELIVERED' });
  expect(framesOf(rows.rows)).toEqual(upTo(6));
  expect(framesOf(fewer.rows)).toEqual([0, 1, 3, 4, 5]);
  expect(record.drops).toMatchObject([{ reason: 'failed', operator: { kind: 'map' }, item: { frame: 2 } }]);
  expect(streams.map(({ state, inFlight }) => [state, inFlight])).toEqual([['ended', 0]]);
});

it('makes frames on which a function throws or never answers failed ones, and goes on', async () => {
  const rows = toMemory<FrameValue<number>>();
  const aborted: number[] = [];
  const moody = mapFrames<number>(
    function moody({ frame, signal }) {
      if (frame === 1) throw new Error('moody');
      if (frame === 2) return Promise.reject(new Error('moodier'));
      if (frame !== 3) return frame;
      signal.addEventListener('abort', () => aborted.push(frame));
      return new Promise(() => undefined);
    },
    { pixels, deadlineMs: 20 },
  );
  await using deployment = deploy(pipeline('moody', frames(images(6), { stream: 'door' }), moody, rows));
  await deployment.run();
  expect(rows.rows.map(row => (row.decidedBy === 'mapped' ? row.value : row.code))).toEqual([
    0,
    'STREAMS_FRAME_FUNCTION_FAILED',
    'STREAMS_FRAME_FUNCTION_FAILED',
    'STREAMS_FRAME_FUNCTION_DEADLINE',
    4,
    5,
  ]);
  expect(rows.rows[3]).toMatchObject({
    message: 'The function moody gave no answer for frame 3 of door within 20 ms.',
  });
  expect(aborted).toEqual([3]);
});

it('starts nothing when a sink cannot be opened, and closes the ones that could', async () => {
  let read = 0;
  let closed = 0;
  const source = frames(
    (function* () {
      for (const image of images(3)) {
        read++;
        yield image;
      }
    })(),
  );
  const opened: SinkFactory<unknown> = {
    description: { kind: 'toNowhere', options: {} },
    open: async () => ({
      ...(await keepRows([]).open()),
      [Symbol.asyncDispose]: async () => {
        closed++;
      },
    }),
  };
  const broken: SinkFactory<unknown> = {
    description: { kind: 'toNowhere', options: {} },
    open: () => Promise.reject(new Error('no such disk')),
  };
  await using deployment = deploy(pipeline('a', source, brightness, opened, broken));
  await expect(deployment.run()).rejects.toThrow('no such disk');
  expect([read, closed]).toEqual([0, 1]);
});

it('gives each of two sinks all rows, and holds no more than it may for the slow one', async () => {
  const limit = 4;
  const rows = toMemory<FrameValue<number>>();
  let written = 0;
  let furthest = 0;
  const slow: SinkFactory<FrameValue<number>> = {
    description: { kind: 'toSlow', options: {} },
    open: async () => {
      const sink: Sink<FrameValue<number>> = {
        ...(await keepRows<FrameValue<number>>([]).open()),
        async write(batch) {
          // Turns of the event loop, in which the quick sink could run ahead.
          for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve));
          // However long the frames take to come: slower than they are.
          while ((deployment.status().streams[0]?.mostInFlight ?? 0) < limit) await new Promise(setImmediate);
          written += batch.length;
          furthest = Math.max(furthest, rows.rows.length - written);
        },
      };
      return sink;
    },
  };
  const source = frames(images(40), { stream: 'door' });
  await using deployment = deploy(pipeline('both', source, brightness, rows, slow), { limit });
  const { streams } = await deployment.run();
  expect(framesOf(rows.rows)).toEqual(upTo(40));
  expect(written).toBe(40);
  expect(furthest).toBeLessThanOrEqual(limit);
  expect(streams[0]?.mostInFlight).toBe(limit);
});

it('answers every frame of a live stream beside dead ones', async () => {
  const breaking = (async function* () {
    yield* images(3);
    throw new Error('the camera fell');
  })();
  const rows = toMemory<FrameValue<number>>();
  const sources = [
    file('no-such-file.mp4', { stream: 'dead' }),
    frames(breaking, { stream: 'dying' }),
    frames(images(12), { stream: 'live' }),
  ];
  const alone = pipeline('alone', file('no-such-file.mp4', { stream: 'dead' }), brightness);
  await using deployment = deploy([pipeline('beside', sources, brightness, rows), alone]);
  await expect(deployment.run()).rejects.toMatchObject({ code: 'INGEST_FILE_NOT_FOUND' });
  const { pipelines, streams } = deployment.status();
  expect(pipelines.map(({ pipeline: name, state }) => [name, state])).toEqual([
    ['beside', 'completed'],
    ['alone', 'failed'],
  ]);
  expect(framesOf(rows.rows.filter(({ stream }) => stream === 'live'))).toEqual(upTo(12));
  expect(framesOf(rows.rows.filter(({ stream }) => stream === 'dying'))).toEqual(upTo(3));
  const states = new Map(streams.map(({ stream, state, error }) => [stream, [state, String(error)]]));
  expect(states.get('live')).toEqual(['ended', 'null']);
  expect(states.get('dying')).toEqual(['failed', 'Error: the camera fell']);
  expect(states.get('dead')?.[0]).toBe('failed');
});

it('joins what there is of streams that end or break while joined', async () => {
  const breaking = (async function* () {
    yield* images(3);
    throw new Error('the camera fell');
  })();
  const rows = toMemory<{
    readonly left: { readonly frame: number } | null;
    readonly right: { readonly frame: number } | null;
  }>();
  const pair = [frames(images(6), { stream: 'long' }), frames(breaking, { stream: 'short' })];
  await using deployment = deploy(
    pipeline('both', pair, brightness, join(['long', 'short'], { within: '10ms', type: 'outer' }), rows),
  );
  await deployment.run();
  const found = rows.rows.map(({ left, right }) => [left?.frame ?? null, right?.frame ?? null]);
  expect(found).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
    [3, null],
    [4, null],
    [5, null],
  ]);
});

it('decides every frame of a camera whose clock jumps, in its order', async () => {
  const jumping = images(12).map(({ image }, i) => ({ image, timestampUs: [0, 3_600_000_000, 1_000][i >> 2] ?? 0 }));
  const rows: { readonly frame: number }[] = [];
  const question = referenceModel({ model: 'spots', label: 'person', smoothingMs: 1000 });
  await using deployment = deploy(pipeline('jumps', frames(jumping), question, keepRows(rows)), {
    models: scene.models,
  });
  await deployment.run();
  expect(framesOf(rows)).toEqual(upTo(12));
});
