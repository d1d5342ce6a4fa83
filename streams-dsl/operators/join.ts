import {
  concat,
  concatMap,
  connect,
  defer,
  filter,
  finalize,
  isObservable,
  map,
  merge,
  type Observable,
  of,
} from 'rxjs';
import {
  checkOptions,
  choiceRule,
  durationRule,
  functionRule,
  integerRule,
  onErrorRule,
  optional,
  optionError,
  textRule,
} from '../check-options.ts';
import { reportDrop } from '../drops.ts';
import { type Duration, durationUs } from '../duration.ts';
import { JoinByKey } from '../join-by-key.ts';
import { JoinByTime } from '../join-by-time.ts';
import { type Arrival, type JoinMachine, type JoinSettings, oneKey } from '../join-machine.ts';
import { describeOperator, type StreamOperator } from '../operator.ts';
import type { StreamItem } from '../stream-item.ts';
import { callUser, functionName, isResult } from '../user-function.ts';
import type { FunctionOptions } from './map.ts';

/** An item that owns nothing: a right item may come out several times, so nobody could dispose of it exactly once. */
export interface JoinItem extends StreamItem {
  readonly [Symbol.dispose]?: never;
}

/** Which items come out: matched ones, all left ones, or all. */
export type JoinType = 'inner' | 'left' | 'outer';

/** What comes out of a join. */
export type Joined<Left, Right, Type extends JoinType> = Type extends 'inner'
  ? { readonly left: Left; readonly right: Right }
  : Type extends 'left'
    ? { readonly left: Left; readonly right: Right | null }
    : { readonly left: Left; readonly right: Right | null } | { readonly left: null; readonly right: Right };

/** What belongs together: at least one of `within` and `key`. */
export interface JoinOptions<Item, Type extends JoinType> extends FunctionOptions {
  /**
   * Items belong together when their times differ by at most this, inclusive: each left item gets the nearest right one
   * (of two equally near ones the earlier, then the one that came first), which other left items may get too. Without it
   * all pairs of equal keys come out.
   */
  readonly within?: Duration;
  /** Only items with equal keys belong together, compared with `===`. */
  readonly key?: (item: Item) => unknown;
  /** Default `inner`. */
  readonly type?: Type;
  /** How far the items of each side may be out of order. Default 0; without `within` there is no order. */
  readonly lateness?: Duration;
  /** Most items that are held of each side, 1 or more; beyond it the oldest has waited long enough. Default 1000. */
  readonly maxHeld?: number;
}

/**
 * Joins this stream (left) with another one (right), by stream time within a tolerance, by a key, or both.
 *
 * ```
 * left   --1---2------3---|
 * right  ---a----b----------|
 *        join(right, { within, type: 'left' })
 * out    --------1a---2b----3∅|
 * ```
 *
 * A left item comes out once no right item could come that is nearer, so left items stay in the order of their time.
 * Items behind their own side's clock by more than the lateness are dropped as `late`; a clock that is set back by more
 * than 10 s settles all that is held. A side that has ended is waited for no longer. Each side holds at most `maxHeld`
 * items: what a side that runs ahead cannot hold comes out as it is, or is dropped as `bound` where the type asks for a
 * match that it has not had. What is held takes no credit: a side that is slow or silent would make the other one wait.
 *
 * Completes when both sides have; the first error ends it; unsubscribes both. Takes no frames: map them to values first.
 * @param other - The right side, subscribed after the left one. Or the names of two streams of this pipeline, left and
 *   right, which end together when all its streams have ended; items of its other streams go no further.
 * @throws STREAMS_OPTION_INVALID - when an option does not fit, or both `within` and `key` are missing. The stream fails
 *   with STREAMS_FUNCTION_FAILED when `key` throws, unless `onError` is `drop`.
 */
export function join<Left extends JoinItem, Right extends JoinItem, Type extends JoinType = 'inner'>(
  other: Observable<Right>,
  options: JoinOptions<Left | Right, Type>,
): StreamOperator<Left, Joined<Left, Right, Type>>;
export function join<Item extends JoinItem, Type extends JoinType = 'inner'>(
  streams: readonly [left: string, right: string],
  options: JoinOptions<Item, Type>,
): StreamOperator<Item, Joined<Item, Item, Type>>;
export function join<Left extends JoinItem, Right extends JoinItem, Type extends JoinType = 'inner'>(
  other: Observable<Right> | readonly [left: string, right: string],
  options: JoinOptions<Left | Right, Type>,
): StreamOperator<Left, Joined<Left, Right, Type>> {
  const streams = isObservable(other) ? null : streamsOf(other);
  checkOptions('join', options, rules);
  const { within, key, lateness = 0, maxHeld = 1000, onError } = options;
  if (within === undefined && key === undefined) throw optionError('join', 'within', within, 'within, key, or both');
  const type: JoinType = options.type ?? 'inner';
  const operator = {
    kind: 'join',
    options: { ...(streams && { streams }), within, key: key && functionName(key), type, lateness, maxHeld, onError },
  };
  const create = (): JoinMachine<Left, Right> => {
    const onDrop = (item: unknown, reason: 'late' | 'bound'): void => reportDrop({ operator, reason, item });
    const common: JoinSettings = { type, maxHeld, onDrop };
    if (within === undefined) return new JoinByKey(common);
    return new JoinByTime({ ...common, withinUs: durationUs(within), latenessUs: durationUs(lateness) });
  };
  const keyOf = key ?? (() => oneKey);
  const sides = (left: Observable<Left>, right: Observable<Right>): Observable<Joined<Left, Right, Type>> =>
    defer(() => {
      let machine: JoinMachine<Left, Right> | null = create();
      const next = (arrival: Arrival<Left, Right>): readonly unknown[] => {
        if (arrival.item === null) return machine?.end(arrival.side) ?? [];
        const found = callUser({ operator, onError }, arrival.item, keyOf);
        return isResult(found) ? (machine?.next(arrival, found) ?? []) : [];
      };
      const arrivals = merge(
        concat(
          left.pipe(map((item): Arrival<Left, Right> => ({ side: 'left', item }))),
          of<Arrival<Left, Right>>({ side: 'left', item: null }),
        ),
        concat(
          right.pipe(map((item): Arrival<Left, Right> => ({ side: 'right', item }))),
          of<Arrival<Left, Right>>({ side: 'right', item: null }),
        ),
      );
      return arrivals.pipe(
        concatMap(arrival => next(arrival) as readonly Joined<Left, Right, Type>[]),
        finalize(() => {
          machine = null;
        }),
      );
    });
  if (isObservable(other)) return describeOperator(operator, source => sides(source, other));
  const [left, right] = other;
  const only = <Item extends JoinItem>(all: Observable<JoinItem>, stream: string): Observable<Item> =>
    all.pipe(filter((item): item is Item => item.stream === stream));
  return describeOperator(
    operator,
    connect(all => sides(only<Left>(all, left), only<Right>(all, right))),
  );
}

/** The names of two streams, if they are. */
function streamsOf(value: unknown): readonly [string, string] {
  const isPair = Array.isArray(value) && value.length === 2 && value.every(textRule.holds) && value[0] !== value[1];
  if (isPair) return value as unknown as readonly [string, string];
  throw optionError('join', 'other', value, 'an Observable, or the names of two streams');
}

const rules = {
  within: optional(durationRule()),
  key: optional(functionRule),
  type: optional(choiceRule('inner', 'left', 'outer')),
  lateness: optional(durationRule()),
  maxHeld: optional(integerRule(1)),
  onError: onErrorRule,
};
