import type { Device } from '../cascade/index.ts';

/** What each stage costs on this machine with this footage, measured (µs of one busy core). */
export interface StageCosts {
  /** Demuxing and decoding one frame when all frames are decoded, in µs. */
  readonly decodeUs: number;
  /** Decoding one keyframe when keyframes alone are decoded, in µs. */
  readonly keyframeUs: number;
  /** Demuxing one frame that is not decoded, in µs. */
  readonly demuxUs: number;
  /** Scaling and comparing one frame, in µs, by the candidate's id. */
  readonly differenceUs: Readonly<Record<string, number>>;
  /** Scaling and scoring one frame in batches of 32, in µs, by the candidate's id. */
  readonly specializedUs: Readonly<Record<string, number>>;
  /** Scaling one frame to the reference model's input and sending it, in the stream worker, in µs. */
  readonly referenceSendUs: number;
  /** One picture in one model worker: input, inference and decoding of the answer, in µs. */
  readonly referenceUs: number;
  /** Putting together and writing the decision of one frame, in the main process, in µs. */
  readonly decisionUs: number;
}

/** The processes that a plan is to run with. */
export interface PlanProcesses {
  /** Stream workers, 1 or more. */
  readonly workers: number;
  /** Processes of the reference model, 1 or more. */
  readonly replicas: number;
  /** Cores of the machine, 1 or more. */
  readonly cores: number;
  /** What an ONNX reference model runs on. Default `cpu`. */
  readonly device?: Device | undefined;
}

/** How often each stage ran. */
export interface StageCounts {
  /** Frames answered, all of them. */
  readonly frames: number;
  /** Frames decoded with the ones before them. */
  readonly decoded: number;
  /** Keyframes decoded alone. */
  readonly keyframes: number;
  /** Frames that the difference detector saw. */
  readonly compared: number;
  /** Frames that the specialized model saw. */
  readonly scored: number;
  /** Frames that the reference model was asked about. */
  readonly referenced: number;
}

/** What a plan costs: throughput is set by the busiest resource. */
export interface PlanCost {
  /** Wall time a frame in µs: that of the busiest resource. */
  readonly frameUs: number;
  readonly framesPerSecond: number;
  /** What sets it: the stream workers, the model workers, the main process, or all cores together. */
  readonly bottleneck: 'stream-worker' | 'model-worker' | 'main' | 'cores';
  /** Busy time a frame in µs by stage, summed over all processes. */
  readonly stagesUs: Readonly<Record<'decode' | 'difference' | 'specialized' | 'reference' | 'decision', number>>;
}
