import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Decision } from '../../cascade/index.ts';
import { type KafkaAccess, loadKafka } from '../../ingest/index.ts';
import { type DeadLetter, type Interval, KafkaSink, kafkaRow } from '../../sinks/index.ts';
import type { SaccadeEvent } from '../../streams-dsl/index.ts';
import { temporaryFolder } from '../cascade/models/model-folder.ts';
import { judge } from './judge.ts';
import { KafkaCluster } from './kafka-cluster.ts';
import { canStartKafka } from './kafka-for-tests.ts';

const user = { name: 'door', password: 's3cret' };
const decision: Decision = {
  stream: 'front door',
  frame: 7,
  timestampUs: 280_000,
  label: true,
  rawLabel: true,
  decidedBy: 'skipped',
  inheritedFrom: 6,
};
const interval: Interval = {
  stream: 'yard',
  query: 'person',
  label: true,
  startFrame: 1,
  endFrame: 9,
  startUs: 40_000,
  endUs: 360_000,
  frames: 9,
  peakScore: null,
};

describe('a row as a record', () => {
  it('has an id of what it answers alone, the stream as its key and the attributes of a CloudEvent as headers', () => {
    const record = kafkaRow('answers', decision);
    expect(record).toEqual({
      topic: 'answers',
      key: 'front door',
      value: JSON.stringify(decision),
      headers: {
        'content-type': 'application/json',
        ce_specversion: '1.0',
        ce_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        ce_source: '/streams/front%20door',
        ce_type: 'io.saccade.decision',
        ce_time: '1970-01-01T00:00:00.280Z',
      },
    });
    const again = kafkaRow('answers', { ...decision, label: false });
    expect(again.headers['ce_id']).toBe(record.headers['ce_id']);
    const other = kafkaRow('answers', { ...decision, frame: 8 });
    expect(other.headers['ce_id']).not.toBe(record.headers['ce_id']);
    expect(kafkaRow('a', interval).headers).toMatchObject({
      ce_type: 'io.saccade.interval',
      ce_source: '/streams/yard',
    });
    expect(kafkaRow('a', 3)).toMatchObject({
      key: null,
      value: '3',
      headers: { ce_type: 'io.saccade.row', ce_source: '/' },
    });
    expect(kafkaRow('a', { timestampUs: 1e300 }).headers).not.toHaveProperty('ce_time');
  });

  it('leaves an event its own attributes, in binary mode', () => {
    const event = {
      specversion: '1.0',
      id: 'abc-0',
      source: '/streams/door',
      type: 'io.saccade.event.started',
      time: '1970-01-01T00:00:01.000Z',
      datacontenttype: 'application/json',
      sequence: '000000',
      partitionkey: 'door',
      data: { query: 'person' },
    } as unknown as SaccadeEvent;
    expect(kafkaRow('events', event)).toEqual({
      topic: 'events',
      key: 'door',
      value: '{"query":"person"}',
      headers: {
        'content-type': 'application/json',
        ce_specversion: '1.0',
        ce_id: 'abc-0',
        ce_source: '/streams/door',
        ce_type: 'io.saccade.event.started',
        ce_time: '1970-01-01T00:00:01.000Z',
        ce_sequence: '000000',
        ce_partitionkey: 'door',
      },
    });
  });
});

