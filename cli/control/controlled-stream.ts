import type { LiveDropReason } from '../../ingest/index.ts';
import type { CameraActivity } from '../../streams-dsl/index.ts';
import type { PauseSwitch } from './pause-switch.ts';
import type { ControlledRun } from './run-status.ts';

/** What a run of a plan over one stream does now. */
export interface ControlledStream {
  readonly stream: string;
  readonly isPaused: boolean;
  /** Frames that were answered. */
  readonly frames: number;
  /** Capture time of the newest of them in µs since 1970; null: none yet, or it is footage. */
  readonly lastUs: number | null;
  /** Frames for which there was no time, by reason. */
  readonly dropped: Readonly<Record<LiveDropReason, number>>;
  readonly query: string;
  readonly camera: CameraActivity | null;
  readonly pids: readonly number[];
}

/** A run of a plan over one stream as `saccade status` sees it: a pipeline of one stream. */
export function controlledStream(source: string, pause: PauseSwitch, told: () => ControlledStream): ControlledRun {
  return {
    status() {
      const { stream, isPaused, frames, lastUs, query, dropped, camera, pids } = told();
      const idle = { inFlight: 0, mostInFlight: 0, dropped: { ...dropped }, kafka: null, error: null };
      const lagMs = lastUs === null ? null : Date.now() - lastUs / 1000;
      const state = isPaused ? 'paused' : 'running';
      return {
        source,
        pipelines: [{ pipeline: query, state: 'running', rows: frames, error: null }],
        streams: [{ stream, state, frames, lagMs, camera, pids, ...idle }],
      };
    },
    pause: (streams, isPaused) => pause.set(streams, isPaused),
  };
}
