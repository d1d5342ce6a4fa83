import { asyncScheduler, catchError, defer, filter, finalize, map, type Observable, of, race, timer } from 'rxjs';
import {
  anyRule,
  checkOptions,
  durationRule,
  functionRule,
  integerRule,
  onErrorRule,
  optional,
} from '../check-options.ts';
import { type Duration, durationMs } from '../duration.ts';
import { LoadCache } from '../load-cache.ts';
import { mapInOrder } from '../map-in-order.ts';
import { describeOperator, type StreamOperator } from '../operator.ts';
import { release } from '../stream-item.ts';
import { callUser, functionName, isResult } from '../user-function.ts';
import type { FunctionOptions } from './map.ts';

/** An item with what was looked up for it. */
export interface LookedUp<Item, Value> {
  readonly item: Item;
  readonly value: Value;
  /** Why the value is the default: it was not there in time, or loading failed; null when it was loaded. */
  readonly defaulted: 'late' | 'failed' | null;
}

/** Where and how to look. */
export interface LookupOptions<Item, Key, Value, Default> extends FunctionOptions {
  /** What to look for, compared with `===`; only borrows the item. */
  readonly key: (item: Item) => Key;
  /** Loads the value of a key; called once for items that ask for the same key at the same time. */
  readonly load: (key: Key) => PromiseLike<Value>;
  /** What an item gets whose value is not there in time or cannot be loaded. */
  readonly default: Default;
  /** Time for the value of an item, at least 1 ms, on the machine's clock. Default 1 s. What comes later still serves the next. */
  readonly deadline?: Duration;
  /** Values that are kept; failures are not. */
  readonly cache?: {
    /** Most values, 1 or more; beyond it the one that was used longest ago goes. Default 1000. */
    readonly maxEntries?: number;
    /** How long a value is good, on the machine's clock. Default: always. */
    readonly ttl?: Duration;
  };
  /** Items under way at once, 1 or more; they keep their order. Default 16. */
  readonly concurrency?: number;
}

/**
 * Looks up a value for each item by a key, with a cache, and with a deadline after which the item gets the default value,
 * marked as such.
 *
 * ```
 * in   --1-------2-----1--|
 *      lookup({ key, load, default: 0 })
 * out  ----1:a-----2:b-1:a-|
 * ```
 *
 * Completes after the last item; an error of the source ends it at once; unsubscribing unsubscribes the source and lets go
 * of what is loading. Holds `concurrency` items, and what the source pushes meanwhile, which the credit gate bounds;
 * disposes of frames that do not come out.
 * @throws STREAMS_OPTION_INVALID - when an option does not fit. The stream fails with STREAMS_FUNCTION_FAILED when `key`
 *   throws, unless `onError` is `drop`.
 */
export function lookup<Item, Key, Value, Default>(
  options: LookupOptions<Item, Key, Value, Default>,
): StreamOperator<Item, LookedUp<Item, Value | Default>> {
  checkOptions('lookup', options, rules);
  checkOptions('lookup', options.cache ?? {}, cacheRules);
  const { key, load, deadline = '1s', cache = {}, concurrency = 16, onError } = options;
  const { maxEntries = 1000, ttl } = cache;
  const named = { key: functionName(key), load: functionName(load) };
  const operator = {
    kind: 'lookup',
    options: { ...named, deadline, cache: { maxEntries, ttl }, concurrency, onError },
  };
  return describeOperator(operator, source =>
    defer(() => {
      const ttlMs = ttl === undefined ? Number.POSITIVE_INFINITY : durationMs(ttl);
      const values = new LoadCache({ load, maxEntries, ttlMs, nowMs: () => asyncScheduler.now() });
      const found = (asked: Key): Observable<Omit<LookedUp<Item, Value | Default>, 'item'>> => {
        const cached = values.get(asked);
        if (cached !== undefined) return of({ value: cached.value, defaulted: null });
        const loaded = defer(() => values.load(asked)).pipe(
          map(value => ({ value, defaulted: null })),
          catchError(() => of({ value: options.default, defaulted: 'failed' as const })),
        );
        const late = timer(durationMs(deadline)).pipe(
          map(() => {
            values.forget(asked);
            return { value: options.default, defaulted: 'late' as const };
          }),
        );
        return race(loaded, late);
      };
      return source.pipe(
        map(item => {
          const asked = callUser({ operator, onError }, item, key);
          if (isResult<Key>(asked)) return { item, asked };
          release(item);
          return null;
        }),
        filter(keyed => keyed !== null),
        mapInOrder({
          concurrency,
          work: ({ item, asked }) =>
            defer(() => {
              let isGiven = false;
              return found(asked).pipe(
                map(value => {
                  isGiven = true;
                  return { item, ...value };
                }),
                finalize(() => {
                  if (!isGiven) release(item);
                }),
              );
            }),
          onUnstarted: ({ item }) => release(item),
          onUngiven: ({ item }) => release(item),
        }),
      );
    }),
  );
}

const rules = {
  key: functionRule,
  load: functionRule,
  default: anyRule,
  deadline: optional(durationRule(1)),
  cache: optional({
    expected: 'an object with maxEntries, ttl',
    holds: value => typeof value === 'object' && value !== null,
  }),
  concurrency: optional(integerRule(1)),
  onError: onErrorRule,
};
const cacheRules = { maxEntries: optional(integerRule(1)), ttl: optional(durationRule()) };
