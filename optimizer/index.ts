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
export { type PictureFile, PictureReader, pictureBytes } from './picture-file.ts';
export type { PlanCost, PlanProcesses, StageCosts, StageCounts } from './stage-costs.ts';
