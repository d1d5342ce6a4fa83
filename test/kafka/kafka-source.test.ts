import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Decision } from '../../cascade/index.ts';
import { type KafkaAccess, type KafkaMessage, loadKafka } from '../../ingest/index.ts';
import {
  cascade,
  deploy,
  type EncodedFrame,
  events,
  frames,
  kafka,
  type Pipeline,
  pipeline,
  type SaccadeEvent,
  toKafka,
  toMemory,
} from '../../streams-dsl/index.ts';
import { temporaryFolder } from '../cascade/models/model-folder.ts';
import { makeSmallScene, middleBrightness, type SmallScene } from '../streams-dsl/small-scene.ts';
import { frameMessages, grayFrames } from './gray-frames.ts';
import { judge } from './judge.ts';
import { hasKafka, type KafkaForTests, startKafka } from './kafka-for-tests.ts';

describe.runIf(await hasKafka())('with a real Kafka', () => {
  let kafkaServer: KafkaForTests;
  let scene: SmallScene;
  let access: KafkaAccess;
  /** So that a Kafka of others' may be used again and again. */
  const run = `t${process.pid}-${Date.now() % 1e6}`;
  beforeAll(async () => {
    [kafkaServer, scene] = await Promise.all([startKafka(), makeSmallScene()]);
    access = { brokers: kafkaServer.brokers, sasl: null, tls: null };
  });
  afterAll(() => Promise.all([kafkaServer[Symbol.asyncDispose](), scene[Symbol.asyncDispose]()]));

  async function makeTopic(name: string, partitions: number): Promise<string> {
    const { KafkaTopics } = await loadKafka();
    await using topics = new KafkaTopics(access);
    await topics.ensure({ name: `${run}-${name}`, partitions });
    return `${run}-${name}`;
  }

  async function produce(messages: readonly KafkaMessage[]): Promise<void> {
    const { KafkaWriter } = await loadKafka();
    await using writer = new KafkaWriter(access);
    await Promise.all(messages.map(message => writer.write(message)));
  }

  const question = () =>
    cascade({
      predicate: { label: 'person', minScore: 0.41 },
      reference: 'spots',
      skip: { every: 2 },
      differenceDetector: { deltaDiff: 30, tDiffFrames: 6, width: 16, height: 16 },
      specializedModel: { model: 'bright', cLow: middleBrightness - 0.1, cHigh: middleBrightness + 0.1 },
      smoothingMs: 500,
    });

  /** What the same operators say of the same frames in memory, but for what the end of a stream settles. */
  async function answersInMemory(all: ReadonlyMap<string, readonly EncodedFrame[]>): Promise<Map<string, Decision[]>> {
    const rows = toMemory<Decision>();
    const sources = [...all].map(([stream, images]) => frames(images, { stream }));
    await using deployment = deploy(pipeline('memory', sources, question(), rows), { models: scene.models });
    await deployment.run();
    return new Map([...all.keys()].map(stream => [stream, rows.rows.filter(row => row.stream === stream)]));
  }

  async function runToEnd(one: Pipeline): Promise<ReturnType<ReturnType<typeof deploy>['status']>> {
    await using deployment = deploy(one, { models: scene.models });
    return await deployment.run();
  }

  it('answers the frames of many streams as if they were read one by one, once each, by process after process', async () => {
    const topic = await makeTopic('cameras', 3);
    const answers = await makeTopic('answers', 2);
    const streams = ['door', 'yard', 'garage', 'gate', 'roof'];
    const all = await grayFrames(streams, 80);
    const messages = frameMessages(topic, all);
    const source = () =>
      kafka({ brokers: kafkaServer.brokers, topic, group: `${run}-a`, from: 'earliest', stopAtEnd: true });
    const one = () =>
      pipeline('answers', source(), question(), toKafka<Decision>({ brokers: kafkaServer.brokers, topic: answers }));
    // In three parts, each read by a deployment of its own: what is known of the streams must go from one to the next.
    for (const [from, to] of [
      [0, 123],
      [123, 250],
      [250, messages.length],
    ] as const) {
      await produce(messages.slice(from, to));
      const { streams: told } = await runToEnd(one());
      expect(told[0]).toMatchObject({ frames: to - from, kafka: { lag: 0, partitions: [], deadLetters: {} } });
    }
    const judged = await judge(kafkaServer.brokers, answers, messages.length - 3 * streams.length);
    const expected = await answersInMemory(all);
    const ways = new Set<string>();
    for (const stream of streams) {
      const own = judged.filter(({ key }) => key === stream).map(({ value }) => JSON.parse(value) as Decision);
      // 250 ms of later frames settle a label: the last three frames wait for more.
      expect(own).toEqual(expected.get(stream)?.slice(0, -3));
      for (const { decidedBy } of own) ways.add(decidedBy);
    }
    expect([...ways].sort()).toEqual(['accepted', 'referenced', 'rejected', 'skipped', 'unchanged'].sort());
    expect(new Set(judged.map(({ headers }) => headers['ce_id'])).size).toBe(judged.length);
  });

  it('puts records that hold no frame aside with the reason, and the others go on', async () => {
    const topic = await makeTopic('poison', 1);
    const claimCheckFolder = await temporaryFolder();
    const all = await grayFrames(['door'], 6);
    const good = frameMessages(topic, all);
    const [jpeg = new Uint8Array(), png = new Uint8Array()] = await Promise.all(
      [41, 40].map(async gray => (await grayOf(gray)) as Uint8Array),
    );
    const claim = join(claimCheckFolder, 'claimed.png');
    await writeFile(claim, png);
    const outside = join(await temporaryFolder(), 'outside.png');
    await writeFile(outside, png);
    const huge = Buffer.from(png);
    huge.writeUInt32BE(20_000, 16);
    huge.writeUInt32BE(20_000, 20);
    const broken = Buffer.from(png);
    // The data of the picture, not its header or its end.
    broken.fill(0x55, 41, broken.length - 20);
    const bad = (
      value: Uint8Array | string | null,
      headers: Record<string, string> = {},
      key: string | null = 'door',
    ) => ({
      topic,
      key,
      value,
      headers,
    });
    const poison: [KafkaMessage, string][] = [
      [bad(png, {}, null), 'no-key'],
      [bad(null), 'no-image'],
      [bad('GIF89a'), 'no-image'],
      [bad('{"url": 3'), 'no-image'],
      [bad('{"url": 3}'), 'claim-check'],
      [bad(JSON.stringify({ uri: pathToFileURL(outside).href })), 'claim-check'],
      [bad(JSON.stringify({ uri: pathToFileURL(`${claim}.not`).href })), 'claim-check'],
      [bad(jpeg.subarray(0, jpeg.length - 30)), 'truncated'],
      [bad(png.subarray(0, png.length - 30)), 'truncated'],
      [bad(huge), 'too-many-pixels'],
      [bad(png, { 'timestamp-us': 'noon' }), 'false-time'],
      [bad(png, { 'timestamp-us': '-5' }), 'false-time'],
      [bad(png, { ce_time: 'yesterday' }), 'false-time'],
      [bad(png, { ce_time: '2999-01-01T00:00:00Z' }), 'false-time'],
      [bad(broken, { 'timestamp-us': '600000' }), 'undecodable'],
    ];
    const claimed = bad(JSON.stringify({ uri: pathToFileURL(claim).href }), { 'timestamp-us': '700000' });
    const timed = bad(png, { ce_time: '1970-01-01T00:00:00.800Z' });
    await produce([...good.slice(0, 3), ...poison.map(([message]) => message), claimed, timed, ...good.slice(3)]);
    const rows = toMemory<Decision>();
    const source = kafka({
      brokers: kafkaServer.brokers,
      topic,
      group: `${run}-p`,
      from: 'earliest',
      stopAtEnd: true,
      claimCheckFolder,
    });
    const asked = cascade({ label: 'person', reference: 'spots', smoothingMs: 0 });
    const { streams } = await runToEnd(pipeline('poison', source, asked, rows));
    const counts: Record<string, number> = {};
    for (const [, reason] of poison) counts[reason] = (counts[reason] ?? 0) + 1;
    expect(streams[0]).toMatchObject({ state: 'ended', kafka: { deadLetters: counts } });
    expect(rows.rows.map(({ timestampUs, decidedBy }) => [timestampUs / 1000, decidedBy])).toEqual([
      [0, 'referenced'],
      [100, 'referenced'],
      [200, 'referenced'],
      [600, 'failed'],
      [700, 'referenced'],
      [800, 'referenced'],
      [300, 'referenced'],
      [400, 'referenced'],
    ]);
    const letters = await judge(kafkaServer.brokers, `${topic}.dlq`, poison.length);
    const told = letters.map(({ headers }) => [headers['x-error-reason'], Number(headers['x-error-offset'])]);
    expect(told.sort((a, b) => Number(a[1]) - Number(b[1]))).toEqual(poison.map(([, reason], i) => [reason, 3 + i]));
    for (const { headers } of letters) {
      expect(headers).toMatchObject({
        'x-error-code': 'INGEST_RECORD_INVALID',
        'x-error-topic': topic,
        'x-error-partition': '0',
      });
    }
  });

  it('begins where it is told to, and tells events once each across processes', async () => {
    const topic = await makeTopic('begin', 1);
    const all = await grayFrames(['door'], 60);
    const messages = frameMessages(topic, all);
    await produce(messages.slice(0, 20));
    await new Promise(resolve => setTimeout(resolve, 20));
    const between = new Date();
    await produce(messages.slice(20));
    const firstOf = async (group: string, from: 'earliest' | 'latest' | Date): Promise<number[]> => {
      const rows = toMemory<Decision>();
      const source = kafka({ brokers: kafkaServer.brokers, topic, group: `${run}-${group}`, from, stopAtEnd: true });
      await runToEnd(pipeline('begin', source, cascade({ label: 'person', reference: 'spots', smoothingMs: 0 }), rows));
      return rows.rows.slice(0, 1).map(({ timestampUs }) => timestampUs / 100_000);
    };
    expect(await firstOf('e', 'earliest')).toEqual([0]);
    expect(await firstOf('d', between)).toEqual([20]);
    expect(await firstOf('l', 'latest')).toEqual([]);
    await produce(frameMessages(topic, new Map([['door', (all.get('door') ?? []).slice(0, 2)]])));
    // What came while nobody listened is not passed over: the group had begun.
    expect(await firstOf('l', 'latest')).toEqual([0]);
    expect(await firstOf('e', 'earliest')).toEqual([59]);
  });

  it('says what is wrong before anything runs', async () => {
    const fail = async (options: object, sink = toMemory<Decision>()): Promise<unknown> => {
      const source = kafka({ brokers: kafkaServer.brokers, topic: `${run}-none`, group: `${run}-w`, ...options });
      await using deployment = deploy(pipeline('wrong', source, question(), sink), { models: scene.models });
      return deployment.run().catch((error: unknown) => error);
    };
    expect(await fail({})).toMatchObject({ code: 'INGEST_KAFKA_TOPIC_UNKNOWN' });
    expect(await fail({ brokers: ['127.0.0.1:1'] })).toMatchObject({ code: 'INGEST_KAFKA_UNREACHABLE' });
  });

  it('takes turns with sinks of other kinds: rows at least once, a full stop waits for what is under way', async () => {
    const topic = await makeTopic('live', 2);
    const all = await grayFrames(['door', 'yard'], 30);
    const rows = toMemory<SaccadeEvent>();
    const source = kafka({ brokers: kafkaServer.brokers, topic, group: `${run}-o`, from: 'earliest' });
    const told = events({ minDuration: '100ms', mergeGap: '200ms', cooldown: 0 });
    await using deployment = deploy(pipeline('live', source, question(), told, rows), { models: scene.models });
    const running = deployment.run();
    await produce(frameMessages(topic, all));
    await vi.waitFor(
      () => expect(deployment.status().streams[0]).toMatchObject({ frames: 60, kafka: { lag: 0 } }),
      20_000,
    );
    deployment.stop();
    const { pipelines, streams } = await running;
    expect(pipelines[0]).toMatchObject({ state: 'completed', rows: rows.rows.length });
    expect(streams[0]).toMatchObject({
      state: 'ended',
      inFlight: 0,
      kafka: { skipped: 0, restarts: 0, trouble: null },
    });
    expect(new Set(rows.rows.map(({ id }) => id)).size).toBe(rows.rows.length);
  });
});

