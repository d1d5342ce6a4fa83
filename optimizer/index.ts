export type { DifferenceCandidate, ScoreTable, SpecializedCandidate } from './candidate-scores.ts';
export { type OptimizerErrorCode, optimizerErrors } from './errors.ts';
export { type AdjustedSplit, adjustToEvents } from './footage/adjust-to-events.ts';
export { type LabelPartOptions, labelPart } from './footage/label-part.ts';
export {
  type LabelProgress,
  type LabelSourcesOptions,
  labelSources,
  type ReferenceLabels,
} from './footage/label-sources.ts';
export { defaultLabelFrames, type LabelBudget, type LabelSampling, labelStep } from './footage/label-step.ts';
export { type OpenSourcesOptions, openSources } from './footage/open-sources.ts';
export { defaultShares, type SplitOptions, splitFootage, splitGapMs } from './footage/split-footage.ts';
export type { FootageSource } from './footage-source.ts';
export type { BoundedRate, ErrorTargets, FoundPlan, PlanErrors, PlanStructure, TargetStatus } from './found-plan.ts';
export type { FootageSplit, LabeledPart, LabeledStretch, RowPlace, Stretch } from './labeled-part.ts';
export { type Optimization, optimize } from './optimize.ts';
export type { OptimizeHooks, OptimizeOptions } from './optimize-options.ts';
export { type PictureFile, PictureReader, pictureBytes } from './picture-file.ts';
export { type DifferenceCandidatesOptions, differenceCandidates } from './pictures/difference-candidates.ts';
export { type ExtractPicturesOptions, extractPictures } from './pictures/extract-pictures.ts';
export { type FitBlockedOptions, fitBlocked } from './pictures/fit-blocked.ts';
export type { SceneImage } from './pictures/picture-tasks.ts';
export type { RowLayout } from './pictures/row-layout.ts';
export { type ScoreDifferencesOptions, scoreDifferences } from './pictures/score-differences.ts';
export { type MeasureCostsOptions, measureCosts } from './profile/measure-costs.ts';
export type { MeasuredClassifier } from './profile/stream-profile.ts';
export { mixSeed, type RandomSource, randomSource } from './random-source.ts';
export { describePlan, describeSkip, type PlanWords } from './report/describe-plan.ts';
export { describePredicate } from './report/describe-predicate.ts';
export { escapeHtml } from './report/escape-html.ts';
export { type ExpectPlanOptions, expectPlan } from './report/expect-plan.ts';
export { duration, microseconds, moment, ordinal, percent, short } from './report/format-number.ts';
export { describeStructure } from './report/frontier-plot.ts';
export { htmlPage, type PageParts } from './report/html-page.ts';
export type {
  Baseline,
  CandidatePoint,
  OptimizerReport,
  ReportedFootage,
  ReportedMistake,
  ReportedPart,
  ReportedPlan,
} from './report/report-data.ts';
export { reportPage } from './report/report-page.ts';
export { type AnsweredPart, type ReportTimeline, reportTimeline, type TimeRun } from './report/report-timeline.ts';
export {
  type HistogramClass,
  type HistogramOptions,
  type ScoreHistogram,
  scoreHistogram,
} from './report/score-histogram.ts';
export { reportLanes, type TimelineLane, timelineStrips } from './report/timeline-strips.ts';
export { whatNext } from './report/what-next.ts';
export { type MistakeOptions, worstMistakes } from './report/worst-mistakes.ts';
export { type ChoosePlanOptions, choosePlan, type PlanChoice } from './search/choose-plan.ts';
export {
  type CoverageOfSplits,
  type CoverageOptions,
  coverageOfSplits,
  type SplitOutcome,
} from './search/coverage-of-splits.ts';
export { type MeasurePlanOptions, measurePlan, type PlanMeasurement } from './search/measure-plan.ts';
export {
  type IntervalErrors,
  measureUnsteadiness,
  type Steadiness,
  type Unsteadiness,
  type UnsteadinessOptions,
} from './search/measure-unsteadiness.ts';
export { type PlanCostOptions, planCost } from './search/plan-cost.ts';
export type { CostModel } from './search/sweep-table.ts';
export type { PlanCost, PlanProcesses, StageCosts, StageCounts } from './stage-costs.ts';
export { adam, adamInputs, addAdamStep } from './training/adam.ts';
export {
  type ClassifierCandidate,
  type ClassifierNormalization,
  type ClassifierView,
  classifierCandidate,
  type PictureCrop,
} from './training/classifier-candidate.ts';
export { classifierGrid } from './training/classifier-grid.ts';
export type { ClassifierNetwork } from './training/classifier-layout.ts';
export type { TrainingData } from './training/classifier-protocol.ts';
export {
  addBiasGradient,
  addConvolution,
  addInputGradient,
  addReluGradient,
  addWeightGradient,
  type ConvolutionLayer,
  convolutionWork,
  type PlacedConvolution,
  placeConvolutions,
} from './training/convolution.ts';
export { exportClassifier } from './training/export-classifier.ts';
export {
  constantParameters,
  drawParameters,
  joinGradients,
  layOutParameters,
  type Parameter,
  type ParameterLayout,
  type ParameterShape,
  splitParameters,
} from './training/parameters.ts';
export { addNormalization, addPlanarPixels, pixelMean, pixelScale } from './training/planar-pixels.ts';
export { type ClassifierScores, type ScoreClassifiersOptions, scoreClassifiers } from './training/score-classifiers.ts';
export { type StoreClassifierOptions, storeClassifier } from './training/store-classifier.ts';
export {
  type TrainCandidatesOptions,
  type TrainedClassifier,
  type TrainingProgress,
  type TrainingResult,
  trainCandidates,
} from './training/train-candidates.ts';
export type { TrainingRows } from './training/training-rows.ts';
export { startState, type TrainingModel, TrainingSession, type TrainingState } from './training/training-session.ts';
export type { ValidationScore, ValidationTargets } from './training/validation-score.ts';
export { writeOutput } from './write-output.ts';
