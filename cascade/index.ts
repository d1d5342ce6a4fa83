export { AnswerAssembler, type AssemblerOptions } from './answer-assembler.ts';
export { bisect } from './bisect.ts';
export { type BlockCount, blockBounds, type RateBounds } from './block-bounds.ts';
export type { CascadeStats } from './cascade-stats.ts';
export { decide, type Scores, type Thresholds, type Verdict } from './decide.ts';
export {
  type Decider,
  type Decision,
  type DecisionBase,
  type DefaultedEvidence,
  deciders,
  type Evidence,
  type FailedEvidence,
  type ReferencedEvidence,
  type SkippedEvidence,
  type SpecializedEvidence,
  type UnchangedEvidence,
} from './decision.ts';
export type { Box, Detection } from './detection.ts';
export { AverageScene } from './detectors/average-scene.ts';
export { type BlockErrors, blockErrors } from './detectors/blocked-mse.ts';
export { createDifferenceDetector } from './detectors/create-difference-detector.ts';
export {
  type DifferenceDetector,
  type DifferenceDetectorConfig,
  type DifferenceMetric,
  differenceDetectorSchema,
} from './detectors/difference-detector.ts';
export { EarlierPictures } from './earlier-pictures.ts';
export { averageEmptyScene, type EmptyScene, type EmptySceneOptions } from './empty-scene.ts';
export { type Device, devices } from './engines/device.ts';
export type { EngineDeclaration } from './engines/engine-declaration.ts';
export { type DeviceState, usableDevices } from './engines/usable-devices.ts';
export { type CascadeErrorCode, cascadeErrors } from './errors.ts';
export {
  type Confusion,
  type EvaluatedDecision,
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  type Rates,
} from './evaluate.ts';
export type { FootageTaskHooks } from './footage-task.ts';
export { type JsonSchema, modelJsonSchema, planJsonSchema, publish } from './json-schemas.ts';
export { LabelCache, type LabelCacheOptions } from './label-cache.ts';
export { type LabelPlanOptions, labelPlan } from './label-plan.ts';
export { LiveRun, type LiveRunOptions } from './live-run.ts';
export { type BareDecode, measureBareDecode } from './measure-bare-decode.ts';
export { type AddedDeclaration, type AddedNetwork, type AddModelOptions, addModel } from './models/add-model.ts';
export { type HeadDeclaration, headKinds } from './models/heads.ts';
export type { HistogramCounts } from './models/histogram.ts';
export type { ChannelOrder, ModelInput, Resize } from './models/input-declaration.ts';
export { LoadedModel, type LoadedModelOptions } from './models/loaded-model.ts';
export { type ModelDeclaration, modelDeclarationSchema, parseModelDeclaration } from './models/model-declaration.ts';
export type { HeadResult, ModelHead } from './models/model-head.ts';
export { type Picture, pictureRequest } from './models/model-input.ts';
export { ModelPool } from './models/model-pool.ts';
export type { AskOptions, ModelPoolOptions, ModelPoolStats } from './models/model-pool-options.ts';
export { findModel, listModels } from './models/model-repository.ts';
export type {
  ModelResult,
  ModelTensors,
  ModelWork,
  NamedTensor,
  PictureResult,
  PictureWork,
  TensorDatatype,
  TensorInfo,
} from './models/model-work.ts';
export {
  GraphBuilder,
  type OnnxAttribute,
  type OnnxDimension,
  type OnnxType,
  type OnnxValue,
} from './models/onnx-graph.ts';
export type { StoredModel } from './models/stored-model.ts';
export { bytesPerValue, valueCount } from './models/tensor-data.ts';
export { verifyModel } from './models/verify-model.ts';
export {
  type CascadePlan,
  type DifferenceReference,
  type DifferenceStage,
  hashPlan,
  type LoadedPlan,
  loadPlan,
  type ModelPin,
  parsePlan,
  planSchema,
  type SkipRule,
} from './plan.ts';
export type { ExpectedErrors, ExpectedRate, PlanExpectation } from './plan-expectation.ts';
export {
  evaluatePredicate,
  type LabelPredicate,
  type Predicate,
  type PredicateAnswer,
  parsePredicate,
  predicateLabels,
  predicateSchema,
  type ZonePoint,
} from './predicate.ts';
export { type PreparedPlan, preparePlan } from './prepare-plan.ts';
export { type PicturesOptions, readPictures } from './read-pictures.ts';
export { readScene } from './read-scene.ts';
export { readStills, type StillsOptions } from './read-stills.ts';
export { aboutOneFrame, type CascadeOptions, CascadeRun } from './run-cascade.ts';
export { ModelServer, type ModelServerOptions } from './serving/model-server.ts';
export type { PredictionCacheStats } from './serving/prediction-cache.ts';
export type { Asked, ServedModel } from './serving/served-model.ts';
export type { ServedStats, ServedVersion, VersionState } from './serving/served-version.ts';
export type { ShadowComparison } from './serving/shadow-comparison.ts';
export { type SmoothedLabel, Smoother, smooth } from './smoothing.ts';
export { type HostedStream, StreamHost, type StreamHostMember } from './stream-host.ts';
export { type LookColumns, type LookKind, lookKinds, looksPerChunk } from './stream-protocol.ts';
export { type StudentTOptions, studentT } from './student-t.ts';