async function grayOf(gray: number): Promise<Uint8Array | undefined> {
  const { encodeImage } = await import('../../ingest/index.ts');
  const bytes = new Uint8Array(32 * 32 * 3).fill(gray);
  return encodeImage({ width: 32, height: 32, bytes }, { format: gray % 2 === 0 ? 'png' : 'jpeg' });
}

it('refuses options that do not fit, and prints no secret', () => {
  const loose = (options: object): unknown => kafka(options as Parameters<typeof kafka>[0]);
  const fine = { brokers: 'a:1', topic: 't', group: 'g' };
  for (const [options, text] of [
    [{ ...fine, brokers: 'kafka://user:hidden@a:1' }, 'SINK_ADDRESS_INVALID'],
    [{ ...fine, brokers: [] }, 'kafka cannot take brokers'],
    [{ ...fine, topic: 'a b' }, 'kafka cannot take topic'],
    [{ ...fine, from: 'noon' }, '"earliest", "latest" or a Date'],
    [{ ...fine, sasl: { username: 'u', password: 'hidden' } }, 'kafka cannot take sasl = (not shown)'],
    [{ ...fine, tls: { ca: 'hidden' } }, 'kafka cannot take tls = (not shown)'],
  ] as const) {
    let failure: unknown;
    try {
      loose(options);
    } catch (error) {
      failure = error;
    }
    const told = `${(failure as { code?: string }).code} ${String(failure)}`;
    expect(told).toContain(text);
    expect(told).not.toContain('hidden');
  }
  const sink = toKafka({ brokers: ['a:1'], topic: 't', sasl: { username: 'u', password: { env: 'P' } }, tls: true });
  expect(sink.description.options).toEqual({ topic: 't', brokers: 'a:1', sasl: 'PLAIN', tls: true });
});
