import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { describe, expect, it, vi } from 'vitest';
import { type DeadLetter, MqttSink, topicTemplate } from '../../sinks/index.ts';
import { temporaryFolder } from '../cascade/models/model-folder.ts';
import { hasMosquitto, startMosquitto } from './mosquitto.ts';

/** Listens to everything at a broker. */
async function listen(
  url: string,
): Promise<AsyncDisposable & { readonly client: MqttClient; readonly heard: string[] }> {
  const heard: string[] = [];
  const client = await connectAsync(url, { reconnectPeriod: 50 });
  client.on('message', (topic, payload, { retain }) => {
    heard.push(`${topic}${retain ? ' (retained)' : ''} ${payload.toString()}`);
  });
  await client.subscribeAsync('#', { qos: 1 });
  return { client, heard, [Symbol.asyncDispose]: () => client.endAsync(true) };
}

const row = (n: number) => ({ stream: 'door', n });

describe.runIf(hasMosquitto())('with a real Mosquitto', () => {
  it('publishes rows in order, says that it is there and that it leaves', async () => {
    await using broker = await startMosquitto();
    await using listener = await listen(broker.url);
    const sink = await MqttSink.open<object>({ url: broker.url });
    expect(sink.delivery).toBe('at-least-once');
    const rows = Array.from({ length: 300 }, (_, n) => row(n));
    await sink.write(rows.slice(0, 100));
    await sink.write(rows.slice(100));
    await sink.flush();
    await sink[Symbol.asyncDispose]();
    await vi.waitFor(() => expect(listener.heard.at(-1)).toBe('saccade/status offline'));
    const expected = rows.map(each => `saccade/door ${JSON.stringify(each)}`);
    expect(listener.heard.filter(line => !line.includes('status'))).toEqual(expected);
    expect(listener.heard.filter(line => line.includes('status'))).toEqual([
      'saccade/status online',
      'saccade/status offline',
    ]);
    await expect(sink.write([row(0)])).rejects.toMatchObject({ code: 'SINK_CLOSED' });
  });

  it('keeps the last row of each topic for those who come later, when told to', async () => {
    await using broker = await startMosquitto();
    const topic = 'home/{stream}/{data.query}';
    await using sink = await MqttSink.open<object>({ url: broker.url, topic, retain: true, statusTopic: 'home/up' });
    await sink.write([1, 2].map(n => ({ stream: 'a/b', data: { query: 'q+#' }, n })));
    await sink.flush();
    await using listener = await listen(broker.url);
    await vi.waitFor(() => expect(listener.heard).toHaveLength(2));
    expect(listener.heard.sort()).toEqual([
      'home/a_b/q__ (retained) {"stream":"a/b","data":{"query":"q+#"},"n":2}',
      'home/up (retained) online',
    ]);
  });

  it('has the broker say that it is gone when its connection is cut', async () => {
    await using broker = await startMosquitto();
    await using listener = await listen(broker.url);
    await using first = await MqttSink.open<object>({ url: broker.url, clientId: 'sink' });
    await first.flush();
    await vi.waitFor(() => expect(listener.heard).toEqual(['saccade/status online']));
    // A second client of the same name: the broker cuts the first one off without a goodbye.
    await using other = await connectAsyncAs(broker.url, 'sink');
    await vi.waitFor(() => expect(listener.heard[1]).toBe('saccade/status offline'));
    expect(other.client.connected).toBe(true);
  });

  it('loses nothing while the broker is away, holds no more than it may, and goes on', async () => {
    await using broker = await startMosquitto();
    const options = { url: broker.url, reconnectMs: 50, maxQueued: 100, topic: 'row/{n}', retain: true };
    const sink = await MqttSink.open<object>(options);
    await sink.write(Array.from({ length: 10 }, (_, n) => row(n)));
    await broker.stop();
    let written = 0;
    const writing = (async () => {
      for (let n = 10; n < 200; n++) {
        await sink.write([row(n)]);
        written = n;
      }
    })();
    await vi.waitFor(() => expect(written).toBeGreaterThanOrEqual(90));
    await new Promise(setImmediate);
    expect(written).toBeLessThan(112);
    await broker.start();
    await writing;
    await sink.flush();
    // Retained under a topic of its own each, so that whoever comes now hears which rows the broker has got.
    await using listener = await listen(broker.url);
    await vi.waitFor(() => expect(listener.heard.some(line => line.includes('"n":199'))).toBe(true));
    await sink[Symbol.asyncDispose]();
    const got = new Set(listener.heard.map(line => line.split(' ')[0]));
    for (let n = 10; n < 200; n++) expect(got).toContain(`row/${n}`);
  });

  it('takes a user and a password, and never prints them', async () => {
    await using broker = await startMosquitto({ user: true });
    vi.stubEnv('MQTT_PASSWORD', 's3cret');
    await using sink = await MqttSink.open<object>({
      url: broker.url,
      username: 'door',
      password: { env: 'MQTT_PASSWORD' },
    });
    vi.unstubAllEnvs();
    await sink.write([row(1)]);
    await sink.flush();
    await using inUrl = await MqttSink.open<object>({ url: broker.url.replace('mqtt://', 'mqtt://door:s3cret@') });
    await inUrl.write([row(2)]);
    await inUrl.flush();
    const wrong = broker.url.replace('mqtt://', 'mqtt://door:hidden@');
    const failure = await MqttSink.open({ url: wrong }).catch(error => error);
    expect(failure).toMatchObject({ code: 'SINK_BROKER_REFUSED', retryable: false });
    expect(String(failure)).not.toContain('hidden');
    expect(String(failure)).toContain('mqtt://***@127.0.0.1');
  });
});

