import { type Footage, openFootage } from '../../ingest/index.ts';
import type { Stretch } from '../labeled-part.ts';
import type { StageCosts } from '../stage-costs.ts';
import { median } from './median.ts';
import type { StreamProfileTask } from './stream-profile.ts';
import { type WindowCost, windowCosts } from './window-costs.ts';

/** Openings that are timed at most: more of a long file would take long. */
const mostOpenings = 3;
const enoughOpeningMs = 300;

/** Footage opened for measuring, with what demuxing costs as far as opening tells. */
export interface MeasuredFootage {
  /** Owned by whoever opened it. */
  readonly footage: Footage;
  /** Opening reads every packet once: at most this in µs a frame, since it also reads the head of the file. */
  readonly openUs: number;
}

/** Opens footage and times that. */
export async function openMeasured(options: Parameters<typeof openFootage>[0]): Promise<MeasuredFootage> {
  const times: number[] = [];
  for (;;) {
    const started = performance.now();
    const footage = await openFootage(options);
    const ms = performance.now() - started;
    times.push((1000 * ms) / footage.table.timestampsUs.length);
    if (times.length >= mostOpenings || ms > enoughOpeningMs) return { footage, openUs: median(times) };
    await footage[Symbol.asyncDispose]();
  }
}

/** Measures what decoding all frames, and keyframes alone, costs. */
export async function measureDecode(
  opened: readonly MeasuredFootage[],
  { windows, durationMs }: Pick<StreamProfileTask, 'windows' | 'durationMs'>,
): Promise<Pick<StageCosts, 'decodeUs' | 'keyframeUs' | 'demuxUs'>> {
  const footageOf = ({ source }: Stretch): Footage => (opened[source] as MeasuredFootage).footage;
  const first = windows[0];
  // The first pictures of a process are slower: code is compiled and memory mapped.
  if (first !== undefined) await decodeAll(footageOf(first), first);
  const all = await windowCosts(windows, 0.7 * durationMs, window => decodeAll(footageOf(window), window));
  const sparse = await windowCosts(windows, 0.3 * durationMs, window => decodeKeyframes(footageOf(window), window));
  const held = sum(sparse, ({ frames, keyframes }) => frames - keyframes);
  const sparseUs = sum(sparse, ({ us }) => us);
  const demuxUs = Math.min(median(opened.map(({ openUs }) => openUs)), sparseUs / sum(sparse, ({ frames }) => frames));
  return {
    decodeUs: sum(all, ({ us }) => us) / sum(all, ({ frames }) => frames),
    keyframeUs: (sparseUs - held * demuxUs) / sum(sparse, ({ keyframes }) => keyframes),
    demuxUs,
  };
}

async function decodeAll(footage: Footage, { range }: Stretch): Promise<WindowCost> {
  const started = performance.now();
  let frames = 0;
  const wanted = (): boolean => {
    frames++;
    return false;
  };
  for await (const frame of footage.frames(range, wanted)) frame[Symbol.dispose]();
  return { us: 1000 * (performance.now() - started), frames: Math.max(1, frames) };
}

async function decodeKeyframes(footage: Footage, { range }: Stretch): Promise<WindowCost & { keyframes: number }> {
  const started = performance.now();
  let frames = 0;
  let keyframes = 0;
  for await (const group of footage.groups(range)) {
    using owned = group;
    frames += owned.range.to - owned.range.from;
    keyframes++;
  }
  return { us: 1000 * (performance.now() - started), frames: Math.max(1, frames), keyframes: Math.max(1, keyframes) };
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
