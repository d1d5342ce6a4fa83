import { execFile } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Admin } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Decision } from '../../cascade/index.ts';
import { type KafkaAccess, type KafkaMessage, loadKafka } from '../../ingest/index.ts';
import { KafkaSink } from '../../sinks/index.ts';
import {
  cascade,
  type DeploymentStatus,
  type Dropped,
  deploy,
  droppedChannel,
  kafka,
  map,
  type Pipeline,
  pipeline,
  toKafka,
  toMemory,
} from '../../streams-dsl/index.ts';
import { makeSmallScene, type SmallScene } from '../streams-dsl/small-scene.ts';
import { frameMessages, grayFrames } from './gray-frames.ts';
import { judge } from './judge.ts';
import { KafkaCluster } from './kafka-cluster.ts';
import { canStartKafka } from './kafka-for-tests.ts';

const run = promisify(execFile);

/** A key with a certificate of its own for this machine, by Java's keytool, and the certificate alone. */
async function makeCertificate(parent: string): Promise<{ readonly keyFile: string; readonly caFile: string }> {
  const folder = await mkdtemp(join(parent, 'key-'));
  const store = join(folder, 'broker.p12');
  const password = ['-storepass', 'changeit'];
  const key = ['-genkeypair', '-alias', 'broker', '-keyalg', 'EC', '-dname', 'CN=broker', '-ext', 'san=ip:127.0.0.1'];
  await run('keytool', [...key, '-storetype', 'PKCS12', '-keystore', store, ...password]);
  const exported = await run('keytool', ['-exportcert', '-rfc', '-alias', 'broker', '-keystore', store, ...password]);
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, exported.stdout);
  const plain = await run('openssl', ['pkcs12', '-in', store, '-nodes', '-nocerts', '-passin', 'pass:changeit']);
  const keyFile = join(folder, 'broker.pem');
  await writeFile(
    keyFile,
    `${plain.stdout.slice(plain.stdout.indexOf('-----BEGIN'))}${await readFile(caFile, 'utf8')}`,
  );
  return { keyFile, caFile };
}

