/**
 * What a program of the user's imports from `saccade`: pipelines, their sources, operators and sinks, and the types that go
 * through them. The rooms below have entrances of their own, such as `saccade/cascade`.
 */
export type {
  Box,
  CascadePlan,
  Decider,
  Decision,
  Detection,
  DifferenceMetric,
  LabelPredicate,
  Predicate,
  ZonePoint,
} from './cascade/index.ts';
export {
  type DecoderName,
  type FrameIndex,
  type PixelFormat,
  type PixelRequest,
  SaccadeError,
} from './ingest/index.ts';
export type {
  CloudEvent,
  ConsoleOptions,
  DeliveryPromise,
  MqttOptions,
  SecretSource,
  Sink,
  WebhookOptions,
} from './sinks/index.ts';
export * from './streams-dsl/index.ts';
