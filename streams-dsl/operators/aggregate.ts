import { anyRule, checkOptions, functionRule, onErrorRule, optional, optionError } from '../check-options.ts';
import { reportDrop } from '../drops.ts';
import { describeOperator, type StreamOperator } from '../operator.ts';
import { runMachine } from '../run-machine.ts';
import { release, type StreamItem } from '../stream-item.ts';
import { callUser, functionName, isResult } from '../user-function.ts';
import type { Window } from '../window.ts';
import { type Measured, WindowMachine, type WindowValues } from '../window-machine.ts';
import type { FunctionOptions } from './map.ts';

/** What is made of the items of a window; a number is left out where its function gives null. */
export interface Aggregates<In> {
  /** How many items: all (`true`), or those for which a function holds. */
  readonly count: true | ((item: In) => boolean);
  /** Sum of what a function gives; 0 when it gives nothing but null. */
  readonly sum: (item: In) => number | null;
  /** Least of what a function gives. */
  readonly min: (item: In) => number | null;
  /** Greatest of what a function gives. */
  readonly max: (item: In) => number | null;
  /** Mean of what a function gives. */
  readonly mean: (item: In) => number | null;
  /** Whether a function holds for at least one item. */
  readonly any: (item: In) => boolean;
}

/** Names of the aggregates. */
export type AggregateName = keyof Aggregates<unknown>;

/** One window and what its items came to: the aggregates that were asked for. */
export type Aggregated<Name extends string> = WindowBounds & Pick<WindowValues, Extract<Name, AggregateName>>;

/** Which window it is. */
export interface WindowBounds {
  /** Beginning in µs of stream time: of the window of time, or the time of the first item of a window of items. */
  readonly startUs: number;
  /** End in µs of stream time: exclusive for windows of time, the time of the last item for windows of items. */
  readonly endUs: number;
  /** Items in it, 1 or more: empty windows are not given out. */
  readonly items: number;
  /** False when the source ended, or its clock was set back, before the window was over. */
  readonly complete: boolean;
}

/** What to aggregate over which windows: at least one of the aggregates. */
export interface AggregateOptions<In> extends Partial<Aggregates<In>>, FunctionOptions {
  /** The windows, made by `window()`. */
  readonly over: Window;
}

/**
 * Gives counts, sums, least and greatest values, means and "any" of the items of each window of stream time or of items.
 *
 * ```
 * in   --1--2--|--3--|--------4|   (windows of time)
 *      aggregate({ over: window({ every }), count: true })
 * out  -----------2--1---------1|
 * ```
 *
 * A window of time is given out by the first item at or after its end plus the lateness, in order of its end; windows
 * without items are not given out. An item all of whose windows were given out is dropped as `late`. A clock that is set
 * back by more than 10 s ends all windows, and they begin anew. All streams share the windows and the clock: where streams
 * run apart, put it into `groupBy(item => item.stream, …)`. On completion gives what is left, with `complete: false`; on
 * error nothing; unsubscribes the source. Holds no items, only `(length + lateness) / every` windows; disposes of frames.
 * @throws STREAMS_OPTION_INVALID - when an option does not fit or there is nothing to aggregate. The stream fails with
 *   STREAMS_FUNCTION_FAILED when a function throws, unless `onError` is `drop`.
 */
export function aggregate<In extends StreamItem, Name extends keyof AggregateOptions<In>>(
  options: AggregateOptions<In> & Readonly<Record<Name, unknown>>,
): StreamOperator<In, Aggregated<Name>> {
  checkOptions('aggregate', options, rules);
  const { over, onError, ...functions }: AggregateOptions<In> = options;
  const named = Object.entries(functions).filter(([, value]) => value !== undefined);
  if (named.length === 0) throw optionError('aggregate', 'options', options, `at least one of ${names.join(', ')}`);
  const described = named.map(([name, value]) => [name, value === true ? true : functionName(value)]);
  const operator = { kind: 'aggregate', options: { over, onError, ...Object.fromEntries(described) } };
  const measure = measureWith<In>(functions);
  return describeOperator(
    operator,
    runMachine(() => {
      const machine = new WindowMachine(over);
      return {
        next(item) {
          const measured = callUser({ operator, onError }, item, measure);
          const closed = isResult(measured) ? machine.add(item.timestampUs, measured) : [];
          if (closed === 'late') reportDrop({ operator, reason: 'late', item });
          release(item);
          return closed === 'late' ? [] : (closed as readonly Aggregated<Name>[]);
        },
        end: () => machine.end() as readonly Aggregated<Name>[],
      };
    }),
  );
}

const names: readonly AggregateName[] = ['count', 'sum', 'min', 'max', 'mean', 'any'];
const rules = {
  over: { expected: 'windows made by window()', holds: (value: unknown) => anyRule.holds(value) && isWindow(value) },
  count: optional({ expected: 'true or a function', holds: value => value === true || functionRule.holds(value) }),
  sum: optional(functionRule),
  min: optional(functionRule),
  max: optional(functionRule),
  mean: optional(functionRule),
  any: optional(functionRule),
  onError: onErrorRule,
};

function isWindow(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'latenessUs' in value;
}

function measureWith<In>({ count, sum, min, max, mean, any }: Partial<Aggregates<In>>): (item: In) => Measured {
  return item => ({
    count: count === undefined ? undefined : count === true || count(item),
    sum: sum?.(item),
    min: min?.(item),
    max: max?.(item),
    mean: mean?.(item),
    any: any?.(item),
  });
}
