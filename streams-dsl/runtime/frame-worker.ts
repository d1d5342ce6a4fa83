// Entry of a worker process that decodes for a pipeline whose frames cross to the main process.
import {
  type Footage,
  type MemoryImageDecoder,
  type OpenFootageOptions,
  openFootage,
  openImageDecoder,
  serveWorker,
} from '../../ingest/index.ts';
import { feedCamera } from './camera-feed.ts';
import { encodeStill } from './encode-still.ts';
import { FrameCredits } from './frame-credits.ts';
import {
  type CrossedFrame,
  crossFrame,
  type FromFrameWorker,
  type PictureNeed,
  requestsFor,
  type ToFrameWorker,
  undecoded,
} from './frame-protocol.ts';
import { playFrames } from './play-frames.ts';

/** Frames without a picture that are sent together. */
const mostTogether = 32;

async function read(
  message: Extract<ToFrameWorker, { type: 'open' }>,
  credits: FrameCredits,
  post: (message: FromFrameWorker) => Promise<void>,
): Promise<void> {
  const { footage: options, needs, every, from, pace } = message;
  await using footage = await openFor(options, needs);
  if (pace !== null) {
    await playFrames(footage, { ...pace, needs, every, from }, { credits, post });
    return;
  }
  const { timestampsUs } = footage.table;
  const to = timestampsUs.length;
  await post({ type: 'opened', frameCount: to, startMs: null });
  const wanted = (index: number): boolean => index % every === 0;
  const decoded = footage.frames({ from, to }, wanted)[Symbol.asyncIterator]();
  let next = await decoded.next();
  let together: CrossedFrame[] = [];
  for (let index = from; index < to; index++) {
    await credits.take();
    if (!wanted(index)) together.push(undecoded('skipped', index, timestampsUs[index] ?? 0));
    else if (next.done || next.value.index !== index) together.push(undecoded('lost', index, timestampsUs[index] ?? 0));
    else {
      using frame = next.value;
      together.push(crossFrame(frame, needs));
      next = await decoded.next();
    }
    if (together.at(-1)?.state !== 'skipped' || together.length >= mostTogether || credits.areSpent) {
      await post({ type: 'frames', frames: together });
      together = [];
    }
  }
  if (together.length > 0) await post({ type: 'frames', frames: together });
  await post({ type: 'ended' });
}

async function openFor(options: OpenFootageOptions, needs: readonly PictureNeed[]): Promise<Footage> {
  const footage = await openFootage(options);
  if (options.decoder !== 'ffmpeg') return footage;
  const pixelRequests = requestsFor(needs, footage.info);
  await footage[Symbol.asyncDispose]();
  return openFootage({ ...options, pixelRequests });
}

await serveWorker<ToFrameWorker, FromFrameWorker>(post => {
  const credits = new FrameCredits();
  let images: Promise<MemoryImageDecoder> | null = null;
  return async message => {
    switch (message.type) {
      case 'credit':
        credits.add(message.frames);
        break;
      case 'open':
        await read(message, credits, post);
        break;
      case 'open-camera':
        await feedCamera(message, credits, post);
        break;
      case 'image': {
        images ??= openImageDecoder('images');
        const { id, bytes, needs, frame: index, timestampUs } = message;
        using frame = await (await images).decode(bytes, { index, timestampUs });
        const crossed = frame === undefined ? undecoded('lost', index, timestampUs) : crossFrame(frame, needs);
        await post({ type: 'image', id, frame: crossed });
        break;
      }
      case 'still':
        await post({ type: 'still', id: message.id, jpeg: await encodeStill(message.still) });
        break;
    }
  };
});
