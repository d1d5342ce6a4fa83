import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { toConsole, toJsonl, toMemory, toMqtt, toWebhook } from '../../streams-dsl/index.ts';
import { temporaryFolder } from '../cascade/models/model-folder.ts';
import { webhookServer } from '../sinks/webhook-server.ts';

it('opens sinks when asked, not before', async () => {
  const path = join(await temporaryFolder(), 'out.jsonl');
  const jsonl = toJsonl<{ readonly n: number }>(path, { toJson: ({ n }) => [n] });
  await expect(readFile(path)).rejects.toThrow('ENOENT');
  const sink = await jsonl.open();
  await sink.write([{ n: 1 }]);
  await sink[Symbol.asyncDispose]();
  expect(await readFile(path, 'utf8')).toBe('[1]\n');

  const memory = toMemory<number>();
  for (const run of [1, 2]) await (await memory.open()).write([run]);
  expect(memory.rows).toEqual([1, 2]);

  await using server = await webhookServer();
  await using hook = await toWebhook<number>(server.url).open();
  await hook.write([3]);
  await hook.flush();
  expect(server.received.map(({ body }) => body)).toEqual(['3']);

  await using shown = await toConsole<number>({ toLine: () => '' }).open();
  await shown.write([]);
});

it('describes sinks without their secrets', () => {
  const factories = [
    toJsonl('out.jsonl'),
    toConsole({ format: 'json' }),
    toMemory(),
    toWebhook('https://user:hidden@host/hook?token=hidden', {
      secret: { env: 'HOOK_SECRET' },
      headers: { authorization: 'hidden' },
    }),
    toMqtt('mqtt://user:hidden@host', { topic: 'a/{stream}', password: { file: 'password.txt' } }),
  ];
  expect(JSON.parse(JSON.stringify(factories.map(({ description }) => description)))).toEqual([
    { kind: 'toJsonl', options: { path: 'out.jsonl' } },
    { kind: 'toConsole', options: { format: 'json' } },
    { kind: 'toMemory', options: {} },
    {
      kind: 'toWebhook',
      options: { url: 'https://***@host/hook?token=***', secret: { env: 'HOOK_SECRET' }, headers: ['authorization'] },
    },
    {
      kind: 'toMqtt',
      options: { url: 'mqtt://***@host', topic: 'a/{stream}', password: { file: 'password.txt' } },
    },
  ]);
});

/** What a program in JavaScript may pass. */
const loose = (make: unknown): ((...parts: unknown[]) => unknown) => make as (...parts: unknown[]) => unknown;

it.each<[what: string, make: () => unknown, code: string, text: string]>([
  ['a path that is none', () => loose(toJsonl)(3), 'STREAMS_OPTION_INVALID', 'toJsonl cannot take path = 3'],
  ['a format that is none', () => loose(toConsole)({ format: 'xml' }), 'STREAMS_OPTION_INVALID', '"text", "json"'],
  ['an address that is none', () => toWebhook('user:hidden@host'), 'SINK_ADDRESS_INVALID', 'https:// or http://'],
  ['a broker that is none', () => toMqtt('http://user:hidden@host'), 'SINK_ADDRESS_INVALID', 'mqtt://'],
  [
    'a secret as it is',
    () => loose(toWebhook)('http://h', { secret: 'hidden' }),
    'STREAMS_OPTION_INVALID',
    '(not shown)',
  ],
  [
    'a header as it is',
    () => loose(toWebhook)('http://h', { headers: { a: ['hidden'] } }),
    'STREAMS_OPTION_INVALID',
    'headers.a',
  ],
  [
    'an unknown option',
    () => loose(toMqtt)('mqtt://h', { pass: 'hidden' }),
    'STREAMS_OPTION_INVALID',
    'one of the options topic',
  ],
  [
    'a password as it is',
    () => loose(toMqtt)('mqtt://h', { password: 'hidden' }),
    'STREAMS_OPTION_INVALID',
    '{ env: "NAME" }',
  ],
  ['a topic with wildcards', () => toMqtt('mqtt://h', { topic: '#' }), 'SINK_TOPIC_INVALID', '"#"'],
  ['no room', () => toMqtt('mqtt://h', { maxQueued: 0 }), 'STREAMS_OPTION_INVALID', 'maxQueued = 0'],
])('refuses %s, and prints no secret', (_, make, code, text) => {
  let failure: unknown;
  try {
    make();
  } catch (error) {
    failure = error;
  }
  expect(failure).toMatchObject({ code });
  expect(String(failure)).toContain(text);
  expect(String(failure)).not.toContain('hidden');
});
