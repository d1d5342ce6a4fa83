import { rename, rm, writeFile } from 'node:fs/promises';
import type { FootageTaskHooks } from '../../cascade/index.ts';
import { fromErrorRecord, type OpenFootageOptions, superviseWorker } from '../../ingest/index.ts';
import { sinkFailure } from '../../sinks/index.ts';
import type { Replay } from './replay-data.ts';
import type { FromReplayVideo, ToReplayVideo } from './replay-video-protocol.ts';

/** What to draw, and where. */
export interface ReplayVideoOptions {
  readonly footage: OpenFootageOptions;
  readonly replay: Replay;
  /** MP4 file; replaced if it exists, once the new one is whole. */
  readonly path: string;
}

/**
 * Draws decisions onto the frames that they are about, in a worker process, as H.264 at a steady rate.
 * @returns Frames written: one for each decision.
 * @throws what opening the footage throws; SINK_OUTPUT_UNWRITABLE - when the file cannot be written; the signal's reason
 *   when it is aborted. Nothing of the file is left then.
 */
export async function writeReplayVideo(
  { footage, replay, path }: ReplayVideoOptions,
  { onProgress, signal }: FootageTaskHooks,
): Promise<number> {
  const unfinished = `${path}.new`;
  // Said now rather than by the encoder, whose errors have no code.
  await writeFile(unfinished, '').catch(cause => Promise.reject(sinkFailure(path, cause)));
  try {
    const frames = await drawInWorker({ footage, replay, path: unfinished }, { onProgress, signal });
    await rename(unfinished, path).catch(cause => Promise.reject(sinkFailure(path, cause)));
    return frames;
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function drawInWorker(task: ToReplayVideo, { onProgress, signal }: FootageTaskHooks): Promise<number> {
  signal?.throwIfAborted();
  let settle: { resolve: (frames: number) => void; reject: (reason: unknown) => void } | undefined;
  const drawn = new Promise<number>((resolve, reject) => (settle = { resolve, reject }));
  await using worker = superviseWorker<ToReplayVideo, FromReplayVideo>({
    name: 'replay',
    file: new URL('./replay-video-worker.js', import.meta.url),
    shouldRestart: () => false,
    onReady: () => void worker.send(task),
    onMessage: message => {
      if (message.type === 'progress') onProgress?.(message.frames, message.frameCount);
      else if (message.type === 'failed') settle?.reject(fromErrorRecord(message.error));
      else settle?.resolve(message.frames);
    },
    onGiveUp: error => settle?.reject(error),
  });
  const stop = (): void => settle?.reject(signal?.reason);
  signal?.addEventListener('abort', stop);
  try {
    return await drawn;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
