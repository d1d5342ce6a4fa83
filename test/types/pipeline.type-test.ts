// Compiled by `npm run build`, never run: what must and must not type-check.
import { map as rxjsMap } from 'rxjs';
import { expectTypeOf } from 'vitest';
import type { Decision } from '../../cascade/index.ts';
import {
  aggregate,
  cascade,
  deploy,
  differenceDetector,
  events,
  type FrameItem,
  type FrameValue,
  file,
  filter,
  groupBy,
  images,
  join,
  type Keyed,
  lookup,
  map,
  mapFrames,
  type Pipeline,
  pipeline,
  referenceModel,
  request,
  type SaccadeEvent,
  type SinkFactory,
  skip,
  specializedModel,
  tap,
  toJsonl,
  toMemory,
  track,
  window,
} from '../../streams-dsl/index.ts';

const door = file('door.mp4');
const yard = images('yard/');
const person = referenceModel({ model: 'm', label: 'person' });
const brightness = mapFrames(({ pixels }) => pixels[0] ?? 0, { pixels: { width: 8, height: 8, format: 'gray' } });
const minutes = window({ every: '1m' });
declare const frameSink: SinkFactory<FrameItem>;
declare const decisionSink: SinkFactory<Decision>;
declare const eventSink: SinkFactory<SaccadeEvent>;
declare const anySink: SinkFactory<unknown>;

// Sinks made on the spot take what comes, and functions in their options know it.
expectTypeOf(pipeline('a', door, person, toJsonl('x', { toJson: ({ label }) => label }), toMemory())).toEqualTypeOf<
  Pipeline<Decision>
>();

// Types flow from the sources through the operators to the sinks, without an annotation.
expectTypeOf(pipeline('a', door)).toEqualTypeOf<Pipeline<FrameItem>>();
expectTypeOf(pipeline('a', door, frameSink, anySink)).toEqualTypeOf<Pipeline<FrameItem>>();
expectTypeOf(pipeline('a', [door, yard], person, decisionSink, anySink)).toEqualTypeOf<Pipeline<Decision>>();
expectTypeOf(pipeline('a', door, cascade({ plan: 'x' }), events(), eventSink)).toEqualTypeOf<Pipeline<SaccadeEvent>>();
expectTypeOf(pipeline('a', door, brightness, toMemory())).toEqualTypeOf<Pipeline<FrameValue<number>>>();
expectTypeOf(
  pipeline(
    'a',
    door,
    skip({ every: 2 }),
    differenceDetector({ deltaDiff: 1, tDiffFrames: 1 }),
    specializedModel({ model: 's', cLow: 0, cHigh: 1 }),
    person,
    track(),
    filter(decision => decision.label),
    tap(decision => expectTypeOf(decision.frame).toBeNumber()),
    map(decision => decision.timestampUs),
    rxjsMap(timestampUs => [timestampUs, String(timestampUs)] as const),
    toJsonl('x.jsonl'),
  ),
).toEqualTypeOf<Pipeline<readonly [number, string]>>();
expectTypeOf(
  pipeline(
    'a',
    door,
    person,
    groupBy(decision => decision.stream, aggregate({ over: minutes, count: true })),
    map(({ key, value }: Keyed<string, { readonly count: number }>) => `${key}: ${value.count}`),
  ),
).toEqualTypeOf<Pipeline<string>>();
pipeline(
  'a',
  door,
  person,
  lookup({ key: decision => decision.stream, load: async stream => stream.length, default: null }),
  tap(({ item, value }) => {
    expectTypeOf(item).toEqualTypeOf<Decision>();
    expectTypeOf(value).toEqualTypeOf<number | null>();
  }),
);
pipeline(
  'a',
  [door, yard],
  person,
  join(['door', 'yard'], { within: '200ms', type: 'left' }),
  tap(({ left, right }) => {
    expectTypeOf(left).toEqualTypeOf<Decision>();
    expectTypeOf(right).toEqualTypeOf<Decision | null>();
  }),
);

// A deployment answers with the rows of the pipeline that it is asked by.
const asked = pipeline('a', request(), person);
expectTypeOf(deploy(asked).execute(asked, new Uint8Array())).toEqualTypeOf<Promise<readonly Decision[]>>();
deploy([asked, pipeline('b', door, brightness)]);

// Programs that are rejected.
// @ts-expect-error a pipeline has a name
pipeline(door, person);
// @ts-expect-error a source is made by its function
pipeline('a', 'door.mp4', person);
// @ts-expect-error frame operators take frames, not decisions
pipeline('a', door, person, skip({ every: 2 }));
// @ts-expect-error events are made of decisions, not of frames
pipeline('a', door, events());
// @ts-expect-error the sink takes events, and decisions come
pipeline('a', door, person, eventSink);
// @ts-expect-error sinks come last
pipeline('a', door, decisionSink, person);
pipeline(
  'a',
  door,
  person,
  // @ts-expect-error decisions have no such field
  filter(({ lable }) => lable),
);
pipeline(
  'a',
  door,
  // @ts-expect-error frames have no label yet
  filter(({ label }) => label),
  person,
);
// @ts-expect-error a step is made by its function
pipeline('a', door, { every: 2 }, person);
// @ts-expect-error a join takes two streams
pipeline('a', [door, yard], person, join(['door'], { within: '1s' }));
// @ts-expect-error values of a function have no detections to make events of
pipeline('a', door, brightness, events());