describe.runIf(await canStartKafka())('with a real Kafka', () => {
  let cluster: KafkaCluster;
  let access: KafkaAccess;
  beforeAll(async () => {
    cluster = await KafkaCluster.start({ user });
    access = { brokers: cluster.brokers, sasl: null, tls: null };
    const { KafkaTopics } = await loadKafka();
    await using topics = new KafkaTopics(access);
    for (const name of ['answers', 'away']) await topics.ensure({ name, partitions: 3 });
    await topics.ensure({ name: 'small', partitions: 1, configs: { 'max.message.bytes': '2000' } });
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  it('writes rows once each, in the order of each stream, as the judge sees them', async () => {
    const rows = Array.from(
      { length: 3000 },
      (_, frame): Decision => ({ ...decision, stream: `s${frame % 5}`, frame }),
    );
    const sink = await KafkaSink.open<Decision>({ brokers: cluster.brokers, topic: 'answers', maxQueued: 700 });
    expect(sink.delivery).toBe('at-least-once');
    for (let at = 0; at < rows.length; at += 100) await sink.write(rows.slice(at, at + 100));
    await sink.flush();
    await sink[Symbol.asyncDispose]();
    await expect(sink.write(rows)).rejects.toMatchObject({ code: 'SINK_CLOSED' });
    const judged = await judge(cluster.brokers, 'answers', rows.length);
    expect(judged).toHaveLength(rows.length);
    for (const stream of ['s0', 's1', 's2', 's3', 's4']) {
      const own = judged.filter(({ key }) => key === stream);
      const expected = rows.filter(row => row.stream === stream);
      expect(own.map(({ value }) => value)).toEqual(expected.map(row => JSON.stringify(row)));
      expect(new Set(own.map(({ partition }) => partition)).size).toBe(1);
    }
    expect(new Set(judged.map(({ headers }) => headers['ce_id'])).size).toBe(rows.length);
  });

  it('loses nothing while the broker is away, holds no more than it may, and goes on', async () => {
    await using sink = await KafkaSink.open<Decision>({ brokers: cluster.brokers, topic: 'away', maxQueued: 50 });
    await sink.write([decision]);
    await sink.flush();
    await cluster.stop(1, 'SIGKILL');
    let written = 0;
    const writing = (async () => {
      for (let frame = 100; frame < 300; frame++) {
        await sink.write([{ ...decision, frame }]);
        written++;
      }
    })();
    await vi.waitFor(() => expect(written).toBeGreaterThanOrEqual(49));
    expect(written).toBeLessThanOrEqual(51);
    await cluster.restart(1);
    await writing;
    await sink.flush();
    const frames = (await judge(cluster.brokers, 'away', 201)).map(
      ({ value }) => (JSON.parse(value) as Decision).frame,
    );
    // At least once, and in order but for what came twice.
    const first = frames.filter((frame, i) => frames.indexOf(frame) === i);
    expect(first).toEqual([7, ...Array.from({ length: 200 }, (_, i) => 100 + i)]);
  });

  it('puts aside what is too large for the brokers, and goes on', async () => {
    const deadLetterPath = join(await temporaryFolder(), 'dead.jsonl');
    const options = { brokers: cluster.brokers, topic: 'small' };
    const large = { stream: 'door', text: 'x'.repeat(5000) };
    const small = { stream: 'door', text: 'y' };
    await using sink = await KafkaSink.open<object>({ ...options, deadLetterPath });
    await sink.write([small, large, small]);
    await sink.flush();
    const [letter] = (await readFile(deadLetterPath, 'utf8'))
      .split('\n')
      .map(line => JSON.parse(line || '{}') as DeadLetter);
    expect(letter).toMatchObject({ row: large, reason: expect.stringContaining('too large: ') });
    expect((await judge(cluster.brokers, 'small', 2)).map(({ value }) => value)).toEqual(
      Array(2).fill(JSON.stringify(small)),
    );
    const without = await KafkaSink.open<object>(options);
    await without.write([large]);
    await expect(without.flush()).rejects.toMatchObject({ code: 'INGEST_RECORD_TOO_LARGE' });
    await without[Symbol.asyncDispose]().catch(() => undefined);
  });

  it('says what is wrong: no topic, no broker, a wrong password, no TLS; and prints no secret', async () => {
    vi.stubEnv('KAFKA_PASSWORD', user.password);
    vi.stubEnv('KAFKA_WRONG', 'hidden');
    const open = (options: object) =>
      KafkaSink.open({ brokers: cluster.brokers, topic: 'answers', ...options }).then(
        sink => sink[Symbol.asyncDispose]().then(() => 'open'),
        (error: unknown) => error,
      );
    const sasl = { username: user.name, password: { env: 'KAFKA_PASSWORD' } };
    expect(await open({ brokers: cluster.saslBrokers, sasl })).toBe('open');
    const wrong = { ...sasl, password: { env: 'KAFKA_WRONG' } };
    for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
      expect(await open({ brokers: cluster.saslBrokers, sasl: { ...sasl, mechanism } })).toBe('open');
      const refused = await open({ brokers: cluster.saslBrokers, sasl: { ...wrong, mechanism } });
      expect(refused).toMatchObject({ code: 'INGEST_KAFKA_REFUSED' });
      expect(String(refused)).not.toMatch(/hidden|s3cret/);
    }
    const failures = await Promise.all([
      open({ topic: 'no-such' }),
      open({ brokers: '127.0.0.1:1' }),
      open({ brokers: cluster.saslBrokers, sasl: wrong }),
      open({ brokers: cluster.saslBrokers }),
      open({ tls: true }),
      open({ sasl: { ...sasl, password: { env: 'KAFKA_NONE' } } }),
      open({ brokers: 'kafka://user:hidden@host' }),
    ]);
    vi.unstubAllEnvs();
    const codes = failures.map(failure => (failure as { code?: string }).code);
    expect(codes).toEqual([
      'INGEST_KAFKA_TOPIC_UNKNOWN',
      'INGEST_KAFKA_UNREACHABLE',
      'INGEST_KAFKA_REFUSED',
      expect.stringMatching(/INGEST_KAFKA_(UNREACHABLE|FAILED)/),
      expect.stringMatching(/INGEST_KAFKA_(UNREACHABLE|REFUSED)/),
      'SINK_SECRET_MISSING',
      'SINK_ADDRESS_INVALID',
    ]);
    for (const failure of failures) expect(String(failure)).not.toMatch(/hidden|s3cret/);
    expect(String(failures[0])).toContain(`There is no topic no-such at kafka://${cluster.brokers.join(',')}.`);
  });
});
