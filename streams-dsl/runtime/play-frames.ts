import { setTimeout as delay } from 'node:timers/promises';
import {
  type ArrivedFrames,
  CameraPace,
  type Footage,
  type FrameIndex,
  type LiveOptions,
  machineMs,
} from '../../ingest/index.ts';
import type { FrameCredits } from './frame-credits.ts';
import { type CrossedFrame, crossFrame, type FromFrameWorker, type PictureNeed, undecoded } from './frame-protocol.ts';

/** What is played, and how. */
export interface PlayOptions {
  readonly needs: readonly PictureNeed[];
  /** Every n-th frame is decoded, 1 or more. */
  readonly every: number;
  /** First frame to send. */
  readonly from: FrameIndex;
  readonly live: LiveOptions;
  /** When the first frame of the footage was due, on the clock of `machineMs`; null: now. */
  readonly startMs: number | null;
}

/** How frames leave the worker. */
export interface FrameOutlet {
  /** One is used for each frame that is decoded; the others come along. */
  readonly credits: FrameCredits;
  post(message: FromFrameWorker): Promise<void>;
}

/** Longest silence in ms; well below the supervisor's 30 s. */
const aliveIntervalMs = 1000;

/** Sends the frames of footage when a camera would, to its end; those for which there was no credit in time are dropped. */
export async function playFrames(
  footage: Footage,
  options: PlayOptions,
  { credits, post }: FrameOutlet,
): Promise<void> {
  const { needs, every, from, live } = options;
  const { table } = footage;
  const to = table.timestampsUs.length;
  const startMs = options.startMs ?? machineMs();
  await post({ type: 'opened', frameCount: to, startMs });
  const wanted = (index: FrameIndex): boolean => index % every === 0;
  const clock = { nowMs: machineMs };
  const camera = new CameraPace({ live, startMs, table, range: { from, to }, wanted, togetherMs: 0 }, clock);
  while (!camera.isOver) {
    await credits.wait();
    const { waitMs } = camera;
    if (waitMs > 0) {
      await delay(Math.min(Math.ceil(waitMs), aliveIntervalMs));
      if (waitMs > aliveIntervalMs) await post({ type: 'frames', frames: [] });
      continue;
    }
    const arrived = camera.take(1);
    for (const _ of arrived.served) await credits.take();
    await post({ type: 'frames', frames: await crossArrived(footage, arrived, needs) });
  }
  await post({ type: 'ended' });
}

async function crossArrived(
  footage: Footage,
  { range, served, dropped, decode }: ArrivedFrames,
  needs: readonly PictureNeed[],
): Promise<CrossedFrame[]> {
  const decoded = new Map<FrameIndex, CrossedFrame>();
  if (decode !== null) {
    for await (const frame of footage.frames(decode, index => served.includes(index))) {
      using owned = frame;
      decoded.set(owned.index, crossFrame(owned, needs));
    }
  }
  const { timestampsUs } = footage.table;
  return Array.from({ length: range.to - range.from }, (_, i) => {
    const index = range.from + i;
    const state = served.includes(index) ? 'lost' : (dropped.get(index) ?? 'skipped');
    return decoded.get(index) ?? undecoded(state, index, timestampsUs[index] ?? 0);
  });
}
