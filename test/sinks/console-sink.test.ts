import { expect, it } from 'vitest';
import { ConsoleSink, MemorySink } from '../../sinks/index.ts';
import { sampleDecisions } from './sample-decisions.ts';

/** Records lines as standard output would show them. */
function recordLines() {
  const lines: string[] = [];
  const target = {
    write: async (bytes: Buffer) => {
      lines.push(...bytes.toString().split('\n').slice(0, -1));
    },
    close: async () => undefined,
  };
  return { lines, target };
}

it('shows decisions, events and other rows as lines for people', async () => {
  const { lines, target } = recordLines();
  await using sink = new ConsoleSink<unknown>({}, target);
  expect(sink.delivery).toBe('at-most-once');
  const event = {
    specversion: '1.0',
    type: 'io.saccade.event.ended',
    time: '2026-01-01T00:00:00.000Z',
    partitionkey: 'door',
  };
  await sink.write([
    ...sampleDecisions('-A'),
    { ...event, data: { query: 'q', label: 'person', score: 0.876 } },
    { ...event, data: null },
    { people: 3 },
    'text',
  ]);
  await sink.write([]);
  await sink.flush();
  expect(lines).toEqual([
    'door frame 0 at 0.000 s: no (skipped)',
    'door frame 1 at 0.040 s: yes (accepted)',
    '2026-01-01T00:00:00.000Z door: q, person 0.88 ended',
    '2026-01-01T00:00:00.000Z door: event ended',
    '{"people":3}',
    'text',
  ]);
});

it('shows rows as JSON, or as it is told', async () => {
  const { lines, target } = recordLines();
  await using json = new ConsoleSink<object>({ format: 'json' }, target);
  await json.write([{ a: 1 }]);
  await using own = new ConsoleSink<number>({ toLine: row => `<${row}>` }, target);
  await own.write([7]);
  expect(lines).toEqual(['{"a":1}', '<7>']);
});

it('passes on what standard output says, and takes nothing after it is closed', async () => {
  const broken = { write: () => Promise.reject(new Error('EPIPE')), close: async () => undefined };
  const sink = new ConsoleSink<number>({}, broken);
  await expect(sink.write([1])).rejects.toThrow('EPIPE');
  await expect(sink.write([2])).rejects.toThrow('EPIPE');
  await sink[Symbol.asyncDispose]();
  await expect(sink.write([3])).rejects.toMatchObject({ code: 'SINK_CLOSED' });
});

it('keeps rows in memory', async () => {
  const sink = new MemorySink<number>();
  await sink.write([1, 2]);
  await sink.write([3]);
  await sink.flush();
  await sink[Symbol.asyncDispose]();
  expect(sink.rows).toEqual([1, 2, 3]);
  await expect(sink.write([4])).rejects.toMatchObject({ code: 'SINK_CLOSED' });
});
