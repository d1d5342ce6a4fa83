export type { DifferenceCandidate, ScoreTable, SpecializedCandidate } from './candidate-scores.ts';
export { type OptimizerErrorCode, optimizerErrors } from './errors.ts';
export type { FootageSource } from './footage-source.ts';
export type { BoundedRate, ErrorTargets, FoundPlan, PlanErrors, PlanStructure, TargetStatus } from './found-plan.ts';
export type { FootageSplit, LabeledPart, LabeledStretch, RowPlace, Stretch } from './labeled-part.ts';
export { type PictureFile, PictureReader, pictureBytes } from './picture-file.ts';
export { mixSeed, type RandomSource, randomSource } from './random-source.ts';
export type { PlanCost, PlanProcesses, StageCosts, StageCounts } from './stage-costs.ts';
export { adam, adamInputs, addAdamStep } from './training/adam.ts';
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
export { startState, type TrainingModel, TrainingSession, type TrainingState } from './training/training-session.ts';
export { classifierCandidate } from './training/classifier-candidate.ts';
export { classifierGrid } from './training/classifier-grid.ts';
export { trainRung } from './training/train-rung.ts';
