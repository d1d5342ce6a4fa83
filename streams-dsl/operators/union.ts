import { isObservable, merge, type Observable } from 'rxjs';
import { optionError } from '../check-options.ts';
import { describeOperator, type StreamOperator } from '../operator.ts';

/**
 * Passes the items of this stream and of others, as they come.
 *
 * ```
 * in     --1-----2--|
 * other  ----a--------b--|
 *        union(other)
 * out    --1-a---2----b--|
 * ```
 *
 * Completes when all have completed; the first error ends it and unsubscribes the rest; unsubscribes all. Holds nothing.
 * A synchronous source is read to its end before the next one is subscribed.
 * @param others - Subscribed after this stream, in this order.
 * @throws STREAMS_OPTION_INVALID - when one of them is no Observable.
 */
export function union<In, Other = never>(...others: readonly Observable<Other>[]): StreamOperator<In, In | Other> {
  others.forEach((other, index) => {
    if (!isObservable(other)) throw optionError('union', `others[${index}]`, other, 'an Observable');
  });
  return describeOperator({ kind: 'union', options: { others: others.length } }, source => merge(source, ...others));
}
