// Entry of the worker process that draws decisions onto the frames that they are about, and encodes the result.
import { createYuvPicture, FootageEncoder } from '../../fixtures/index.ts';
import { type Footage, openFootage, type PixelRequest, serveWorker, toErrorRecord } from '../../ingest/index.ts';
import { Annotator, bannerHeight } from './annotate.ts';
import { Canvas } from './canvas.ts';
import type { FromReplayVideo, ToReplayVideo } from './replay-video-protocol.ts';

/** Wide enough to see a box's number; drawing and encoding a larger picture takes several times as long as decoding it. */
const mostWidthPx = 960;
const progressEveryMs = 100;

await serveWorker<ToReplayVideo, FromReplayVideo>(post => async task => {
  let toldMs = 0;
  const progress = (frames: number, frameCount: number): Promise<void> => {
    if (performance.now() - toldMs < progressEveryMs) return Promise.resolve();
    toldMs = performance.now();
    return post({ type: 'progress', frames, frameCount });
  };
  try {
    await post({ type: 'done', frames: await draw(task, progress) });
  } catch (error) {
    await post({ type: 'failed', error: toErrorRecord(error) });
  }
});

async function draw(
  { footage: options, replay, path }: ToReplayVideo,
  progress: (frames: number, frameCount: number) => Promise<void>,
): Promise<number> {
  let footage: Footage = await openFootage(options);
  try {
    const request = requestOf(footage.info);
    if (options.decoder === 'ffmpeg') {
      await footage[Symbol.asyncDispose]();
      footage = await openFootage({ ...options, pixelRequests: [request] });
    }
    const frameCount = Math.min(replay.decisions.length, footage.table.timestampsUs.length);
    const size = { width: request.width, height: request.height + bannerHeight(request.width) };
    const canvas = new Canvas(size);
    const annotator = new Annotator(replay, size.width);
    const picture = createYuvPicture(size.width, size.height);
    const { frameRateFps } = footage.info;
    using encoder = new FootageEncoder(
      path,
      { ...size, frameRateFps },
      { keyframeIntervalSeconds: 1, crf: 23, preset: 'veryfast' },
    );
    let shown = new Uint8Array(request.width * request.height * 3);
    const write = (frame: number): void => {
      const decision = replay.decisions[frame];
      if (decision === undefined) return;
      canvas.bytes.set(shown);
      annotator.draw(canvas, decision);
      canvas.toYuv(picture);
      encoder.write(picture);
    };
    for await (const frame of footage.frames({ from: 0, to: frameCount }, () => true)) {
      using owned = frame;
      // A frame that did not decode shows the picture before it.
      while (encoder.frameCount < owned.index) write(encoder.frameCount);
      shown = owned.pixels(request) as typeof shown;
      write(owned.index);
      await progress(encoder.frameCount, frameCount);
    }
    while (encoder.frameCount < frameCount) write(encoder.frameCount);
    encoder.finish();
    return frameCount;
  } finally {
    await footage[Symbol.asyncDispose]();
  }
}

/** The picture at its own size or smaller, width and height even as 4:2:0 wants them. */
function requestOf({ width, height }: { width: number; height: number }): PixelRequest {
  const scale = Math.min(1, mostWidthPx / width);
  const even = (length: number): number => Math.max(2, 2 * Math.round(length / 2));
  return { width: even(width * scale), height: even(height * scale), format: 'rgb' };
}
