import { defer, filter, groupBy as groupItems, map, mergeMap, type OperatorFunction, Subject } from 'rxjs';
import { checkOptions, functionRule, integerRule, onErrorRule, optional } from '../check-options.ts';
import { describeOperator, descriptionOf, type StreamOperator } from '../operator.ts';
import { release } from '../stream-item.ts';
import { callUser, dropped, functionName } from '../user-function.ts';
import type { FunctionOptions } from './map.ts';

/** A value and the group that it belongs to. */
export interface Keyed<Key, Value> {
  readonly key: Key;
  readonly value: Value;
}

/** How to group. */
export interface GroupOptions extends FunctionOptions {
  /** Most groups that are open at once, 1 or more. Beyond it the group that was idle longest is completed. Default 10,000. */
  readonly maxGroups?: number;
}

/**
 * Runs an operator for each key apart, such as an `aggregate` for each stream, and gives what comes out with its key.
 *
 * ```
 * in   --a1--b1--a2--b2--|
 *      groupBy(x => x.key, count)
 * out  ------------------(a:2 b:2)|
 * ```
 *
 * Groups complete with the source, or when they are more than `maxGroups`; a key that comes back begins anew. An error of
 * any group ends the stream; unsubscribes the source and every group. Holds what the groups hold; disposes of frames whose
 * key could not be found.
 * @param key - The key of an item, compared with `===` (NaN equals itself); it only borrows the item.
 * @param each - Subscribed once a group; several operators are joined with RxJS's `pipe`.
 * @throws STREAMS_OPTION_INVALID - when an option does not fit. The stream fails with STREAMS_FUNCTION_FAILED when `key`
 *   throws, unless `onError` is `drop`.
 */
export function groupBy<In, Key, Out>(
  key: (item: In) => Key,
  each: OperatorFunction<In, Out>,
  options: GroupOptions = {},
): StreamOperator<In, Keyed<Key, Out>> {
  const rules = { key: functionRule, each: functionRule, maxGroups: optional(integerRule(1)), onError: onErrorRule };
  checkOptions('groupBy', { ...options, key, each }, rules);
  const { maxGroups = 10_000, onError } = options;
  const operator = {
    kind: 'groupBy',
    options: { key: functionName(key), each: descriptionOf(each) ?? functionName(each), maxGroups, onError },
  };
  return describeOperator(operator, source =>
    defer(() => {
      // Closers of the open groups; a Map keeps the order of insertion, so the first is the one that was idle longest.
      const closers = new Map<Key, Subject<void>>();
      const touch = (touched: Key): void => {
        const closer = closers.get(touched);
        if (closer !== undefined) {
          closers.delete(touched);
          closers.set(touched, closer);
        } else if (closers.size >= maxGroups) {
          for (const [idle, close] of closers) {
            closers.delete(idle);
            close.next();
            break;
          }
        }
      };
      return source.pipe(
        map(item => {
          const found = callUser({ operator, onError }, item, key);
          if (found === dropped) {
            release(item);
            return null;
          }
          touch(found as Key);
          return { key: found as Key, item };
        }),
        filter(keyed => keyed !== null),
        groupItems(keyed => keyed.key, {
          element: keyed => keyed.item,
          duration: group => {
            const closer = new Subject<void>();
            closers.set(group.key, closer);
            return closer;
          },
        }),
        mergeMap(group =>
          group.pipe(
            each,
            map(value => ({ key: group.key, value })),
          ),
        ),
      );
    }),
  );
}
