import { type CameraFrame, type FrameIndex, LiveGate, machineMs, openCamera } from '../../ingest/index.ts';
import type { FrameCredits } from './frame-credits.ts';
import {
  type CrossedFrame,
  crossFrame,
  type FromFrameWorker,
  type ToFrameWorker,
  undecoded,
} from './frame-protocol.ts';

/** Longest silence in ms; well below the supervisor's patience. */
const aliveIntervalMs = 1000;
/** Decoded frames that wait: twice what arrives at 30 fps within the staleness bound. */
const mostWaiting = 32;

/**
 * Sends the frames of a camera as they arrive, for ever; those for which there was no credit in time are dropped by rule and
 * come along without pictures.
 */
export async function feedCamera(
  { camera: options, live, needs, every }: Extract<ToFrameWorker, { type: 'open-camera' }>,
  credits: FrameCredits,
  post: (message: FromFrameWorker) => Promise<void>,
): Promise<void> {
  /** What became of each frame that was not sent yet, oldest first. */
  const states = new Map<FrameIndex, { readonly timestampUs: number; state: 'skipped' | 'waiting' | Dropped }>();
  let wake = (): void => undefined;
  const gate = new LiveGate<CameraFrame>({ limit: mostWaiting, ...live }, { nowMs: machineMs }, (frame, reason) => {
    const known = states.get(frame.index);
    if (known !== undefined) known.state = reason;
    frame[Symbol.dispose]();
  });
  await using camera = await openCamera(options, {
    onFrame: frame => {
      const { index, timestampUs } = frame;
      const isWanted = index % every === 0;
      states.set(index, { timestampUs, state: isWanted ? 'waiting' : 'skipped' });
      if (isWanted) gate.offer(frame);
      else frame[Symbol.dispose]();
      wake();
    },
    onStatus: (status, counts) => void post({ type: 'status', status, counts }),
  });
  await post({ type: 'opened', frameCount: 0, startMs: null });
  const alive = setInterval(() => void post({ type: 'frames', frames: [] }), aliveIntervalMs);
  const feed = async (): Promise<never> => {
    for (;;) {
      await credits.wait();
      const frame = gate.take();
      if (frame !== undefined) await credits.take();
      const frames: CrossedFrame[] = [];
      for (const [index, { timestampUs, state }] of states) {
        if (index === frame?.index) frames.push(crossFrame(frame, needs));
        else if (state === 'waiting') break;
        else frames.push(undecoded(state, index, timestampUs));
        states.delete(index);
        if (index === frame?.index) break;
      }
      frame?.[Symbol.dispose]();
      if (frames.length > 0) await post({ type: 'frames', frames });
      else await new Promise<void>(resolve => (wake = resolve));
    }
  };
  try {
    // A connection that cannot be ended takes the process along.
    await Promise.race([feed(), camera.closed]);
  } finally {
    clearInterval(alive);
  }
}

type Dropped = 'stale' | 'superseded' | 'full';
