export type { DifferenceCandidate, ScoreTable, SpecializedCandidate } from './candidate-scores.ts';
export { type OptimizerErrorCode, optimizerErrors } from './errors.ts';
export type { FootageSource } from './footage-source.ts';
export type { BoundedRate, ErrorTargets, FoundPlan, PlanErrors, PlanStructure, TargetStatus } from './found-plan.ts';
export type { FootageSplit, LabeledPart, LabeledStretch, RowPlace, Stretch } from './labeled-part.ts';
export { type PictureFile, PictureReader, pictureBytes } from './picture-file.ts';
export type { PlanCost, PlanProcesses, StageCosts, StageCounts } from './stage-costs.ts';
