import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saccade } from '../cli/saccade.ts';
import { frameCount, makeSmallScene, type SmallScene } from '../streams-dsl/small-scene.ts';
import { hasKafka, type KafkaForTests, startKafka } from './kafka-for-tests.ts';

describe.runIf(await hasKafka())('saccade kafka', () => {
  let kafkaServer: KafkaForTests;
  let scene: SmallScene;
  let brokers: string;
  const topic = `commands-${process.pid}-${Date.now() % 1e6}`;
  beforeAll(async () => {
    [kafkaServer, scene] = await Promise.all([startKafka(), makeSmallScene()]);
    brokers = kafkaServer.brokers.join(',');
  });
  afterAll(() => Promise.all([kafkaServer[Symbol.asyncDispose](), scene[Symbol.asyncDispose]()]));

  it('writes footage to a topic, and shows what is in one', async () => {
    const to = ['--topic', topic, '--brokers', brokers];
    const missing = await saccade('kafka', 'produce', scene.footage, ...to);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain(`INGEST_KAFKA_TOPIC_UNKNOWN]: There is no topic ${topic}`);
    const produced = await saccade('kafka', 'produce', scene.footage, ...to, '--create', '--partitions', '2', '--json');
    expect(produced.stderr).toBe('');
    const told = { topic, stream: 'door', frames: frameCount, interrupted: false };
    expect(JSON.parse(produced.stdout)).toMatchObject(told);
    const small = await saccade('kafka', 'produce', scene.otherFootage, ...to, '--limit', '3', '--width', '80');
    expect(small.stdout).toMatch(/stream +yard\nframes +3, /);
    const consumed = await saccade('kafka', 'consume', ...to, '--json');
    const rows = consumed.stdout
      .trimEnd()
      .split('\n')
      .map(
        line =>
          JSON.parse(line) as {
            key: string;
            offset: number;
            headers: Record<string, string>;
            value: { bytes: number };
          },
      );
    const door = rows.filter(({ key }) => key === 'door');
    expect(door.map(({ headers }) => Number(headers['timestamp-us']))).toEqual(
      Array.from({ length: frameCount }, (_, i) => i * 40_000),
    );
    expect(door[0]).toMatchObject({
      headers: { 'content-type': 'image/jpeg', ce_id: 'door-0' },
      value: { bytes: expect.any(Number) },
    });
    expect(rows.filter(({ key }) => key === 'yard')).toHaveLength(3);
    const limited = await saccade('kafka', 'consume', ...to, '--limit', '2');
    expect(limited.stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(limited.stdout).toMatch(/^\d\/0 {2}(door|yard) {2}io\.saccade\.frame {2}\(\d+ bytes\)\n/);
  });

  it('is called rightly, or says so', async () => {
    const half = await saccade('kafka', 'consume', '--topic', topic, '--brokers', brokers, '--username', 'door');
    expect([half.code, half.stderr]).toEqual([2, expect.stringContaining('--password-env or --password-file')]);
    const noon = await saccade('kafka', 'consume', '--topic', topic, '--brokers', brokers, '--from', 'noon');
    expect([noon.code, noon.stderr]).toEqual([2, expect.stringContaining('not "noon"')]);
    const nobody = await saccade('kafka', 'consume', '--topic', topic, '--brokers', '127.0.0.1:1', '--json');
    expect(JSON.parse(nobody.stdout)).toMatchObject({ error: { code: 'INGEST_KAFKA_UNREACHABLE' } });
  });
});
