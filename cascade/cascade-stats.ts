import type { Damage } from '../ingest/index.ts';
import type { StageTimes } from './stream-protocol.ts';

/** What a run took and used, summed over its processes. */
export interface CascadeStats {
  /** From the start until every worker had opened the footage and loaded its models, in seconds. */
  readonly startupSeconds: number;
  /** From then to the last label, in seconds; the end-to-end rate is taken over this. */
  readonly runSeconds: number;
  /** Busy seconds of the stream workers by stage, and of the reference model; stages run side by side. */
  readonly busySeconds: Readonly<Record<'decode' | 'scale' | 'difference' | 'specialized' | 'reference', number>>;
  /** Frames answered by the reference model. */
  readonly referenceCalls: number;
  /** Peak resident memory in bytes by kind of process, summed over the processes of a kind. */
  readonly peakRssBytes: Readonly<Record<'main' | 'streamWorkers' | 'modelWorkers', number>>;
  readonly damage: Damage;
  /** Worker processes that died and were started anew. */
  readonly restarts: number;
}

/** Adds up times by stage. */
export function addTimes(a: StageTimes, b: StageTimes): StageTimes {
  return {
    decodeMs: a.decodeMs + b.decodeMs,
    scaleMs: a.scaleMs + b.scaleMs,
    differenceMs: a.differenceMs + b.differenceMs,
    specializedMs: a.specializedMs + b.specializedMs,
  };
}

/** No time at all: where sums begin. */
export const noTimes: StageTimes = { decodeMs: 0, scaleMs: 0, differenceMs: 0, specializedMs: 0 };
