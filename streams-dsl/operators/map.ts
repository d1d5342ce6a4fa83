import { filter, map as mapItems, type OperatorFunction } from 'rxjs';
import { checkOptions, functionRule, onErrorRule } from '../check-options.ts';
import { describeOperator, type StreamOperator } from '../operator.ts';
import { callUser, functionName, isResult, type OnError } from '../user-function.ts';

/** What an operator that calls a user's function does when it throws. */
export interface FunctionOptions {
  /** Whether the stream fails or the item is dropped and counted. Default `fail`. */
  readonly onError?: OnError;
}

/**
 * Gives what a function makes of each item.
 *
 * ```
 * in   --1--2--3--|
 *      map(x => 10 * x)
 * out  --10-20-30-|
 * ```
 *
 * Completion, errors and unsubscription pass through. Holds nothing. A frame belongs to the function, which returns it or
 * disposes of it, also when it throws.
 * @param project - Called once an item, in order.
 * @throws STREAMS_OPTION_INVALID - when an option does not fit. The stream fails with STREAMS_FUNCTION_FAILED when the
 *   function throws, unless `onError` is `drop`.
 */
export function map<In, Out>(project: (item: In) => Out, options: FunctionOptions = {}): StreamOperator<In, Out> {
  checkOptions('map', { ...options, project }, { project: functionRule, onError: onErrorRule });
  const operator = { kind: 'map', options: { project: functionName(project), ...options } };
  const context = { operator, onError: options.onError };
  const results = mapItems((item: In) => callUser(context, item, project));
  return describeOperator(operator, source =>
    options.onError === 'drop'
      ? source.pipe(results, filter(isResult<Out>))
      : source.pipe(results as OperatorFunction<In, Out>),
  );
}
