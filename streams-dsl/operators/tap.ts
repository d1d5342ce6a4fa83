import { filter } from 'rxjs';
import { checkOptions, functionRule, onErrorRule } from '../check-options.ts';
import { describeOperator, type StreamOperator } from '../operator.ts';
import { release } from '../stream-item.ts';
import { callUser, dropped, functionName } from '../user-function.ts';
import type { FunctionOptions } from './map.ts';

/**
 * Shows each item to a function and passes it on.
 *
 * ```
 * in   --1--2--3--|
 *      tap(console.log)
 * out  --1--2--3--|
 * ```
 *
 * Completion, errors and unsubscription pass through. Holds nothing; disposes of frames that are dropped.
 * @param look - Called once an item, in order; it only borrows the item.
 * @throws STREAMS_OPTION_INVALID - when an option does not fit. The stream fails with STREAMS_FUNCTION_FAILED when the
 *   function throws, unless `onError` is `drop`.
 */
export function tap<In>(look: (item: In) => void, options: FunctionOptions = {}): StreamOperator<In, In> {
  checkOptions('tap', { ...options, look }, { look: functionRule, onError: onErrorRule });
  const operator = { kind: 'tap', options: { look: functionName(look), ...options } };
  const context = { operator, onError: options.onError };
  return describeOperator(operator, source =>
    source.pipe(
      filter(item => {
        if (callUser(context, item, look) !== dropped) return true;
        release(item);
        return false;
      }),
    ),
  );
}
