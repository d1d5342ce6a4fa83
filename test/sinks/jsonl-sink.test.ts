import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { JsonlSink } from '../../sinks/index.ts';
import { FileTarget } from '../../sinks/line-target.ts';
import { temporaryFolder } from '../cascade/models/model-folder.ts';

it('writes one object a line, and is durable once disposed', async () => {
  const path = join(await temporaryFolder(), 'out.jsonl');
  const sink = await JsonlSink.open<number>({ path, toJson: value => ({ value }) });
  expect(sink.delivery).toBe('exactly-once');
  await sink.write([1, 2]);
  await sink.write([]);
  await sink.write([3]);
  await sink[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
  expect(await readFile(path, 'utf8')).toBe('{"value":1}\n{"value":2}\n{"value":3}\n');
});

it('writes by itself within a second', async () => {
  const path = join(await temporaryFolder(), 'out.jsonl');
  await using sink = await JsonlSink.open<number>({ path });
  await sink.write([1]);
  await vi.waitFor(async () => expect(await readFile(path, 'utf8')).toBe('1\n'), { timeout: 1000 });
});

it('makes its writer wait for the disk when 64 KiB are waiting', async () => {
  const path = join(await temporaryFolder(), 'out.jsonl');
  await using sink = await JsonlSink.open<string>({ path });
  await sink.write(Array.from({ length: 1000 }, () => 'x'.repeat(97)));
  // 100,000 bytes, of which less than 64 KiB may wait.
  expect((await readFile(path)).length).toBeGreaterThan(100_000 - 64 * 1024);
});

it('replaces a file, or keeps its start and goes on there', async () => {
  const path = join(await temporaryFolder(), 'out.jsonl');
  await writeFile(path, '1\n2\n{"torn');
  await using appended = await JsonlSink.open<number>({ path, keepBytes: 4 });
  await appended.write([3]);
  await appended.flush();
  expect(await readFile(path, 'utf8')).toBe('1\n2\n3\n');
  await using replaced = await JsonlSink.open<number>({ path });
  await replaced.write([4]);
  await replaced.flush();
  expect(await readFile(path, 'utf8')).toBe('4\n');
});

it('refuses rows once it is closed', async () => {
  const sink = await JsonlSink.open<number>({ path: join(await temporaryFolder(), 'out.jsonl') });
  await sink[Symbol.asyncDispose]();
  await expect(sink.write([1])).rejects.toMatchObject({ code: 'SINK_CLOSED' });
});

it.each([
  ['a folder that is not there', 'missing/out.jsonl'],
  ['a folder', '.'],
])('says that it cannot write to %s', async (_, name) => {
  const path = join(await temporaryFolder(), name);
  await expect(JsonlSink.open({ path })).rejects.toMatchObject({ code: 'SINK_OUTPUT_UNWRITABLE' });
});

it.runIf(process.platform === 'linux')('keeps its error when the disk is full', async () => {
  const sink = await JsonlSink.open<number>({ path: '/dev/full' });
  await sink.write([1]);
  await expect(sink.flush()).rejects.toMatchObject({ code: 'SINK_DISK_FULL', retryable: true });
  await expect(sink.write([2])).rejects.toMatchObject({ code: 'SINK_DISK_FULL' });
  await sink[Symbol.asyncDispose]();
});

it('leaves whole lines only when a write stops midway', async () => {
  const path = join(await temporaryFolder(), 'out.jsonl');
  const target = await FileTarget.open(path, 0);
  const prototype = Object.getPrototypeOf(await (await import('node:fs/promises')).open(path)) as { write: unknown };
  const write = vi.spyOn(prototype as { write: (...parts: unknown[]) => Promise<{ bytesWritten: number }> }, 'write');
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const original = write.getMockImplementation();
  expect(original).toBeUndefined();
  await target.write(Buffer.from('{"a":1}\n'));
  // The disk takes 12 of 24 bytes, then no more: one and a half lines.
  let calls = 0;
  const real = await (await import('node:fs/promises')).open(path, 'r+');
  write.mockImplementation(async () => {
    if (calls++ > 0) throw full;
    await writeFile(path, '{"a":1}\n{"b":2}\n{"c"');
    return { bytesWritten: 12 };
  });
  await expect(target.write(Buffer.from('{"b":2}\n{"c":3}\n{"d":4}\n'))).rejects.toMatchObject({
    code: 'SINK_DISK_FULL',
  });
  write.mockRestore();
  await real.close();
  await target.close();
  expect(await readFile(path, 'utf8')).toBe('{"a":1}\n{"b":2}\n');
});
