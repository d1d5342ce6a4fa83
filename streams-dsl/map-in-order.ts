import { Observable, type OperatorFunction, Subject, Subscription, takeUntil } from 'rxjs';
import { type Credit, holdCredit } from './credit-gate.ts';

/** How to work on the items of a stream. */
export interface InOrderOptions<In, Out> {
  /** Most items under way at once, 1 or more; a result that waits for an earlier one counts as under way. */
  readonly concurrency: number;
  /** Gives one result an item; without one the item is left out. Unsubscribing cancels it. */
  readonly work: (item: In) => Observable<Out>;
  /** Takes each item whose work was never started because everything ended before. */
  readonly onUnstarted: (item: In) => void;
  /** Takes each result that was never given out because everything ended before. */
  readonly onUngiven: (result: Out) => void;
}

/** An item whose work has not been started. */
interface Waiting<In> {
  readonly item: In;
  readonly credit: Credit;
}

/** The work on one item. */
interface Place<Out> {
  readonly credit: Credit;
  result: { readonly value: Out } | null;
  done: boolean;
}

/**
 * Works on several items at once and gives the results in the order of the items.
 *
 * Completes after the last result; an error of the source or of any work ends it; unsubscribing cancels all work. Items
 * that the source pushes while all places are taken wait. Each item holds its credit until its result has been given out, so
 * behind the credit gate at most its limit wait.
 */
export function mapInOrder<In, Out>(options: InOrderOptions<In, Out>): OperatorFunction<In, Out> {
  const { concurrency, work, onUnstarted, onUngiven } = options;
  return source =>
    new Observable<Out>(subscriber => {
      const waiting: Waiting<In>[] = [];
      const places: Place<Out>[] = [];
      const works = new Subscription();
      let sourceEnded = false;
      let advancing = false;

      const start = ({ item, credit }: Waiting<In>): void => {
        const place: Place<Out> = { credit, result: null, done: false };
        places.push(place);
        const running = work(item).subscribe({
          next: value => {
            place.result = { value };
          },
          error: error => subscriber.error(error),
          complete: () => {
            place.done = true;
            advance();
          },
        });
        works.add(running);
        running.add(() => works.remove(running));
      };
      // A loop rather than recursion: work that answers at once would go one call deeper for each waiting item.
      const advance = (): void => {
        if (advancing) return;
        advancing = true;
        while (!subscriber.closed) {
          if (places[0]?.done === true) {
            const { result, credit } = places.shift() as Place<Out>;
            credit.pass(() => {
              if (result !== null) subscriber.next(result.value);
            });
          } else if (waiting.length > 0 && places.length < concurrency) start(waiting.shift() as Waiting<In>);
          else break;
        }
        advancing = false;
        if (sourceEnded && places.length === 0 && waiting.length === 0) subscriber.complete();
      };

      const ended = new Subject<void>();
      subscriber.add(() => {
        ended.next();
        works.unsubscribe();
        for (const { item, credit } of waiting.splice(0)) {
          onUnstarted(item);
          credit.release();
        }
        for (const { result, credit } of places.splice(0)) {
          if (result !== null) onUngiven(result.value);
          credit.release();
        }
      });
      // Through takeUntil, because a synchronous source has given no subscription yet that could be ended.
      source.pipe(takeUntil(ended)).subscribe({
        next: item => {
          waiting.push({ item, credit: holdCredit() });
          advance();
        },
        error: error => subscriber.error(error),
        complete: () => {
          sourceEnded = true;
          advance();
        },
      });
    });
}
