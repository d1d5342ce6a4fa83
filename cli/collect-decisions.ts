import { type CascadeOptions, CascadeRun, type CascadeStats, type Decision } from '../cascade/index.ts';
import { ProgressBar } from './progress-bar.ts';

/** What a run over footage said, kept in memory. */
export interface CollectedRun<Kept> {
  /** One a frame, in frame order. */
  readonly decisions: readonly Kept[];
  readonly stats: CascadeStats;
}

/** How to collect. */
export interface CollectOptions<Kept> {
  readonly run: CascadeOptions;
  /** What the progress bar says. */
  readonly what: string;
  readonly signal: AbortSignal;
  /** What is kept of a decision: detections of hours of footage would fill the memory. */
  readonly keep: (decision: Decision) => Kept;
}

/**
 * Runs a cascade over footage and keeps its decisions.
 * @throws what the run throws; the signal's reason when it is aborted.
 */
export async function collectDecisions<Kept>(options: CollectOptions<Kept>): Promise<CollectedRun<Kept>> {
  const { what, signal, keep } = options;
  await using run = await CascadeRun.start(options.run);
  using progress = new ProgressBar({ what });
  const decisions: Kept[] = [];
  for await (const batch of run.decisions({ signal })) {
    for (const decision of batch) decisions.push(keep(decision));
    progress.update(decisions.length, run.table.timestampsUs.length);
  }
  signal.throwIfAborted();
  return { decisions, stats: run.stats() };
}
