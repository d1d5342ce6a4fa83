export type { TrackedDetection } from './box-tracker.ts';
export { checkOptions, type OptionRule } from './check-options.ts';
export { type Dropped, type DropReason, droppedChannel } from './drops.ts';
export { type Duration, durationMs, durationUs, parseDuration } from './duration.ts';
export { type StreamsErrorCode, streamsErrors } from './errors.ts';
export { describeOperator, descriptionOf, type OperatorDescription, type StreamOperator } from './operator.ts';
export {
  type Aggregated,
  type AggregateName,
  type AggregateOptions,
  type Aggregates,
  aggregate,
  type WindowBounds,
} from './operators/aggregate.ts';
export { type Alternative, type AnyOfOptions, anyOf } from './operators/any-of.ts';
export { type EventsOperator, type EventsOptions, events } from './operators/events.ts';
export { filter } from './operators/filter.ts';
export { type GroupOptions, groupBy, type Keyed } from './operators/group-by.ts';
export { type Joined, type JoinItem, type JoinOptions, type JoinType, join } from './operators/join.ts';
export { type LookedUp, type LookupOptions, lookup } from './operators/lookup.ts';
export { type FunctionOptions, map } from './operators/map.ts';
export { tap } from './operators/tap.ts';
export { type Tracked, type TrackOptions, track } from './operators/track.ts';
export { union } from './operators/union.ts';
export { zone } from './operators/zone.ts';
export type { EventPeak, EventPhase, SaccadeEvent, SaccadeEventData } from './saccade-event.ts';
export type { SinkFactory } from './sink-factory.ts';
export { toConsole } from './sinks/to-console.ts';
export { type ToJsonlOptions, toJsonl } from './sinks/to-jsonl.ts';
export { type MemoryFactory, toMemory } from './sinks/to-memory.ts';
export { toMqtt } from './sinks/to-mqtt.ts';
export { toWebhook } from './sinks/to-webhook.ts';
export type { StreamItem } from './stream-item.ts';
export type { OnError } from './user-function.ts';
export { type FrameWindowOptions, type TimeWindowOptions, type Window, window } from './window.ts';
export type { WindowValues } from './window-machine.ts';
