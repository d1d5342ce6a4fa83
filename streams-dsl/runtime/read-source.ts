import { LiveGate, type OpenFootageOptions, systemClock } from '../../ingest/index.ts';
import type { FrameItem } from '../frame-item.ts';
import type { EncodedFrame, SourceDescription } from '../sources/source.ts';
import { CameraReader } from './camera-reader.ts';
import { crossedItem } from './crossed-item.ts';
import type { PictureNeed } from './frame-protocol.ts';
import { FrameReader } from './frame-reader.ts';
import type { ImageReader } from './image-reader.ts';

/** How a source is read. */
export interface ReadOptions {
  /** Pictures that cross with each frame. */
  readonly needs: readonly PictureNeed[];
  /** Every n-th frame is decoded, 1 or more; the others come settled as skipped. */
  readonly every: number;
  readonly images: ImageReader;
  /** Told of the worker that reads a file, images or a camera. */
  readonly onReader: (reader: FrameReader | CameraReader) => void;
  /** Told of the queue in front of a live source, which counts what it drops. */
  readonly onLive: (gate: Pick<LiveGate<EncodedFrame>, 'dropped'>) => void;
}

/** Opens a source, gives its frames in order as they are asked for, and closes it at the end or when aborted. */
export async function* readSource(
  source: SourceDescription,
  options: ReadOptions,
  signal: AbortSignal,
): AsyncGenerator<readonly FrameItem[]> {
  switch (source.kind) {
    case 'file':
    case 'images': {
      const { needs, every, onReader } = options;
      const live = source.kind === 'file' ? source.live : null;
      await using reader = new FrameReader({ footage: footageOf(source), needs, every, live });
      onReader(reader);
      for await (const batch of reader.frames(signal)) yield batch.map(frame => crossedItem(source.stream, frame));
      return;
    }
    case 'camera': {
      const { needs, every, onReader } = options;
      const { stream, live } = source;
      await using reader = new CameraReader({ camera: { ...source.camera, streamId: stream }, live, needs, every });
      onReader(reader);
      for await (const batch of reader.frames(signal)) yield batch.map(frame => crossedItem(stream, frame));
      return;
    }
    case 'frames':
      yield* readImages(source, options, signal);
      return;
    case 'kafka':
    case 'request':
      return;
  }
}

/** The footage of a source that ingest opens by itself. */
export function footageOf(source: Extract<SourceDescription, { kind: 'file' | 'images' }>): OpenFootageOptions {
  const { path, stream: streamId, decoder } = source;
  return source.kind === 'file'
    ? { path, streamId, decoder }
    : { path, streamId, decoder, imageRateFps: source.frameRateFps };
}

async function* readImages(
  source: Extract<SourceDescription, { kind: 'frames' }>,
  { needs, every, images, onLive }: ReadOptions,
  signal: AbortSignal,
): AsyncGenerator<readonly FrameItem[]> {
  const encoded =
    source.live === null
      ? untilAborted(source.images, signal)
      : arriving(source.images, new LiveGate(source.live, systemClock), { onLive, signal });
  let frame = 0;
  for await (const { image: bytes, timestampUs } of encoded) {
    const wanted = frame % every === 0;
    const crossed = wanted
      ? await images.read({ bytes, needs, frame, timestampUs })
      : { frame, timestampUs, state: 'skipped' as const, width: 0, height: 0, pictures: [] };
    yield [crossedItem(source.stream, crossed)];
    frame++;
  }
}

/** Lets images arrive at their own pace, and serves those that the gate does not drop. */
async function* arriving(
  images: Iterable<EncodedFrame> | AsyncIterable<EncodedFrame>,
  gate: LiveGate<EncodedFrame>,
  { onLive, signal }: Pick<ReadOptions, 'onLive'> & { readonly signal: AbortSignal },
): AsyncGenerator<EncodedFrame> {
  onLive(gate);
  let failure: unknown = null;
  const arrive = async (): Promise<void> => {
    try {
      for await (const image of untilAborted(images, signal)) gate.offer(image);
    } catch (error) {
      failure = error;
    } finally {
      gate.end();
    }
  };
  void arrive();
  for await (const batch of gate.batches(signal)) yield* batch;
  if (failure !== null) throw failure;
}

/** The same images, left at once when the signal is aborted even while the next one is awaited. */
async function* untilAborted<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  signal: AbortSignal,
): AsyncGenerator<Item> {
  const iterator: AsyncIterator<Item> | Iterator<Item> =
    Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let stop: () => void = () => undefined;
  const aborted = new Promise<null>(resolve => {
    stop = () => resolve(null);
    signal.addEventListener('abort', stop);
  });
  try {
    while (!signal.aborted) {
      const next = await Promise.race([iterator.next(), aborted]);
      if (next === null || next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    void iterator.return?.();
  }
}
