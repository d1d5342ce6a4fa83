import { createHmac } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { Clock } from '../../ingest/index.ts';
import { type CloudEvent, type DeadLetter, JsonlSink, MemorySink, type Sink, WebhookSink } from '../../sinks/index.ts';
import { temporaryFolder } from '../cascade/models/model-folder.ts';
import { deadUrl, webhookServer } from './webhook-server.ts';

/** A clock whose waits are over at once, and written down. */
function hastyClock(): Clock & { readonly waitsMs: readonly number[] } {
  const waitsMs: number[] = [];
  return {
    waitsMs,
    nowMs: () => 0,
    after(delayMs, run) {
      // The wait of disposal is not one between attempts.
      if (delayMs === 10_000) return () => undefined;
      waitsMs.push(delayMs);
      const soon = setImmediate(run);
      return () => clearImmediate(soon);
    },
  };
}

const hooks = (clock: Clock) => ({ clock, random: () => 0.5 });
const event: CloudEvent = {
  specversion: '1.0',
  id: 'abc-0',
  source: '/streams/door',
  type: 'io.saccade.event.started',
  time: '2026-01-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  sequence: '000000',
  partitionkey: 'door',
  data: { text: 'Tür' },
};

it('posts rows in order, events as CloudEvents, signed as Standard Webhooks says', async () => {
  await using server = await webhookServer();
  const file = join(await temporaryFolder(), 'secret');
  await writeFile(file, 's3cret\n');
  const url = server.url.replace('http://', 'http://user:p%40ss@');
  const sink = await WebhookSink.open<object>({ url, secret: { file }, headers: { 'x-site': 'north' } });
  expect(sink.delivery).toBe('at-least-once');
  await sink.write([event, { n: 1 }]);
  await sink.write([{ n: 2 }]);
  await sink.flush();
  await sink[Symbol.asyncDispose]();
  expect(server.received.map(({ body }) => JSON.parse(body))).toEqual([event, { n: 1 }, { n: 2 }]);
  for (const { body, headers } of server.received) {
    const { 'webhook-id': id, 'webhook-timestamp': timestamp } = headers;
    const expected = createHmac('sha256', 's3cret').update(`${id}.${timestamp}.${body}`).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
    expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60);
    expect(headers.authorization).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`);
    expect(headers['x-site']).toBe('north');
  }
  const [first, second] = server.received;
  expect(first?.headers).toMatchObject({
    'webhook-id': 'abc-0',
    'content-type': 'application/cloudevents+json; charset=utf-8',
  });
  expect(second?.headers['content-type']).toBe('application/json');
  expect(second?.headers['webhook-id']).toMatch(/^[0-9a-f-]{36}$/);
});

it('takes base64 secrets from the environment', async () => {
  await using server = await webhookServer();
  vi.stubEnv('HOOK_SECRET', `whsec_${Buffer.from('bytes').toString('base64')}`);
  await using sink = await WebhookSink.open<object>({ url: server.url, secret: { env: 'HOOK_SECRET' } });
  vi.unstubAllEnvs();
  await sink.write([{}]);
  await sink.flush();
  const { headers, body } = server.received[0] ?? { headers: {}, body: '' };
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', 'bytes').update(signed).digest('base64')}`);
});

