import type { Predicate } from '../cascade/index.ts';
import type { LabelSampling } from './footage/label-step.ts';
import type { OpenSourcesOptions } from './footage/open-sources.ts';
import type { ErrorTargets } from './found-plan.ts';
import type { PlanProcesses } from './stage-costs.ts';

/** What plan is wanted, from which footage, and how long may be searched. */
export interface OptimizeOptions {
  /** Files in order of time, each with an optional time range (`day1.mp4#t=60,600`); one camera. */
  readonly inputs: readonly string[];
  /** How they are read. Default: one thread of `node-av`. */
  readonly reading?: Pick<OpenSourcesOptions, 'decoder' | 'decoderThreads' | 'imageRateFps'>;
  /** Name of the query, used in outputs and for the specialized model. */
  readonly name: string;
  readonly predicate: Predicate;
  /** Window of the majority that smooths labels in ms, 0 or more. Default 1000. */
  readonly smoothingMs?: number | undefined;
  /** The reference model: `name`, `name@version` or a version folder. */
  readonly reference: string;
  /** Folder of the model repository; the specialized model is added to it. */
  readonly models: string;
  readonly targets: ErrorTargets;
  /** The plan file to write; its picture of the empty scene lies beside it. */
  readonly planPath: string;
  /** Folder of the caches. Default `.saccade`. */
  readonly cacheFolder?: string | undefined;
  /** How much of the footage the reference is asked about. Default: every frame, up to `defaultLabelFrames`. */
  readonly sampling?: LabelSampling | undefined;
  /** Time between two parts of the footage in ms. Default: see `splitGapMs`. */
  readonly gapMs?: number | undefined;
  /** Time for training specialized models in ms, 0 or more; 0 trains none. Default 120,000. */
  readonly searchDurationMs?: number | undefined;
  /** Any whole number: the same seed, footage and machine give the same models and thresholds. Default 1. */
  readonly seed?: number | undefined;
  /** The processes that the plan is to run with; labeling and training use the cores. */
  readonly processes: PlanProcesses;
  /** Takes the footage as of one fixed camera without looking. Default false. */
  readonly sameCamera?: boolean | undefined;
}

/** How to follow and stop an optimization. */
export interface OptimizeHooks {
  /** Told what begins. */
  readonly onStep?: ((step: string) => void) | undefined;
  /** Told how far the step is, 0–1. */
  readonly onProgress?: ((share: number) => void) | undefined;
  /** Told what the user should know early, such as the reference's unsteadiness. */
  readonly onNotice?: ((text: string) => void) | undefined;
  /**
   * Ends the search: while the footage is labeled the promise rejects with the signal's reason (labels are kept); later the
   * best plan so far is the result.
   */
  readonly signal?: AbortSignal | undefined;
}
