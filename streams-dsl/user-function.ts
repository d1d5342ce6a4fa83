import { reportDrop } from './drops.ts';
import { streamsErrors } from './errors.ts';
import type { OperatorDescription } from './operator.ts';
import { describeItem } from './stream-item.ts';

/** What happens when the user's function throws: the stream fails, or the item is dropped and counted. */
export type OnError = 'fail' | 'drop';

/** Stands for the result of a function that threw on an item which is therefore dropped. */
export const dropped: unique symbol = Symbol('dropped');

/** Whether a function had a result. */
export function isResult<Result>(result: Result | typeof dropped): result is Result {
  return result !== dropped;
}

/** A name for a user's function, for `explain()`. */
export function functionName(called: unknown): string {
  return typeof called === 'function' && called.name !== '' ? called.name : '(function)';
}

/**
 * Calls the user's function on an item.
 * @returns Its result, or {@link dropped} when it threw and `onError` is `drop`; that is reported as a drop.
 * @throws STREAMS_FUNCTION_FAILED - when it threw and `onError` is `fail`.
 */
export function callUser<Item, Result>(
  { operator, onError = 'fail' }: { readonly operator: OperatorDescription; readonly onError?: OnError | undefined },
  item: Item,
  called: (item: Item) => Result,
): Result | typeof dropped {
  try {
    return called(item);
  } catch (error) {
    if (onError === 'fail') throw functionFailed(operator, item, error);
    reportDrop({ operator, reason: 'failed', item, error });
    return dropped;
  }
}

/** The error for what a user's function threw on an item. */
export function functionFailed(operator: OperatorDescription, item: unknown, cause: unknown): Error {
  const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  const details = { operator: operator.kind, item: describeItem(item), reason };
  return streamsErrors.create('STREAMS_FUNCTION_FAILED', details, { cause });
}
