import { filter as filterItems } from 'rxjs';
import { checkOptions, functionRule, onErrorRule } from '../check-options.ts';
import { describeOperator, type StreamOperator } from '../operator.ts';
import { release } from '../stream-item.ts';
import { callUser, dropped, functionName } from '../user-function.ts';
import type { FunctionOptions } from './map.ts';

/**
 * Lets only those items pass for which a function holds.
 *
 * ```
 * in   --1--2--3--|
 *      filter(x => x !== 2)
 * out  --1-----3--|
 * ```
 *
 * Completion, errors and unsubscription pass through. Holds nothing; disposes of frames that do not pass.
 * @param holds - Called once an item, in order; a type guard narrows the stream. It only borrows the item.
 * @throws STREAMS_OPTION_INVALID - when an option does not fit. The stream fails with STREAMS_FUNCTION_FAILED when the
 *   function throws or gives a promise, unless `onError` is `drop`.
 */
export function filter<In, Out extends In>(
  holds: (item: In) => item is Out,
  options?: FunctionOptions,
): StreamOperator<In, Out>;
export function filter<In>(holds: (item: In) => boolean, options?: FunctionOptions): StreamOperator<In, In>;
export function filter<In>(holds: (item: In) => boolean, options: FunctionOptions = {}): StreamOperator<In, In> {
  checkOptions('filter', { ...options, holds }, { holds: functionRule, onError: onErrorRule });
  const operator = { kind: 'filter', options: { holds: functionName(holds), ...options } };
  const context = { operator, onError: options.onError };
  const holdsNow = (item: In): boolean => decided(holds(item));
  return describeOperator(operator, source =>
    source.pipe(
      filterItems(item => {
        const passes = callUser(context, item, holdsNow);
        if (passes !== dropped && passes) return true;
        release(item);
        return false;
      }),
    ),
  );
}

/** A promise would hold for every item, whatever comes of it. */
function decided(passes: unknown): boolean {
  if (!(passes instanceof Promise)) return Boolean(passes);
  passes.catch(() => undefined);
  throw new TypeError('it gave a promise where true or false is wanted; await it in lookup() or anyOf() before');
}
