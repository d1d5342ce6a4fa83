import { type Footage, type OpenFootageOptions, openFootage } from '../../ingest/index.ts';
import type { Stretch } from '../labeled-part.ts';
import type { StageCosts } from '../stage-costs.ts';
import { median } from './median.ts';
import { processorUs } from './processor-clock.ts';
import type { StreamProfileTask } from './stream-profile.ts';
import { type WindowCost, windowCosts } from './window-costs.ts';

/** Openings that are timed at most: more of a long file would take long. */
const mostOpenings = 3;
const enoughOpeningUs = 300_000;

/** Footage opened for measuring, with what demuxing costs as far as opening tells. */
export interface MeasuredFootage {
  /** Owned by whoever opened it. */
  readonly footage: Footage;
  /** Tells in µs what work on it costs. */
  readonly nowUs: () => number;
  /** Opening reads every packet once: at most this in µs a frame, since it also reads the head of the file. */
  readonly openUs: number;
}

/** Opens footage and times that. */
export async function openMeasured(options: OpenFootageOptions): Promise<MeasuredFootage> {
  const times: number[] = [];
  for (;;) {
    const nowUs = clockOf(options);
    const started = nowUs();
    const footage = await openFootage(options);
    const us = nowUs() - started;
    times.push(us / footage.table.timestampsUs.length);
    if (times.length >= mostOpenings || us > enoughOpeningUs) return { footage, nowUs, openUs: median(times) };
    await footage[Symbol.asyncDispose]();
  }
}

/** The program ffmpeg works in a process of its own, of which only the time that passes is seen here. */
function clockOf({ decoder }: OpenFootageOptions): () => number {
  return decoder === 'ffmpeg' ? () => 1000 * performance.now() : processorUs;
}

/** Measures what decoding all frames, and keyframes alone, costs. */
export async function measureDecode(
  opened: readonly MeasuredFootage[],
  { windows, durationMs }: Pick<StreamProfileTask, 'windows' | 'durationMs'>,
): Promise<Pick<StageCosts, 'decodeUs' | 'keyframeUs' | 'demuxUs'>> {
  const of = ({ source }: Stretch): MeasuredFootage => opened[source] as MeasuredFootage;
  const first = windows[0];
  // The first pictures of a process are slower: code is compiled and memory mapped.
  if (first !== undefined) await decodeAll(of(first), first);
  const all = await windowCosts(windows, 0.7 * durationMs, window => decodeAll(of(window), window));
  const sparse = await windowCosts(windows, 0.3 * durationMs, window => decodeKeyframes(of(window), window));
  const held = sum(sparse, ({ frames, keyframes }) => frames - keyframes);
  const sparseUs = sum(sparse, ({ us }) => us);
  const demuxUs = Math.min(median(opened.map(({ openUs }) => openUs)), sparseUs / sum(sparse, ({ frames }) => frames));
  return {
    decodeUs: sum(all, ({ us }) => us) / sum(all, ({ frames }) => frames),
    keyframeUs: (sparseUs - held * demuxUs) / sum(sparse, ({ keyframes }) => keyframes),
    demuxUs,
  };
}

async function decodeAll({ footage, nowUs }: MeasuredFootage, { range }: Stretch): Promise<WindowCost> {
  const started = nowUs();
  let frames = 0;
  const wanted = (): boolean => {
    frames++;
    return false;
  };
  for await (const frame of footage.frames(range, wanted)) frame[Symbol.dispose]();
  return { us: nowUs() - started, frames: Math.max(1, frames) };
}

async function decodeKeyframes(
  { footage, nowUs }: MeasuredFootage,
  { range }: Stretch,
): Promise<WindowCost & { keyframes: number }> {
  const started = nowUs();
  let frames = 0;
  let keyframes = 0;
  for await (const group of footage.groups(range)) {
    using owned = group;
    frames += owned.range.to - owned.range.from;
    keyframes++;
  }
  return { us: nowUs() - started, frames: Math.max(1, frames), keyframes: Math.max(1, keyframes) };
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
