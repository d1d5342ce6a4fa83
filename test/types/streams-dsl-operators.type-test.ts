// Compiled by `npm run build`, never run: what must and must not type-check.
import { type Observable, of } from 'rxjs';
import { expectTypeOf } from 'vitest';
import type { Decider, Decision, ReferencedEvidence } from '../../cascade/index.ts';
import type { Frame } from '../../ingest/index.ts';
import {
  aggregate,
  anyOf,
  events,
  filter,
  groupBy,
  join,
  type Keyed,
  lookup,
  map,
  type SaccadeEvent,
  type SinkFactory,
  type TrackedDetection,
  tap,
  toConsole,
  toJsonl,
  toMemory,
  toMqtt,
  toWebhook,
  track,
  union,
  window,
  zone,
} from '../../streams-dsl/index.ts';

declare const decisions: Observable<Decision>;
declare const counts: Observable<{ readonly stream: string; readonly timestampUs: number; readonly people: number }>;
declare const frames: Observable<Frame & { readonly stream: string }>;
const minutes = window({ every: '1m' });

// Types flow through `pipe` without an annotation.
const labels = decisions.pipe(
  filter(decision => decision.decidedBy !== 'failed'),
  tap(decision => expectTypeOf(decision.decidedBy).toEqualTypeOf<Exclude<Decider, 'failed'>>()),
  map(decision => decision.label),
);
expectTypeOf(labels).toEqualTypeOf<Observable<boolean>>();

const seen = decisions.pipe(
  filter((decision): decision is Decision & ReferencedEvidence => decision.decidedBy === 'referenced'),
  map(decision => decision.detections.length),
);
expectTypeOf(seen).toEqualTypeOf<Observable<number>>();

const perMinute = decisions.pipe(
  aggregate({ over: minutes, count: decision => decision.label, any: decision => decision.rawLabel }),
  tap(({ count, any, startUs }) => {
    expectTypeOf(count).toBeNumber();
    expectTypeOf(any).toBeBoolean();
    expectTypeOf(startUs).toBeNumber();
  }),
);
// @ts-expect-error only what was asked for comes out
perMinute.pipe(map(({ mean }) => mean));

const perStream = decisions.pipe(groupBy(decision => decision.stream, aggregate({ over: minutes, count: true })));
expectTypeOf(perStream.pipe(map(({ key, value }) => [key, value.count] as const))).toEqualTypeOf<
  Observable<readonly [string, number]>
>();
expectTypeOf(
  decisions.pipe(
    groupBy(
      decision => decision.frame,
      map(decision => decision.label),
    ),
  ),
).toEqualTypeOf<Observable<Keyed<number, boolean>>>();

const joined = decisions.pipe(join(counts, { within: '200ms' }));
expectTypeOf(joined.pipe(map(({ left, right }) => [left.label, right.people] as const))).toEqualTypeOf<
  Observable<readonly [boolean, number]>
>();
decisions.pipe(
  join(counts, { key: item => item.stream, type: 'left' }),
  // @ts-expect-error the right side may be missing
  map(({ right }) => right.people),
);
decisions.pipe(
  join(counts, { within: 200, type: 'outer' }),
  // @ts-expect-error the left side may be missing
  map(({ left }) => left.label),
);

expectTypeOf(decisions.pipe(union(of('other')))).toEqualTypeOf<Observable<Decision | string>>();
expectTypeOf(decisions.pipe(anyOf([async decision => decision.frame, decision => of(decision.frame)]))).toEqualTypeOf<
  Observable<number>
>();
expectTypeOf(
  decisions.pipe(
    lookup({ key: decision => decision.stream, load: async stream => stream.length, default: null }),
    map(({ item, value, defaulted }) => [item.frame, value, defaulted] as const),
  ),
).toEqualTypeOf<Observable<readonly [number, number | null, 'late' | 'failed' | null]>>();

const tracked = decisions.pipe(
  zone([
    [0, 0],
    [1, 0],
    [1, 1],
  ]),
  track(),
);
tracked.pipe(
  tap(decision => {
    if (decision.decidedBy === 'referenced')
      expectTypeOf(decision.detections).toEqualTypeOf<readonly TrackedDetection[]>();
  }),
);
expectTypeOf(tracked.pipe(events({ minDuration: '1s', mergeGap: '2s' }))).toEqualTypeOf<Observable<SaccadeEvent>>();
expectTypeOf(decisions.pipe(events())).toEqualTypeOf<Observable<SaccadeEvent>>();

// Programs that are rejected.
// @ts-expect-error a minute is written "1m"
window({ every: '1 minute' });
// @ts-expect-error windows of time or of frames
window({ every: '1m', frames: 3 });
// @ts-expect-error there is no such aggregate
decisions.pipe(aggregate({ over: minutes, median: (decision: Decision) => decision.frame }));
// @ts-expect-error a sum is a sum of numbers
decisions.pipe(aggregate({ over: minutes, sum: decision => decision.label }));
// @ts-expect-error items without a time cannot be put into windows
of(1).pipe(aggregate({ over: minutes, count: true }));
// @ts-expect-error there is no right join
decisions.pipe(join(counts, { within: '1s', type: 'right' }));
// @ts-expect-error frames would come out several times, and nobody could dispose of them exactly once
counts.pipe(join(frames, { within: '1s' }));
// @ts-expect-error events are made of decisions
counts.pipe(events());
// @ts-expect-error a point has two coordinates
zone([[0], [1], [1]]);
// @ts-expect-error `fail` or `drop`
map((decision: Decision) => decision.label, { onError: 'ignore' });

// Sinks take what comes out of the last operator.
declare function end<Item>(items: Observable<Item>, ...sinks: readonly SinkFactory<NoInfer<Item>>[]): void;
end(decisions.pipe(events()), toJsonl('events.jsonl'), toConsole(), toWebhook('https://host'), toMqtt('mqtt://host'));
end(decisions, toJsonl('out.jsonl', { toJson: decision => decision.label }), toMemory());
// @ts-expect-error decisions are no numbers
end(decisions, toMemory<number>());
// @ts-expect-error secrets are named, never given
toWebhook('https://host', { secret: 's3cret' });
