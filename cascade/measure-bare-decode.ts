import type { OpenFootageOptions } from '../ingest/index.ts';
import { type FootageTaskHooks, runFootageTask } from './footage-task.ts';

/** How fast footage can be decoded when nothing is done with it. */
export interface BareDecode {
  /** Frames of the footage. */
  readonly frames: number;
  /** Time from the first packet to the last frame in seconds; opening is not counted. */
  readonly seconds: number;
  /** Frames decoded in a second. */
  readonly framesPerSecond: number;
}

/**
 * Decodes footage once in a worker process of its own, without looking at any frame: the wall that a cascade which looks
 * at every frame cannot pass.
 * @throws what opening the footage throws; the signal's reason when it is aborted.
 */
export async function measureBareDecode(footage: OpenFootageOptions, hooks?: FootageTaskHooks): Promise<BareDecode> {
  const { frames, seconds } = await runFootageTask<'measure-decode'>({ kind: 'measure-decode', footage }, hooks);
  return { frames, seconds, framesPerSecond: frames / seconds };
}
