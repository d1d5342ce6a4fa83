import {
  catchError,
  defaultIfEmpty,
  defer,
  EMPTY,
  finalize,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  take,
  throwError,
  timer,
} from 'rxjs';
import { checkOptions, durationRule, integerRule, onErrorRule, optional, optionError } from '../check-options.ts';
import { reportDrop } from '../drops.ts';
import { type Duration, durationMs } from '../duration.ts';
import { mapInOrder } from '../map-in-order.ts';
import { describeOperator, type StreamOperator } from '../operator.ts';
import { release } from '../stream-item.ts';
import { functionFailed, functionName } from '../user-function.ts';
import type { FunctionOptions } from './map.ts';

/**
 * One way to answer for an item. The signal is aborted when another one has answered, or when nobody listens any more: work
 * that cannot be unsubscribed, such as a `fetch`, stops by it.
 */
export type Alternative<In, Out> = (item: In, signal: AbortSignal) => PromiseLike<Out> | Observable<Out>;

/** How alternatives compete. */
export interface AnyOfOptions extends FunctionOptions {
  /** Items under way at once, 1 or more; the answers keep the order of the items. Default 1. */
  readonly concurrency?: number;
  /** Time for the first answer, above 0, on the machine's clock. Default: no limit. */
  readonly deadline?: Duration;
}

/**
 * Asks several alternatives about each item and gives the answer that comes first; the others are cancelled.
 *
 * ```
 * in   --1--------2-----|
 *      anyOf([slow, fast])
 * out  ----fast1----fast2-|
 * ```
 *
 * An alternative that fails or ends without an answer has lost; an item fails when all have. Completes after the last
 * answer; an error of the source ends it at once; unsubscribing cancels what is under way and unsubscribes the source.
 * Holds `concurrency` items, and what the source pushes meanwhile, which the credit gate bounds. Alternatives only borrow
 * a frame: it is disposed of once it is answered, unless it is itself the answer.
 * @param alternatives - Two or more in general; asked in this order, so of two that answer at once the first wins.
 * @throws STREAMS_OPTION_INVALID - when an option does not fit. The stream fails with STREAMS_FUNCTION_FAILED when no
 *   alternative answers (in time), unless `onError` is `drop`.
 */
export function anyOf<In, Out>(
  alternatives: readonly Alternative<In, Out>[],
  options: AnyOfOptions = {},
): StreamOperator<In, Out> {
  if (!Array.isArray(alternatives) || alternatives.length === 0) {
    throw optionError('anyOf', 'alternatives', alternatives, 'an array of functions, at least one');
  }
  alternatives.forEach((alternative, index) => {
    if (typeof alternative !== 'function')
      throw optionError('anyOf', `alternatives[${index}]`, alternative, 'a function');
  });
  checkOptions('anyOf', options, rules);
  const { concurrency = 1, deadline, onError = 'fail' } = options;
  const operator = {
    kind: 'anyOf',
    options: { alternatives: alternatives.map(functionName), concurrency, deadline, onError },
  };
  const answer = (item: In): Observable<Out> =>
    firstAnswer<In, Out>(item, alternatives, deadline).pipe(
      catchError(error => {
        if (onError === 'fail') return throwError(() => functionFailed(operator, item, error));
        reportDrop({ operator, reason: 'failed', item, error });
        return EMPTY;
      }),
    );
  const work = (item: In): Observable<Out> =>
    defer(() => {
      let answered: unknown;
      return answer(item).pipe(
        map((value: Out) => {
          answered = value;
          return value;
        }),
        finalize(() => {
          if (answered !== item) release(item);
        }),
      );
    });
  return describeOperator(operator, mapInOrder({ concurrency, work, onUnstarted: release, onUngiven: release }));
}

const rules = {
  concurrency: optional(integerRule(1)),
  deadline: optional(durationRule(1)),
  onError: onErrorRule,
};

/** The first answer; an error that joins the reasons when there is none. */
function firstAnswer<In, Out>(
  item: In,
  alternatives: readonly Alternative<In, Out>[],
  deadline: Duration | undefined,
): Observable<Out> {
  return defer(() => {
    const lost = new AbortController();
    const reasons: string[] = [];
    const answers = alternatives.map(alternative =>
      defer(() => alternative(item, lost.signal)).pipe(
        map(value => ({ value })),
        take(1),
        defaultIfEmpty(null),
        catchError(error => {
          reasons.push(error instanceof Error ? error.message : String(error));
          return of(null);
        }),
      ),
    );
    const late =
      deadline === undefined
        ? EMPTY
        : timer(durationMs(deadline)).pipe(
            map(() => {
              throw new Error(`no answer within ${deadline}${typeof deadline === 'number' ? ' ms' : ''}`);
            }),
          );
    let open = alternatives.length;
    return merge(...answers, late).pipe(
      mergeMap(found => {
        if (found !== null) return of(found.value);
        if (--open > 0) return EMPTY;
        throw new Error(['no alternative answered', ...reasons].join('; '));
      }),
      take(1),
      finalize(() => lost.abort()),
    );
  });
}