it('tries again what may pass, with longer waits, or as long as the receiver asks', async () => {
  const statuses = [429, 503, 408, 500, 429, 200];
  await using server = await webhookServer((index, response) => {
    const status = statuses[index] ?? 200;
    if (index === 1) response.setHeader('retry-after', '7');
    if (index === 4) response.setHeader('retry-after', new Date(Date.now() + 60_000).toUTCString());
    return status;
  });
  const clock = hastyClock();
  await using sink = await WebhookSink.open<object>({ url: server.url }, hooks(clock));
  await sink.write([event]);
  await sink.flush();
  expect(server.received).toHaveLength(6);
  expect(new Set(server.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set(['abc-0']));
  // Half of 500 ms, doubled each time; 7 s and about a minute where the receiver said so.
  expect(clock.waitsMs.slice(0, 4)).toEqual([250, 7000, 1000, 2000]);
  expect(clock.waitsMs[4]).toBeGreaterThan(55_000);
  expect(clock.waitsMs[4]).toBeLessThanOrEqual(60_000);
});

it('tries again when a connection breaks, or no answer comes in time', async () => {
  await using server = await webhookServer((index, response) => {
    if (index === 0) response.destroy();
    return index < 2 ? undefined : 200;
  });
  const clock = hastyClock();
  await using sink = await WebhookSink.open<object>({ url: server.url, timeoutMs: 100 }, hooks(clock));
  await sink.write([{ n: 1 }]);
  await sink.flush();
  expect(server.received.map(({ body }) => body)).toEqual(['{"n":1}', '{"n":1}', '{"n":1}']);
});

it('writes what it tried in vain to the dead-letter file, and goes on', async () => {
  await using server = await webhookServer(index => [500, 500, 500, 400, 302, 200][index]);
  const deadLetterPath = join(await temporaryFolder(), 'dead.jsonl');
  const url = server.url.replace('http://', 'http://user:hidden@');
  const sink = await WebhookSink.open<object>({ url, attempts: 3, deadLetterPath }, hooks(hastyClock()));
  await sink.write([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
  await sink[Symbol.asyncDispose]();
  const text = await readFile(deadLetterPath, 'utf8');
  const letters = text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as DeadLetter);
  expect(letters.map(({ attempts, reason, row }) => [row, attempts, reason])).toEqual([
    [{ n: 1 }, 3, 'the receiver answered 500'],
    [{ n: 2 }, 1, 'the receiver answered 400'],
    [{ n: 3 }, 1, 'the receiver answered 302'],
  ]);
  expect(letters[0]?.target).toBe(server.url.replace('http://', 'http://***@'));
  expect(text).not.toContain('hidden');
  expect(server.received.at(-1)?.body).toBe('{"n":4}');
});

it('fails without a dead-letter file, and takes nothing after that', async () => {
  const sink = await WebhookSink.open<object>(
    { url: (await deadUrl()).replace('http://', 'http://user:hidden@'), attempts: 2 },
    hooks(hastyClock()),
  );
  await sink.write([{ n: 1 }]);
  const failure = await sink.flush().catch(error => error);
  expect(failure).toMatchObject({ code: 'SINK_UNDELIVERED', retryable: true });
  expect(String(failure)).toMatch(
    /http:\/\/\*\*\*@127.0.0.1:\d+\/hook: 1 of them, because no connection \(ECONNREFUSED\)/,
  );
  expect(String(failure)).not.toContain('hidden');
  await expect(sink.write([{ n: 2 }])).rejects.toMatchObject({ code: 'SINK_UNDELIVERED' });
  await expect(sink[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'SINK_UNDELIVERED' });
});

it('says when the dead-letter file cannot be written', async () => {
  const deadLetterPath = join(await temporaryFolder(), 'missing', 'dead.jsonl');
  const options = { url: await deadUrl(), attempts: 1, deadLetterPath };
  const sink = await WebhookSink.open<object>(options);
  await sink.write([{}]);
  await expect(sink.flush()).rejects.toMatchObject({ code: 'SINK_OUTPUT_UNWRITABLE' });
});

it('makes its writer wait when the receiver is behind, while another sink goes on', async () => {
  const held: (() => void)[] = [];
  await using server = await webhookServer((_, response) => {
    held.push(() => response.writeHead(200).end());
    return undefined;
  });
  const slow = await WebhookSink.open<number>({ url: server.url, maxQueued: 5 });
  const quick = new MemorySink<number>();
  const rows = Array.from({ length: 20 }, (_, i) => i);
  const writeAll = async (sink: Sink<number>): Promise<void> => {
    for (const row of rows) {
      await sink.write([row]);
      if (sink === slow) written++;
    }
  };
  let written = 0;
  const writing = writeAll(slow);
  await writeAll(quick);
  expect(quick.rows).toEqual(rows);
  await vi.waitFor(() => expect(held).toHaveLength(1));
  expect(written).toBe(5);
  for (let i = 0; i < rows.length; i++) {
    await vi.waitFor(() => expect(held.length).toBeGreaterThan(i));
    held[i]?.();
  }
  await writing;
  await slow[Symbol.asyncDispose]();
  expect(server.received.map(({ body }) => Number(body))).toEqual(rows);
});

it('gives up when it is closed while the receiver is down: what is queued becomes dead letters', async () => {
  await using server = await webhookServer(() => 503);
  const deadLetterPath = join(await temporaryFolder(), 'dead.jsonl');
  const options = {
    url: server.url,
    deadLetterPath,
    drainTimeoutMs: 50,
    backoff: { baseMs: 1e6, factor: 1, capMs: 1e6 },
  };
  const sink = await WebhookSink.open<number>(options);
  await sink.write([1, 2, 3]);
  await vi.waitFor(() => expect(server.received).toHaveLength(1));
  await sink[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
  const letters = (await readFile(deadLetterPath, 'utf8')).trimEnd().split('\n');
  const parsed = letters.map(line => JSON.parse(line) as DeadLetter);
  expect(parsed.map(({ row, attempts }) => [row, attempts]).sort()).toEqual([
    [1, 1],
    [2, 0],
    [3, 0],
  ]);
  expect(parsed.find(({ row }) => row === 1)?.reason).toBe('the receiver answered 503; the sink was closed');
  await expect(sink.write([4])).rejects.toMatchObject({ code: 'SINK_CLOSED' });
});

it.each([
  ['not a url', 'SINK_ADDRESS_INVALID'],
  ['ftp://user:hidden@host/x', 'SINK_ADDRESS_INVALID'],
])('refuses the address %s', async (url, code) => {
  const failure = await WebhookSink.open({ url }).catch(error => error);
  expect(failure).toMatchObject({ code });
  expect(String(failure)).not.toContain('hidden');
});

it('says where a secret is missing', async () => {
  const open = (secret: { env: string } | { file: string }) => WebhookSink.open({ url: 'http://localhost', secret });
  await expect(open({ env: 'NO_SUCH_SECRET' })).rejects.toMatchObject({ code: 'SINK_SECRET_MISSING' });
  await expect(open({ env: 'NO_SUCH_SECRET' })).rejects.toThrow('NO_SUCH_SECRET');
  const empty = join(await temporaryFolder(), 'empty');
  await writeFile(empty, '\n');
  await expect(open({ file: empty })).rejects.toThrow('it is empty');
  await expect(open({ file: `${empty}-not` })).rejects.toThrow('ENOENT');
});

it('is no slower to a JSON Lines file for a webhook beside it that is down', async () => {
  const path = join(await temporaryFolder(), 'out.jsonl');
  const down = await WebhookSink.open<number>({ url: await deadUrl(), drainTimeoutMs: 1 });
  const jsonl = await JsonlSink.open<number>({ path });
  for (let i = 0; i < 100; i++) await Promise.all([down.write([i]), jsonl.write([i])]);
  await jsonl[Symbol.asyncDispose]();
  expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(101);
  await expect(down[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'SINK_UNDELIVERED' });
});
