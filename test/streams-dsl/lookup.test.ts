import { from, of, Subject, toArray } from 'rxjs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type LookupOptions, lookup } from '../../streams-dsl/index.ts';
import { recordDrops } from './record-drops.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
const itself = (item: string): string => item;

/** Runs items through a lookup; `send` gives the next ones. */
function start(options: Omit<LookupOptions<string, string, string, string>, 'key' | 'default'>) {
  const source = new Subject<string>();
  const out: string[] = [];
  const subscription = source.pipe(lookup({ key: itself, default: '?', ...options })).subscribe({
    next: ({ item, value, defaulted }) => out.push(`${item}:${value}${defaulted ? ` ${defaulted}` : ''}`),
  });
  const send = async (...items: string[]): Promise<string[]> => {
    for (const item of items) source.next(item);
    await vi.advanceTimersByTimeAsync(0);
    return out.splice(0);
  };
  return { source, out, send, subscription };
}

it('loads each key once, also for items that ask at the same time', async () => {
  const load = vi.fn(async (key: string) => `${key}!`);
  const { send } = start({ load });
  expect(await send('a', 'b', 'a')).toEqual(['a:a!', 'b:b!', 'a:a!']);
  expect(await send('a')).toEqual(['a:a!']);
  expect(load.mock.calls.map(([key]) => key)).toEqual(['a', 'b']);
});

it('keeps the order, and marks what was not there in time', async () => {
  const times: Record<string, number> = { slow: 5000, quick: 10, medium: 900 };
  const load = vi.fn(async (key: string) => {
    await sleep(times[key] ?? 0);
    return `${key}!`;
  });
  const { send, out } = start({ load, deadline: '1s' });
  expect(await send('slow', 'quick', 'medium')).toEqual([]);
  await vi.advanceTimersByTimeAsync(999);
  expect(out).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(out.splice(0)).toEqual(['slow:? late', 'quick:quick!', 'medium:medium!']);
  // What came too late for the first serves the next.
  await vi.advanceTimersByTimeAsync(4000);
  expect(await send('slow')).toEqual(['slow:slow!']);
  expect(load).toHaveBeenCalledTimes(3);
});

it('asks again after a load that never answers', async () => {
  let calls = 0;
  const load = (): Promise<string> => (calls++ === 0 ? new Promise(() => undefined) : Promise.resolve('found'));
  const { send, out } = start({ load, deadline: 100 });
  await send('a');
  await vi.advanceTimersByTimeAsync(100);
  expect(out.splice(0)).toEqual(['a:? late']);
  expect(await send('a')).toEqual(['a:found']);
});

it('marks what could not be loaded, and does not keep the failure', async () => {
  let calls = 0;
  const load = (): Promise<string> => {
    if (calls++ === 0) throw new Error('offline');
    return calls === 2 ? Promise.reject(new Error('offline')) : Promise.resolve('found');
  };
  const { send } = start({ load });
  expect(await send('a')).toEqual(['a:? failed']);
  expect(await send('a')).toEqual(['a:? failed']);
  expect(await send('a')).toEqual(['a:found']);
});

it('keeps the values used last, as long as they are good', async () => {
  const load = vi.fn(async (key: string) => key);
  const { send } = start({ load, cache: { maxEntries: 2, ttl: '1m' } });
  await send('a', 'b');
  await send('a', 'c');
  load.mockClear();
  await send('a', 'c');
  expect(load).not.toHaveBeenCalled();
  await send('b');
  expect(load).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(60_000);
  await send('b');
  expect(load).toHaveBeenCalledTimes(2);
});

it('has only so many items under way', async () => {
  let underWay = 0;
  let most = 0;
  const load = async (): Promise<string> => {
    most = Math.max(most, ++underWay);
    await sleep(100);
    underWay--;
    return 'x';
  };
  const { source, out } = start({ load, concurrency: 3 });
  for (let i = 0; i < 10; i++) source.next(`k${i}`);
  await vi.advanceTimersByTimeAsync(400);
  expect(out).toHaveLength(10);
  expect(most).toBe(3);
});

it('leaves no timer behind when unsubscribed', async () => {
  const { send, subscription } = start({ load: () => new Promise(() => undefined) });
  await send('a', 'b');
  expect(vi.getTimerCount()).toBeGreaterThan(0);
  subscription.unsubscribe();
  expect(vi.getTimerCount()).toBe(0);
});

it('completes after the last answer, and drops items whose key cannot be found when told to', async () => {
  using record = recordDrops();
  const key = (item: string): string => {
    if (item === 'bad') throw new Error('no key');
    return item;
  };
  const options = { key, load: async (asked: string) => asked, default: '?' };
  const out: unknown[] = [];
  let ends = 0;
  of('a', 'bad', 'b')
    .pipe(lookup({ ...options, onError: 'drop' }), toArray())
    .subscribe({ next: values => out.push(...values.map(({ item }) => item)), complete: () => ends++ });
  await vi.advanceTimersByTimeAsync(0);
  expect(out).toEqual(['a', 'b']);
  expect(ends).toBe(1);
  expect(record.drops).toMatchObject([{ reason: 'failed', item: 'bad', operator: { kind: 'lookup' } }]);
  let failure: unknown;
  from(['bad'])
    .pipe(lookup(options))
    .subscribe({ error: error => (failure = error) });
  expect(failure).toMatchObject({ code: 'STREAMS_FUNCTION_FAILED' });
});
