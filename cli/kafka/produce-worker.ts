// Entry of the worker process that decodes footage, and writes it to a topic of Kafka as JPEGs.
import {
  encodeImage,
  type Frame,
  loadKafka,
  openFootage,
  type PixelRequest,
  serveWorker,
  toErrorRecord,
} from '../../ingest/index.ts';
import { openKafkaAccess } from '../../sinks/index.ts';
import type { FromProduce, ToProduce } from './produce-protocol.ts';

type Task = Extract<ToProduce, { type: 'produce' }>;

/** Frames that the brokers have not confirmed: enough for one request. */
const mostUnconfirmed = 64;
const progressEveryMs = 100;

await serveWorker<ToProduce, FromProduce>(post => {
  const stopping = new AbortController();
  return async message => {
    if (message.type === 'stop') {
      stopping.abort();
      return;
    }
    try {
      await post({ type: 'done', ...(await produce(message, { post, signal: stopping.signal })) });
    } catch (error) {
      await post({ type: 'failed', error: toErrorRecord(error) });
    }
  };
});

async function produce(
  task: Task,
  { post, signal }: { readonly post: (message: FromProduce) => Promise<void>; readonly signal: AbortSignal },
): Promise<{ frames: number; bytes: number }> {
  const { topic, limit, partitions, footage: options } = task;
  const access = await openKafkaAccess(task.connection);
  const { KafkaTopics, KafkaWriter } = await loadKafka();
  {
    await using topics = new KafkaTopics(access);
    await (partitions === null ? topics.facts(topic) : topics.ensure({ name: topic, partitions }));
  }
  let footage = await openFootage(options);
  const request = requestOf(footage.info, task.width);
  if (options.decoder === 'ffmpeg') {
    await footage[Symbol.asyncDispose]();
    footage = await openFootage({ ...options, pixelRequests: [request] });
  }
  await using owned = footage;
  await using writer = new KafkaWriter(access);
  const frameCount = Math.min(limit ?? Number.POSITIVE_INFINITY, owned.table.timestampsUs.length);
  const unconfirmed = new Set<Promise<void>>();
  let [frames, bytes, toldMs] = [0, 0, 0];
  for await (const frame of owned.frames({ from: 0, to: frameCount }, () => true)) {
    using own = frame;
    const message = await messageOf(own, task, request);
    const written = writer.write(message).finally(() => unconfirmed.delete(written));
    unconfirmed.add(written);
    // Whoever waits for it sees what it throws.
    written.catch(() => undefined);
    if (unconfirmed.size >= mostUnconfirmed) await Promise.race(unconfirmed);
    frames++;
    bytes += message.value.length;
    if (signal.aborted) break;
    if (performance.now() - toldMs < progressEveryMs) continue;
    toldMs = performance.now();
    await post({ type: 'progress', frames, frameCount });
  }
  await Promise.all(unconfirmed);
  return { frames, bytes };
}

async function messageOf(frame: Frame, { topic, quality }: Task, request: PixelRequest) {
  const { index, timestampUs, streamId } = frame;
  const { width, height } = request;
  const value = await encodeImage({ width, height, bytes: frame.pixels(request) }, { format: 'jpeg', quality });
  const source = `/streams/${encodeURIComponent(streamId)}`;
  const headers = {
    'content-type': 'image/jpeg',
    'timestamp-us': String(timestampUs),
    ce_specversion: '1.0',
    ce_id: `${streamId}-${index}`,
    ce_source: source,
    ce_type: 'io.saccade.frame',
  };
  return { topic, key: streamId, value, headers };
}

/** The picture at its own size or smaller, width and height even as 4:2:0 wants them. */
function requestOf(info: { readonly width: number; readonly height: number }, width: number | null): PixelRequest {
  const scale = Math.min(1, (width ?? info.width) / info.width);
  const even = (length: number): number => Math.max(2, 2 * Math.round((length * scale) / 2));
  return { width: even(info.width), height: even(info.height), format: 'rgb' };
}
