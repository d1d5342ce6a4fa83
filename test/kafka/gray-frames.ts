import type { KafkaMessage } from '../../ingest/index.ts';
import { encodeImage } from '../../ingest/index.ts';
import type { EncodedFrame } from '../../streams-dsl/index.ts';

/** Gray pictures of some streams, from a seed: brightness stays for a while, then jumps, and flickers at times. */
export async function grayFrames(
  streams: readonly string[],
  count: number,
  { frameMs = 100 }: { readonly frameMs?: number } = {},
): Promise<Map<string, EncodedFrame[]>> {
  const encoded = new Map<number, Uint8Array>();
  const image = async (gray: number): Promise<Uint8Array> => {
    const known = encoded.get(gray);
    if (known !== undefined) return known;
    const bytes = new Uint8Array(32 * 32 * 3).fill(gray);
    const made = await encodeImage({ width: 32, height: 32, bytes }, { format: gray % 2 === 0 ? 'png' : 'jpeg' });
    encoded.set(gray, made);
    return made;
  };
  const frames = new Map<string, EncodedFrame[]>();
  for (const [at, stream] of streams.entries()) {
    const random = randomNumbers(at + 1);
    let gray = 40;
    const own: EncodedFrame[] = [];
    for (let i = 0; i < count; i++) {
      if (random() < 0.05) gray = 20 + Math.floor(random() * 24) * 9;
      const flicker = random() < 0.1 ? 90 : 0;
      own.push({ image: await image((gray + flicker) % 240), timestampUs: i * frameMs * 1000 });
    }
    frames.set(stream, own);
  }
  return frames;
}

/** The frames as records, the streams' taking turns. */
export function frameMessages(topic: string, frames: ReadonlyMap<string, readonly EncodedFrame[]>): KafkaMessage[] {
  const length = Math.max(0, ...[...frames.values()].map(own => own.length));
  return Array.from({ length }, (_, i) =>
    [...frames].flatMap(([key, own]): KafkaMessage[] => {
      const frame = own[i];
      if (frame === undefined) return [];
      return [{ topic, key, value: frame.image, headers: { 'timestamp-us': String(frame.timestampUs) } }];
    }),
  ).flat();
}

/** Mulberry32: the same numbers from 0 to 1 for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state += 0x6d2b79f5;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
