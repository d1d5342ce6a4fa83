import { concatMap, filter, map, type OperatorFunction, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Sink } from '../../sinks/index.ts';
import { anyOf, CreditGate, gatedSource, holdCredit, lookup } from '../../streams-dsl/index.ts';
import { workInOrder } from '../../streams-dsl/runtime/work-in-order.ts';
import { writeRows } from '../../streams-dsl/runtime/write-rows.ts';

/** Turns of the event loop: enough for whatever can go on to go on. */
async function settle(turns = 50): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise(resolve => setImmediate(resolve));
}

/** Numbers in batches, and how many were pulled. */
class Numbers {
  pulled = 0;
  hasEnded = false;
  readonly #count: number;
  readonly #batch: number;

  constructor(count: number, batch = 1) {
    this.#count = count;
    this.#batch = batch;
  }

  async *read(): AsyncGenerator<readonly number[]> {
    try {
      for (let from = 0; from < this.#count; from += this.#batch) {
        const batch = Array.from({ length: Math.min(this.#batch, this.#count - from) }, (_, i) => from + i);
        this.pulled += batch.length;
        yield batch;
      }
    } finally {
      this.hasEnded = true;
    }
  }
}

/** A sink whose writes are finished by hand. */
function slowSink(rows: unknown[]): Sink<unknown> & { finish(): void; mostAtOnce: number } {
  let finish: () => void = () => undefined;
  return {
    delivery: 'exactly-once',
    mostAtOnce: 0,
    write(written) {
      rows.push(...written);
      this.mostAtOnce = Math.max(this.mostAtOnce, written.length);
      return new Promise(resolve => (finish = resolve));
    },
    flush: () => Promise.resolve(),
    finish: () => finish(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

describe('the credit gate', () => {
  it.each([
    [1, 1],
    [4, 1],
    [4, 3],
    [64, 10],
  ])('holds at most %i items before a slow sink, in batches of %i', async (limit, batch) => {
    const numbers = new Numbers(500, batch);
    const gate = new CreditGate(limit);
    const rows: unknown[] = [];
    const sink = slowSink(rows);
    const writing = writeRows(
      gatedSource(() => numbers.read(), gate),
      sink,
      new AbortController().signal,
    );
    let finished = 0;
    while (rows.length < 500) {
      await settle(10);
      // What was pulled and is not written: the limit, and what is left of one batch.
      expect(numbers.pulled - finished).toBeLessThanOrEqual(limit + batch - 1);
      expect(gate.held).toBeLessThanOrEqual(limit);
      finished = rows.length;
      sink.finish();
    }
    await settle(5);
    sink.finish();
    await writing;
    expect(rows).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect(gate.held).toBe(0);
    expect(gate.mostHeld).toBe(limit);
  });

  it('counts an item once, however many hold it, until the last lets go', async () => {
    const gate = new CreditGate(2);
    const held: (() => void)[] = [];
    const seen: number[] = [];
    const subscription = gatedSource(() => new Numbers(10).read(), gate).subscribe(item => {
      seen.push(item);
      for (let i = 0; i < 3; i++) {
        const credit = holdCredit();
        held.push(() => credit.release());
      }
    });
    await settle();
    expect([seen, gate.held]).toEqual([[0, 1], 2]);
    held.shift()?.();
    held.shift()?.();
    await settle();
    expect(seen).toHaveLength(2);
    held.shift()?.();
    await settle();
    expect([seen, gate.held]).toEqual([[0, 1, 2], 2]);
    subscription.unsubscribe();
  });

  it('counts what asynchronous operators keep, through filters and several of them', async () => {
    const numbers = new Numbers(100);
    const gate = new CreditGate(5);
    const answers: (() => void)[] = [];
    const wait = (item: number): Promise<readonly number[]> =>
      new Promise(resolve => answers.push(() => resolve([item * 10])));
    const rows: number[] = [];
    gatedSource(() => numbers.read(), gate)
      .pipe(
        filter(item => item % 2 === 0),
        workInOrder(wait),
        workInOrder(wait),
        map(item => item + 1),
      )
      .subscribe(row => rows.push(row));
    for (let most = 0; rows.length < 50; ) {
      await settle(3);
      most = Math.max(most, answers.length);
      expect(most).toBeLessThanOrEqual(5);
      answers.pop()?.();
    }
    expect(rows).toEqual(Array.from({ length: 50 }, (_, i) => 200 * i + 1));
    expect(gate.held).toBe(0);
  });

  const wait = (answers: (() => void)[]) => (): Promise<number> =>
    new Promise(resolve => answers.push(() => resolve(1)));
  it.each<[string, (ask: () => Promise<number>) => OperatorFunction<number, unknown>]>([
    [
      'lookup',
      (ask: () => Promise<number>) =>
        lookup({ key: (n: number) => n, load: ask, default: 0, deadline: '1h', concurrency: 3 }),
    ],
    ['anyOf', (ask: () => Promise<number>) => anyOf<number, number>([ask], { concurrency: 3 })],
  ])('counts what a slow %s keeps, under way or not', async (_, operator) => {
    const numbers = new Numbers(40);
    const gate = new CreditGate(5);
    const answers: (() => void)[] = [];
    let rows = 0;
    const reading = gatedSource(() => numbers.read(), gate)
      .pipe(operator(wait(answers)))
      .subscribe(() => rows++);
    while (rows < 30) {
      await settle(3);
      expect(answers.length).toBe(3);
      expect(gate.held).toBe(5);
      expect(numbers.pulled - rows).toBe(5);
      // The last to be asked answers first: it waits for the earlier ones, and counts.
      for (const answer of answers.splice(0).reverse()) answer();
    }
    reading.unsubscribe();
    expect(gate.held).toBe(0);
  });

  it('ends the source when it is left, also while it waits', async () => {
    const numbers = new Numbers(100);
    const gate = new CreditGate(1);
    const subscription = gatedSource(() => numbers.read(), gate).subscribe(() => holdCredit());
    await settle();
    expect([numbers.pulled, numbers.hasEnded]).toEqual([1, false]);
    subscription.unsubscribe();
    await settle();
    expect([numbers.pulled, numbers.hasEnded]).toEqual([1, true]);
  });

  it('lets nothing in while it is paused', async () => {
    const gate = new CreditGate();
    const seen: number[] = [];
    gatedSource(() => new Numbers(5).read(), gate).subscribe(item => {
      seen.push(item);
      if (item === 1) gate.pause();
    });
    await settle();
    expect(seen).toEqual([0, 1]);
    gate.resume();
    await settle();
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  it('passes the error of the source', async () => {
    const source = async function* (): AsyncGenerator<readonly number[]> {
      yield [1];
      throw new Error('gone');
    };
    const seen: unknown[] = [];
    gatedSource(source, new CreditGate()).subscribe({
      next: item => seen.push(item),
      error: error => seen.push(error),
    });
    await settle();
    expect(seen).toEqual([1, new Error('gone')]);
  });

  it('holds nothing outside a gate', () => {
    const credit = holdCredit();
    let isPassed = false;
    credit.pass(() => {
      isPassed = true;
    });
    credit.release();
    expect(isPassed).toBe(true);
  });
});

describe('work in order', () => {
  it('starts no more than it may at once, and keeps the order', async () => {
    const source = new Subject<number>();
    const open = new Map<number, () => void>();
    const rows: number[] = [];
    let isComplete = false;
    source
      .pipe(
        workInOrder<number, number>(
          item => (item < 0 ? [item] : new Promise(resolve => open.set(item, () => resolve([item])))),
          {
            concurrency: 2,
          },
        ),
      )
      .subscribe({ next: row => rows.push(row), complete: () => (isComplete = true) });
    for (const item of [-1, 1, 2, -2, 3]) source.next(item);
    source.complete();
    expect([rows, [...open.keys()]]).toEqual([[-1], [1, 2]]);
    open.get(2)?.();
    await settle();
    expect([rows, [...open.keys()]]).toEqual([[-1], [1, 2, 3]]);
    open.get(1)?.();
    await settle();
    expect([rows, isComplete]).toEqual([[-1, 1, 2, -2], false]);
    open.get(3)?.();
    await settle();
    expect([rows, isComplete]).toEqual([[-1, 1, 2, -2, 3], true]);
  });

  it('aborts what is under way when it is left, and passes errors', async () => {
    const source = new Subject<number>();
    const signals: AbortSignal[] = [];
    const subscription = source
      .pipe(
        workInOrder<number, number>((_, signal) => {
          signals.push(signal);
          return new Promise(() => undefined);
        }),
      )
      .subscribe();
    source.next(1);
    subscription.unsubscribe();
    expect([signals[0]?.aborted, source.observed]).toEqual([true, false]);
    const errors: unknown[] = [];
    source.pipe(workInOrder(() => Promise.reject(new Error('no')))).subscribe({ error: error => errors.push(error) });
    source.next(1);
    await settle();
    expect(errors).toEqual([new Error('no')]);
  });
});

describe('writing rows', () => {
  it('writes together what has gathered, and flushes at the end', async () => {
    const source = new Subject<number>();
    const rows: unknown[] = [];
    const sink = slowSink(rows);
    const writing = writeRows(source, sink, new AbortController().signal);
    for (let i = 0; i < 5; i++) source.next(i);
    expect(rows).toEqual([0]);
    sink.finish();
    await settle();
    expect([rows, sink.mostAtOnce]).toEqual([[0, 1, 2, 3, 4], 4]);
    source.complete();
    sink.finish();
    await writing;
  });

  it('writes what it was given when it is told to end, and nothing more', async () => {
    const source = new Subject<number>();
    const rows: unknown[] = [];
    const sink = slowSink(rows);
    const leave = new AbortController();
    const writing = writeRows(source, sink, leave.signal);
    source.next(1);
    source.next(2);
    leave.abort();
    source.next(3);
    sink.finish();
    await settle();
    sink.finish();
    await writing;
    expect([rows, source.observed]).toEqual([[1, 2], false]);
  });

  it('fails with the sink, and lets go of what it held', async () => {
    const gate = new CreditGate(3);
    const sink = { ...slowSink([]), write: () => Promise.reject(new Error('disk full')) };
    const source = gatedSource(() => new Numbers(10).read(), gate).pipe(concatMap(item => [item, item]));
    await expect(writeRows(source, sink, new AbortController().signal)).rejects.toThrow('disk full');
    expect(gate.held).toBe(0);
  });
});
