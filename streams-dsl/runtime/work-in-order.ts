import { setMaxListeners } from 'node:events';
import { Observable, type OperatorFunction } from 'rxjs';
import { type Credit, holdCredit } from '../credit-gate.ts';

/** Why work is given up; one for all, since making one records the stack, which takes longer than most requests' operators. */
const unsubscribed = new DOMException('Nobody wants the result any more.', 'AbortError');

/** An item whose result is awaited. */
interface Pending<Out> {
  readonly credit: Credit;
  /** Starts the work; called once. */
  start(): void;
  results: readonly Out[] | null;
}

/**
 * Does asynchronous work on items and gives its results in the order of the items. An item that needs no work passes at once
 * when none is before it. The items under way are held, so that their source waits.
 *
 * Completes after the last result; an error of the work is the stream's; unsubscribing aborts the signal.
 * @param work - The results, or a promise of them.
 * @param options.concurrency - Items worked on at the same time, 1 or more. Default: all that the source lets through.
 */
export function workInOrder<In, Out>(
  work: (item: In, signal: AbortSignal) => readonly Out[] | Promise<readonly Out[]>,
  { concurrency = Number.POSITIVE_INFINITY }: { readonly concurrency?: number } = {},
): OperatorFunction<In, Out> {
  return source =>
    new Observable(subscriber => {
      const ending = new AbortController();
      // Each item under way listens.
      setMaxListeners(0, ending.signal);
      const pending: Pending<Out>[] = [];
      const queued: Pending<Out>[] = [];
      let underWay = 0;
      let hasEnded = false;
      const drain = (): void => {
        for (let head = pending[0]; head?.results != null; head = pending[0]) {
          pending.shift();
          const { results } = head;
          head.credit.pass(() => {
            for (const result of results) subscriber.next(result);
          });
        }
        if (hasEnded && pending.length === 0) subscriber.complete();
      };
      const startNext = (): void => {
        while (underWay < concurrency && queued.length > 0) queued.shift()?.start();
      };
      const take = (item: In): void => {
        const started = underWay < concurrency && queued.length === 0 ? work(item, ending.signal) : null;
        if (started !== null && !(started instanceof Promise) && pending.length === 0) {
          for (const result of started) subscriber.next(result);
          return;
        }
        const one: Pending<Out> = {
          credit: holdCredit(),
          results: null,
          start: () => settle(work(item, ending.signal)),
        };
        const settle = (results: readonly Out[] | Promise<readonly Out[]>): void => {
          underWay++;
          Promise.resolve(results).then(
            done => {
              underWay--;
              one.results = done;
              startNext();
              drain();
            },
            (error: unknown) => subscriber.error(error),
          );
        };
        pending.push(one);
        if (started === null) queued.push(one);
        else settle(started);
      };
      subscriber.add(() => {
        ending.abort(unsubscribed);
        for (const { credit } of pending.splice(0)) credit.release();
      });
      subscriber.add(
        source.subscribe({
          next: take,
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            hasEnded = true;
            drain();
          },
        }),
      );
    });
}
