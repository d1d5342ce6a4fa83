import type { Picture, StoredModel } from '../../cascade/index.ts';
import type { DifferenceCandidate } from '../candidate-scores.ts';
import type { FootageSource } from '../footage-source.ts';
import type { Stretch } from '../labeled-part.ts';
import { runTasks } from '../run-task.ts';
import type { PlanProcesses, StageCosts } from '../stage-costs.ts';
import { measureReference } from './measure-reference.ts';
import { sampleWindows } from './sample-windows.ts';
import type { MeasuredClassifier, StreamCosts, StreamProfileNote, StreamProfileTask } from './stream-profile.ts';

/** What to measure, and on what. */
export interface MeasureCostsOptions {
  /** What the stretches refer to. */
  readonly sources: readonly Pick<FootageSource, 'footage' | 'table'>[];
  /** Footage to sample; a few windows of it are decoded. */
  readonly stretches: readonly Stretch[];
  readonly referenceModel: StoredModel;
  readonly differences: readonly DifferenceCandidate[];
  readonly classifiers: readonly MeasuredClassifier[];
  /** The processes that the plan is to run with: those of a kind are measured side by side. */
  readonly processes: PlanProcesses;
  /** About how long to measure in ms, above 0; starting processes comes on top. Default 15,000. */
  readonly durationMs?: number;
  /** Ends the measurement and its processes; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Share of the time for the reference model; its pictures come from the streams, so it is measured after them. */
const referenceShare = 0.3;
/** Pictures kept for measuring the reference model; which ones matters little. */
const mostPictures = 16;
/** Windows of footage: each at least two seconds, at most twenty of it. */
const windowOptions = { count: 8, leastFrames: 60, mostFrames: 600 };
/** The program ffmpeg starts anew for each window, which must not show. */
const ffmpegWindowOptions = { count: 4, leastFrames: 600, mostFrames: 1200 };

/**
 * Measures in worker processes what each stage of a cascade costs on this machine with this footage: its own decoder, size
 * and bitrate. Timings differ by some percent from one call to the next, more on a busy machine.
 * @returns Costs in µs, all above 0.
 * @throws what opening the footage and loading the models throw; the signal's reason. All processes have ended then.
 */
export async function measureCosts(options: MeasureCostsOptions): Promise<StageCosts> {
  const { processes, referenceModel, durationMs = 15_000, signal } = options;
  const { costs, pictures } = await measureStreams(options, (1 - referenceShare) * durationMs);
  const referenceUs = await measureReference({
    model: referenceModel,
    pictures,
    processes,
    durationMs: referenceShare * durationMs,
    signal,
  });
  return { ...costs, referenceUs };
}

/** Measures as many streams side by side as the plan is to have, at most one a core. */
async function measureStreams(
  { sources, stretches, referenceModel, differences, classifiers, processes, signal }: MeasureCostsOptions,
  durationMs: number,
): Promise<{ costs: StreamCosts; pictures: readonly Picture[] }> {
  const isFfmpeg = sources.some(({ footage }) => footage.decoder === 'ffmpeg');
  const windows = sampleWindows(
    stretches,
    sources.map(({ table }) => table),
    isFfmpeg ? ffmpegWindowOptions : windowOptions,
  );
  const footages = sources.map(({ footage }) => footage);
  const task: StreamProfileTask = { footages, windows, differences, classifiers, referenceModel, durationMs };
  const pictures: Picture[] = [];
  const streams = Math.max(1, Math.min(processes.workers, processes.cores));
  const launch = { name: 'measure costs', file: new URL('./profile-worker.js', import.meta.url), task };
  const costs = await runTasks<StreamProfileTask, StreamCosts, StreamProfileNote>(new Array(streams).fill(launch), {
    onNote: ({ picture }) => {
      if (pictures.length < mostPictures) pictures.push(picture);
    },
    signal,
  });
  return { costs: meanCosts(costs), pictures };
}

function meanCosts(all: readonly StreamCosts[]): StreamCosts {
  const mean = (of: (costs: StreamCosts) => number): number => all.reduce((sum, one) => sum + of(one), 0) / all.length;
  const byId = (key: 'differenceUs' | 'specializedUs'): Record<string, number> =>
    Object.fromEntries(Object.keys(all[0]?.[key] ?? {}).map(id => [id, mean(costs => costs[key][id] ?? Number.NaN)]));
  return {
    decodeUs: mean(({ decodeUs }) => decodeUs),
    keyframeUs: mean(({ keyframeUs }) => keyframeUs),
    demuxUs: mean(({ demuxUs }) => demuxUs),
    differenceUs: byId('differenceUs'),
    specializedUs: byId('specializedUs'),
    referenceSendUs: mean(({ referenceSendUs }) => referenceSendUs),
    decisionUs: mean(({ decisionUs }) => decisionUs),
  };
}
