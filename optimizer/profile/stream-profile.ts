import type { Picture, StoredModel } from '../../cascade/index.ts';
import type { OpenFootageOptions } from '../../ingest/index.ts';
import type { DifferenceCandidate } from '../candidate-scores.ts';
import type { Stretch } from '../labeled-part.ts';
import type { StageCosts } from '../stage-costs.ts';

/** A specialized model whose cost is wanted. */
export interface MeasuredClassifier {
  /** Id of the candidate. */
  readonly id: string;
  readonly model: StoredModel;
}

/** What the worker process of a profile measures. */
export interface StreamProfileTask {
  readonly footages: readonly OpenFootageOptions[];
  readonly windows: readonly Stretch[];
  readonly differences: readonly DifferenceCandidate[];
  readonly classifiers: readonly MeasuredClassifier[];
  /** Its input says what frames are scaled to that go to another process. */
  readonly referenceModel: StoredModel;
  /** About how long to measure, in ms. */
  readonly durationMs: number;
}

/** All costs but that of the reference model's inference. */
export type StreamCosts = Omit<StageCosts, 'referenceUs'>;

/** Sent by the worker while it measures: pictures at the reference model's input size. */
export interface StreamProfileNote {
  readonly picture: Picture;
}
