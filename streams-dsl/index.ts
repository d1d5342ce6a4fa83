export type {
  CameraCounts,
  CameraCredentials,
  CameraStatus,
  LiveDropReason,
  LiveMode,
  LiveOptions,
} from '../ingest/index.ts';
export type { TrackedDetection } from './box-tracker.ts';
export { checkOptions, type OptionRule } from './check-options.ts';
export { checkPipelines, type PipelineProblem } from './check-pipelines.ts';
export { type Credit, CreditGate, gatedSource, holdCredit } from './credit-gate.ts';
export { Deployment, type DeploymentStatus, type DeployOptions, deploy, type ExecuteOptions } from './deploy.ts';
export { type Dropped, type DropReason, droppedChannel } from './drops.ts';
export { type Duration, durationMs, durationUs, parseDuration } from './duration.ts';
export { type StreamsErrorCode, streamsErrors } from './errors.ts';
export { type PipelinesDocument, pipelinesSchema } from './files/document-schema.ts';
export { type LoadOptions, loadPipelines } from './files/load-pipelines.ts';
export type { LoadedPipelines } from './files/loaded-pipelines.ts';
export type { FrameItem, FrameVerdict } from './frame-item.ts';
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
export { type Pipeline, pipeline } from './pipeline.ts';
export type { AnsweringModel, AnswerSources } from './planner/answer-sources.ts';
export { type ExplainOptions, explain } from './planner/explain.ts';
export { type PlannedPipelines, type PlanOptions, planPipelines } from './planner/plan-pipelines.ts';
export type {
  PipelinePlan,
  PlanStep,
  Rewrite,
  StepExpectation,
  StepWork,
  StreamsPlan,
} from './planner/streams-plan.ts';
export type { KafkaPipelineStatus } from './runtime/kafka-pipeline.ts';
export type { PipelineStatus, StepStatus } from './runtime/plan-run.ts';
export type { CameraActivity, StreamStatus } from './runtime/running-stream.ts';
export { type StepMeasures, type StepMessage, stepChannel } from './runtime/step-meter.ts';
export type { EventPeak, EventPhase, SaccadeEvent, SaccadeEventData } from './saccade-event.ts';
export type { SinkFactory } from './sink-factory.ts';
export { toConsole } from './sinks/to-console.ts';
export { type ToJsonlOptions, toJsonl } from './sinks/to-jsonl.ts';
export { type KafkaFactory, toKafka } from './sinks/to-kafka.ts';
export { type MemoryFactory, toMemory } from './sinks/to-memory.ts';
export { toMqtt } from './sinks/to-mqtt.ts';
export { toWebhook } from './sinks/to-webhook.ts';
export { type CameraSourceOptions, camera } from './sources/camera.ts';
export { type FileOptions, file } from './sources/file.ts';
export { type FramesOptions, frames } from './sources/frames.ts';
export { type ImagesOptions, images } from './sources/images.ts';
export { type KafkaSourceOptions, kafka } from './sources/kafka.ts';
export { type RequestOptions, request } from './sources/request.ts';
export type { EncodedFrame, Source, SourceDescription } from './sources/source.ts';
export { type CascadeStageOptions, cascade } from './stages/cascade.ts';
export { differenceDetector } from './stages/difference-detector.ts';
export {
  type FrameFunction,
  type FrameValue,
  type FrameView,
  type MapFramesOptions,
  mapFrames,
} from './stages/map-frames.ts';
export { type ReferenceModelOptions, referenceModel } from './stages/reference-model.ts';
export { type SkipOptions, skip } from './stages/skip.ts';
export { specializedModel } from './stages/specialized-model.ts';
export type { DifferenceDetectorOptions, SpecializedStageOptions, StageOperator } from './stages/stage.ts';
export type { StreamItem } from './stream-item.ts';
export type { OnError } from './user-function.ts';
export { type FrameWindowOptions, type TimeWindowOptions, type Window, window } from './window.ts';
export type { WindowValues } from './window-machine.ts';
