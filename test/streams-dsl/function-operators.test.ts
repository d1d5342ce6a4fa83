import { catchError, finalize, NEVER, type Observable, of, Subject } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { expect, it } from 'vitest';
import { anyOf, filter, groupBy, map, tap, union } from '../../streams-dsl/index.ts';
import { recordDrops } from './record-drops.ts';
import { at, specialized } from './sample-stream.ts';

/** Runs marbles in virtual time. */
function marbles(run: Parameters<TestScheduler['run']>[0]): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(run);
}

const broken = new TypeError('no such field');
const failOnTwo = <Value>(value: Value): Value => {
  if (String(value) === '2') throw broken;
  return value;
};

it('names the operator, the item and the reason when a function throws', () => {
  const operators = {
    map: map(() => {
      throw broken;
    }),
    filter: filter(() => {
      throw broken;
    }),
    tap: tap(() => {
      throw broken;
    }),
    groupBy: groupBy(() => {
      throw broken;
    }, map(String)),
  };
  for (const [kind, operator] of Object.entries(operators)) {
    let failure: unknown;
    of(specialized(5, 0.9))
      .pipe(operator as ReturnType<typeof map>)
      .subscribe({ error: error => (failure = error) });
    expect(failure).toMatchObject({ code: 'STREAMS_FUNCTION_FAILED', cause: broken });
    expect(String(failure)).toContain(
      `${kind} failed on frame 5 of door: its function threw TypeError: no such field.`,
    );
  }
});

it.each([
  [at(5, {}), 'the item at 5000 µs of door'],
  ['text', 'the item text'],
  [null, 'the item null'],
  [{ a: 1 }, 'an item'],
])('names the item %j', (item, name) => {
  let failure: unknown;
  of(item)
    .pipe(map(() => failOnTwo(2)))
    .subscribe({ error: error => (failure = error) });
  expect(String(failure)).toContain(`map failed on ${name}:`);
});

it('drops and counts what a function throws on, and goes on', () => {
  using record = recordDrops();
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('  -1-2-3-|');
    const subscribed = '   ^------!';
    expectObservable(source.pipe(map(failOnTwo, { onError: 'drop' }))).toBe('-1---3-|');
    expectSubscriptions(source.subscriptions).toBe(subscribed);
  });
  expect(record.drops).toMatchObject([
    { operator: { kind: 'map', options: { project: 'failOnTwo' } }, reason: 'failed', item: '2', error: broken },
  ]);
});

it('unsubscribes the source when a function throws', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('      -1-2-3-|');
    const named = source.pipe(
      tap(failOnTwo),
      catchError(error => of(error.code)),
    );
    expectObservable(named).toBe('-1-(f|)', { 1: '1', f: 'STREAMS_FUNCTION_FAILED' });
    expectSubscriptions(source.subscriptions).toBe('^--!');
  });
});

it('joins streams in a union until the last one ends, and unsubscribes all on an error', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const one = cold('-a---b-|');
    const two = cold('--c-----d-|');
    expectObservable(one.pipe(union(two))).toBe('-ac--b--d-|');
    const failing = cold('---#');
    expectObservable(one.pipe(union(two, failing))).toBe('-ac#');
    expectSubscriptions(two.subscriptions).toBe(['^---------!', '^--!']);
    expectSubscriptions(failing.subscriptions).toBe('^--!');
  });
});

it('groups: each key on its own, the group that was idle longest goes first', () => {
  const ends: string[] = [];
  const source = new Subject<string>();
  const out: unknown[] = [];
  const each = (texts: Observable<string>): Observable<string> =>
    texts.pipe(
      map(text => text.toUpperCase()),
      finalize(() => ends.push('ended')),
    );
  source.pipe(groupBy(text => text[0], each, { maxGroups: 2 })).subscribe(value => out.push(value));
  for (const text of ['a1', 'b1', 'a2', 'c1']) source.next(text);
  // b was idle longest.
  expect(ends).toHaveLength(1);
  source.next('b2');
  expect(ends).toHaveLength(2);
  expect(out).toEqual([
    { key: 'a', value: 'A1' },
    { key: 'b', value: 'B1' },
    { key: 'a', value: 'A2' },
    { key: 'c', value: 'C1' },
    { key: 'b', value: 'B2' },
  ]);
});

it('gives the first answer, cancels the losers, and keeps the order of the items', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const slow = cold('-----s|');
    const fast = cold('--f|');
    const source = cold('1--2------|');
    const asked = source.pipe(anyOf([() => slow, () => fast]));
    expectObservable(asked).toBe('--f--f----|');
    expectSubscriptions(slow.subscriptions).toBe(['^-!', '---^-!']);
    expectSubscriptions(fast.subscriptions).toBe(['^-!', '---^-!']);
  });
});

it('asks about several items at once, and gives the answers in order', () => {
  marbles(({ cold, expectObservable }) => {
    const source = cold('12(3|)');
    const answers: Record<string, string> = { 1: '-----1|', 2: '-2|', 3: '----3|' };
    const ask = (item: string) => cold(answers[item] ?? '');
    expectObservable(source.pipe(anyOf([ask], { concurrency: 2 }))).toBe('-----(12)(3|)');
  });
});

it('passes over alternatives that fail or have no answer; fails when all do, and in time', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const failing = cold('-#');
    const empty = cold('-|');
    const late = cold('---a|');
    const one = cold('1|');
    expectObservable(one.pipe(anyOf([() => failing, () => empty, () => late]))).toBe('---(a|)');
    expectObservable(one.pipe(anyOf([() => failing, () => empty], { onError: 'drop' }))).toBe('-|');
    expectObservable(one.pipe(anyOf([() => late], { deadline: 2, onError: 'drop' }))).toBe('--|');
    const never = cold('---');
    expectObservable(one.pipe(anyOf([() => never])), '^--!').toBe('----');
    expectSubscriptions(never.subscriptions).toBe('^--!');
  });
  let failure: unknown;
  of(specialized(7, 0))
    .pipe(
      anyOf([
        () => failOnTwo(of(2)),
        () => {
          throw broken;
        },
      ]),
    )
    .subscribe({ next: value => (failure = value) });
  expect(failure).toBe(2);
  of(specialized(7, 0))
    .pipe(
      anyOf([
        () => {
          throw broken;
        },
        () => {
          throw new Error('offline');
        },
      ]),
    )
    .subscribe({ error: error => (failure = error) });
  expect(failure).toMatchObject({ code: 'STREAMS_FUNCTION_FAILED' });
  expect(String(failure)).toContain(
    'anyOf failed on frame 7 of door: its function threw Error: no alternative answered; no such field; offline.',
  );
});

it('tells alternatives that cannot be unsubscribed that they have lost', async () => {
  let signal: AbortSignal | undefined;
  const subscription = of(1)
    .pipe(
      anyOf([
        (_, aborted) => {
          signal = aborted;
          return NEVER;
        },
        async () => 'won',
      ]),
    )
    .subscribe();
  expect(signal?.aborted).toBe(false);
  await Promise.resolve();
  await Promise.resolve();
  await new Promise(setImmediate);
  expect(signal?.aborted).toBe(true);
  expect(subscription.closed).toBe(true);
});