async function connectAsyncAs(
  url: string,
  clientId: string,
): Promise<AsyncDisposable & { readonly client: MqttClient }> {
  const client = await connectAsync(url, { clientId, reconnectPeriod: 0 });
  return { client, [Symbol.asyncDispose]: () => client.endAsync(true) };
}

it('opens while the broker is down; what it never confirms becomes dead letters', async () => {
  const deadLetterPath = join(await temporaryFolder(), 'dead.jsonl');
  const options = { url: 'mqtt://user:hidden@127.0.0.1:1', drainTimeoutMs: 30 };
  const sink = await MqttSink.open<object>({ ...options, deadLetterPath });
  await sink.write(Array.from({ length: 70 }, (_, n) => row(n)));
  await sink[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
  const text = await readFile(deadLetterPath, 'utf8');
  const letters = text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as DeadLetter);
  expect(letters.map(letter => letter.row)).toEqual(Array.from({ length: 70 }, (_, n) => row(n)));
  expect(text).not.toContain('hidden');
  const without = await MqttSink.open<object>(options);
  await without.write([row(1)]);
  const failure = await without[Symbol.asyncDispose]().then(
    () => null,
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ code: 'SINK_UNDELIVERED' });
  expect(String(failure)).not.toContain('hidden');
});

it('refuses addresses and topics that are none', async () => {
  const open = (options: object) => MqttSink.open({ url: 'mqtt://127.0.0.1:1', ...options });
  await expect(open({ url: 'http://host' })).rejects.toMatchObject({ code: 'SINK_ADDRESS_INVALID' });
  for (const topic of ['', 'a/+/b', 'a/#', 'a/{stream', '{not ok}']) {
    await expect(open({ topic })).rejects.toMatchObject({ code: 'SINK_TOPIC_INVALID' });
  }
  await expect(open({ statusTopic: 'a/{stream}' })).rejects.toMatchObject({ code: 'SINK_TOPIC_INVALID' });
});

it('fills topics with the fields of rows', () => {
  const topicOf = topicTemplate('a/{stream}/{data.query}/{n}');
  expect(topicOf({ stream: 'front', data: { query: 'q' }, n: 0 })).toBe('a/front/q/0');
  expect(topicOf({ stream: '', data: null })).toBe('a/_/_/_');
  expect(topicOf('text')).toBe('a/_/_/_');
});