describe.runIf(await canStartKafka())('with a Kafka of its own', () => {
  let cluster: KafkaCluster;
  let scene: SmallScene;
  let access: KafkaAccess;
  let caFile: string;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-kafka-tls-'));
    const made = await makeCertificate(folder);
    ({ caFile } = made);
    [cluster, scene] = await Promise.all([KafkaCluster.start({ tlsFile: made.keyFile }), makeSmallScene()]);
    access = { brokers: cluster.brokers, sasl: null, tls: null };
  });
  afterAll(async () => {
    await Promise.all([cluster[Symbol.asyncDispose](), scene[Symbol.asyncDispose]()]);
    await rm(folder, { recursive: true });
  });

  async function makeTopic(name: string, configs: Readonly<Record<string, string>> = {}): Promise<string> {
    const { KafkaTopics } = await loadKafka();
    await using topics = new KafkaTopics(access);
    await topics.ensure({ name, partitions: 1, configs });
    return name;
  }

  async function produce(messages: readonly KafkaMessage[]): Promise<void> {
    const { KafkaWriter } = await loadKafka();
    await using writer = new KafkaWriter(access);
    await Promise.all(messages.map(message => writer.write(message)));
  }

  async function runToEnd(one: Pipeline): Promise<DeploymentStatus> {
    await using deployment = deploy(one, { models: scene.models });
    return await deployment.run();
  }

  const asked = () => cascade({ label: 'person', reference: 'spots', smoothingMs: 0 });

  it('counts and tells what was deleted before it could be read, and goes on with what is left', async () => {
    const topic = await makeTopic('retention');
    const messages = frameMessages(topic, await grayFrames(['door'], 40));
    const drops: Dropped[] = [];
    const note = (message: unknown): void => void drops.push(message as Dropped);
    subscribe(droppedChannel, note);
    const read = async (from: 'earliest' | 'latest'): Promise<[number[], DeploymentStatus]> => {
      const rows = toMemory<Decision>();
      const source = kafka({ brokers: cluster.brokers, topic, group: 'retained', from, stopAtEnd: true });
      const status = await runToEnd(pipeline('retained', source, asked(), rows));
      return [rows.rows.map(({ timestampUs }) => timestampUs / 100_000), status];
    };
    await produce(messages.slice(0, 10));
    // The last answer of each waits for a frame that comes after it.
    expect((await read('earliest'))[0]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(drops).toEqual([]);
    await produce(messages.slice(10));
    const admin = new Admin({ clientId: 'retention', bootstrapBrokers: [...cluster.brokers] });
    await admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 0, offset: 25n }] }] });
    await admin.close();
    const [left, status] = await read('latest');
    unsubscribe(droppedChannel, note);
    expect(left.slice(0, 1)).toEqual([9]);
    expect(left.slice(1)).toEqual(left.slice(1).map((_, i) => 39 - (left.length - 1) + i));
    expect(left.length).toBeGreaterThan(10);
    expect(status.streams[0]).toMatchObject({ state: 'ended', kafka: { lag: 0, trouble: null } });
    expect(drops).toMatchObject([
      { operator: { kind: 'kafka' }, reason: 'deleted', item: { topic, partition: 0, to: 25n } },
    ]);
    // The markers of transactions have offsets of their own, so it may be fewer than 15.
    const [{ from } = { from: 0n }] = drops.map(({ item }) => item as { readonly from: bigint });
    expect(from).toBeGreaterThanOrEqual(10n);
    expect(status.streams[0]?.kafka?.skipped).toBe(Number(25n - from));
  });

  it('puts answers aside that are too large for their topic, and the others go on', async () => {
    const topic = await makeTopic('sized');
    const answers = await makeTopic('sized-answers', { 'max.message.bytes': '3000' });
    await produce(frameMessages(topic, await grayFrames(['door'], 10)));
    const source = kafka({ brokers: cluster.brokers, topic, group: 'sized', from: 'earliest', stopAtEnd: true });
    const padded = map(({ stream, frame, timestampUs }: Decision) => ({
      stream,
      frame,
      timestampUs,
      text: 'x'.repeat(frame % 3 === 1 ? 5000 : 10),
    }));
    const status = await runToEnd(
      pipeline('sized', source, asked(), padded, toKafka({ brokers: cluster.brokers, topic: answers })),
    );
    expect(status.streams[0]).toMatchObject({ state: 'ended', kafka: { deadLetters: { 'answer-too-large': 3 } } });
    const framesOf = (rows: readonly { readonly value: string }[]): number[] =>
      rows.map(({ value }) => (JSON.parse(value) as { frame: number }).frame);
    expect(framesOf(await judge(cluster.brokers, answers, 6))).toEqual([0, 2, 3, 5, 6, 8]);
    const letters = await judge(cluster.brokers, `${topic}.dlq`, 3);
    for (const { headers } of letters) {
      expect(headers).toMatchObject({ 'x-error-code': 'INGEST_RECORD_TOO_LARGE', 'x-error-topic': answers });
    }
  });

  it('trusts the certificates that it is told to, and says what is wrong with others', async () => {
    await makeTopic('answers');
    const open = (options: object): Promise<unknown> =>
      KafkaSink.open({ brokers: cluster.saslBrokers, topic: 'answers', ...options }).then(
        sink => sink[Symbol.asyncDispose]().then(() => 'open'),
        (error: unknown) => error,
      );
    const other = await makeCertificate(folder);
    const noFile = join(folder, 'none.pem');
    const [trusted, untrusted, wrong, missing, plain] = await Promise.all([
      open({ tls: { caFile } }),
      open({ tls: true }),
      open({ tls: { caFile: other.caFile } }),
      open({ tls: { caFile: noFile } }),
      open({}),
    ]);
    expect(trusted).toBe('open');
    expect(untrusted).toMatchObject({ code: 'INGEST_KAFKA_REFUSED' });
    expect(wrong).toMatchObject({ code: 'INGEST_KAFKA_REFUSED' });
    expect(missing).toMatchObject({ code: 'SINK_SECRET_MISSING' });
    expect((plain as { code: string }).code).toMatch(/INGEST_KAFKA_(UNREACHABLE|FAILED)/);
  });

  it('passes over frames that are older than they may be, counts them, and keeps up', async () => {
    const topic = await makeTopic('overload');
    const messages = frameMessages(topic, await grayFrames(['door'], 400));
    const ages = new Map<string, number[]>();
    const sentMs = new Map<number, number>();
    // A step that takes 25 ms a frame that was looked at: 40 a second, of the 100 that come.
    const slow = (name: string) =>
      map((decision: Decision) => {
        if (decision.decidedBy === 'defaulted') return decision;
        const untilMs = performance.now() + 25;
        while (performance.now() < untilMs);
        ages.set(name, [...(ages.get(name) ?? []), Date.now() - (sentMs.get(decision.timestampUs / 100_000) ?? 0)]);
        return decision;
      });
    const rows = toMemory<Decision>();
    const source = kafka({ brokers: cluster.brokers, topic, group: 'bounded', from: 'earliest', maxLagMs: 400 });
    await using deployment = deploy(pipeline('bounded', source, asked(), slow('bounded'), rows), {
      models: scene.models,
    });
    const running = deployment.run();
    for (let at = 0; at < messages.length; at += 10) {
      for (let i = at; i < at + 10; i++) sentMs.set(i, Date.now());
      await produce(messages.slice(at, at + 10));
      await new Promise(resolve => setTimeout(resolve, 60));
    }
    await vi.waitFor(() => expect(rows.rows).toHaveLength(messages.length - 1), 30_000);
    deployment.stop();
    const { streams } = await running;
    const stale = rows.rows.filter(row => row.decidedBy === 'defaulted' && row.reason === 'stale').length;
    expect(streams[0]).toMatchObject({ frames: messages.length, dropped: { stale, superseded: 0, full: 0 } });
    expect(stale).toBeGreaterThan(50);
    expect(rows.rows.length - stale).toBeGreaterThan(20);
    // Looked at no later than the bound, but for what was let in with it.
    expect(Math.max(...(ages.get('bounded') ?? []))).toBeLessThan(400 + 64 * 25 + 1500);
  });
});
