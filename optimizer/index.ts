export type { DifferenceCandidate, ScoreTable, SpecializedCandidate } from './candidate-scores.ts';
export { type OptimizerErrorCode, optimizerErrors } from './errors.ts';
export type { FootageSource } from './footage-source.ts';
export type { BoundedRate, ErrorTargets, FoundPlan, PlanErrors, PlanStructure, TargetStatus } from './found-plan.ts';
export type { FootageSplit, LabeledPart, LabeledStretch, RowPlace, Stretch } from './labeled-part.ts';
export { type PictureFile, PictureReader, pictureBytes } from './picture-file.ts';
export { type ChoosePlanOptions, choosePlan, type PlanChoice } from './search/choose-plan.ts';
export {
  type CoverageOfSplits,
  type CoverageOptions,
  coverageOfSplits,
  type SplitOutcome,
} from './search/coverage-of-splits.ts';
export { type MeasurePlanOptions, measurePlan, type PlanMeasurement } from './search/measure-plan.ts';
export { type PlanCostOptions, planCost } from './search/plan-cost.ts';
export type { CostModel } from './search/sweep-table.ts';
export {
  type IntervalErrors,
  measureUnsteadiness,
  type Steadiness,
  type Unsteadiness,
  type UnsteadinessOptions,
} from './search/unsteadiness.ts';
export type { PlanCost, PlanProcesses, StageCosts, StageCounts } from './stage-costs.ts';
