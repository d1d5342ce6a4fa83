import type { Subject } from 'rxjs';
import type { Decision } from '../../cascade/index.ts';
import {
  type CameraCounts,
  type CameraStatus,
  type LiveDropReason,
  type LiveGate,
  machineMs,
} from '../../ingest/index.ts';
import type { CreditGate } from '../credit-gate.ts';
import type { FrameItem } from '../frame-item.ts';
import type { KafkaPipeline, KafkaPipelineStatus } from './kafka-pipeline.ts';

/** What a camera does and has done. */
export interface CameraActivity {
  readonly status: CameraStatus;
  readonly counts: CameraCounts;
}

/** What one stream does, read by one step. */
export interface StreamStatus {
  readonly stream: string;
  readonly state: 'waiting' | 'running' | 'paused' | 'ended' | 'failed';
  /** Frames that have entered the pipelines. */
  readonly frames: number;
  /** Frames that are unfinished now. */
  readonly inFlight: number;
  /** Most frames that were unfinished at once. */
  readonly mostInFlight: number;
  /** Frames of a live stream that were never looked at, by reason. */
  readonly dropped: Readonly<Record<LiveDropReason, number>>;
  /**
   * How far a camera, or a stream that is played at its own times, is behind: the age in ms of the newest frame that has entered the
   * pipelines, as of now, or of its end. At best the time between two frames and, with a cascade, the 200 ms for which frames
   * are collected; it grows while nothing comes, also while paused. Null: the stream is not, or has not begun.
   */
  readonly lagMs: number | null;
  /** What a camera does and has done; null: the stream is none, or has not begun. */
  readonly camera: CameraActivity | null;
  /** Worker processes that decode it now; several streams may share one. */
  readonly pids: readonly number[];
  /** What is particular to a topic of Kafka; null: it is none. */
  readonly kafka: KafkaPipelineStatus | null;
  /** What ended it early. */
  readonly error: unknown;
}

/** A stream that is read by one step. */
export interface RunningStream {
  readonly stream: string;
  readonly gate: CreditGate;
  readonly stop: Subject<void>;
  state: StreamStatus['state'];
  frames: number;
  error: unknown;
  live: Pick<LiveGate<unknown>, 'dropped'> | null;
  worker: StreamWorkers | null;
  readonly dropped: Record<LiveDropReason, number>;
  /** Media time of the first frame, and of the newest one. */
  firstUs: number | null;
  lastUs: number;
  endedMs: number | null;
  kafka: KafkaPipeline | null;
}

/** The processes that decode a stream. */
interface StreamWorkers {
  readonly pids: readonly number[];
  /** When the first frame was due, where they are played at their own times. */
  readonly playedSinceMs: number | null;
  readonly camera: CameraActivity | null;
}

/** What a stream does now, for users. */
export function streamStatus(running: RunningStream): StreamStatus {
  const { stream, state, frames, gate, live, dropped, worker, kafka, error } = running;
  return {
    stream,
    state,
    frames,
    inFlight: gate.held,
    mostInFlight: gate.mostHeld,
    dropped: live?.dropped ?? { ...dropped },
    lagMs: lagMs(running),
    camera: worker?.camera ?? null,
    pids: worker?.pids ?? [],
    kafka: kafka?.status ?? null,
    error,
  };
}

function lagMs({ firstUs, lastUs, worker, endedMs }: RunningStream): number | null {
  // The frames of a camera carry the wall clock.
  if (worker?.camera != null) return firstUs === null ? null : Date.now() - lastUs / 1000;
  const sinceMs = worker?.playedSinceMs ?? null;
  if (sinceMs === null) return null;
  const playedMs = firstUs === null ? 0 : (lastUs - firstUs) / 1000;
  return (endedMs ?? machineMs()) - sinceMs - playedMs;
}

/** Counts a frame that enters the pipelines. */
export function countFrame(running: RunningStream, item: FrameItem | Decision): void {
  running.frames++;
  running.firstUs ??= item.timestampUs;
  running.lastUs = item.timestampUs;
  const settled = 'verdict' in item ? item.verdict : item;
  if (settled?.decidedBy !== 'defaulted') return;
  const { reason } = settled;
  if (Object.hasOwn(running.dropped, reason)) running.dropped[reason as LiveDropReason]++;
}
