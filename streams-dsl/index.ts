export { type Credit, CreditGate, gatedSource, holdCredit } from './credit-gate.ts';
export { Deployment, type DeploymentStatus, type DeployOptions, deploy, type ExecuteOptions } from './deploy.ts';
export { type StreamsErrorCode, streamsErrors } from './errors.ts';
export type { FrameItem, FrameVerdict } from './frame-item.ts';
export { type LiveDropReason, LiveGate, type LiveMode, type LiveOptions } from './live-gate.ts';
export { describeOperator, descriptionOf, type OperatorDescription, type StreamOperator } from './operator.ts';
export { type Pipeline, pipeline } from './pipeline.ts';
export { describeSink, type PipelineSink } from './pipeline-sink.ts';
export { type PlannedPipelines, type PlanOptions, planPipelines } from './planner/plan-pipelines.ts';
export type {
  PipelinePlan,
  PlanStep,
  Rewrite,
  StepExpectation,
  StepWork,
  StreamsPlan,
} from './planner/streams-plan.ts';
export type { PipelineStatus, StepStatus, StreamStatus } from './runtime/plan-run.ts';
export { type StepMeasures, type StepMessage, stepChannel } from './runtime/step-meter.ts';
export { type FileOptions, file } from './sources/file.ts';
export { type FramesOptions, frames } from './sources/frames.ts';
export { type ImagesOptions, images } from './sources/images.ts';
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
