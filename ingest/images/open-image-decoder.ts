import type { Frame, FrameIndex } from '../frame.ts';
import { loadNodeAv } from '../load-node-av.ts';
import { imageKind } from './image-kind.ts';

/** Decodes images that are in memory already, such as the body of a request. */
export interface MemoryImageDecoder extends AsyncDisposable {
  /**
   * The image as a frame that the caller owns; undefined when it is broken, or neither JPEG nor PNG.
   * @param place - What the frame is to say of itself; `timestampUs` is media time in µs.
   */
  decode(
    bytes: Uint8Array,
    place: { readonly index: FrameIndex; readonly timestampUs: number },
  ): Promise<Frame | undefined>;
}

/**
 * Opens a decoder for JPEG and PNG in memory. Decoding blocks its process for some milliseconds: use it in a worker.
 * @param streamId - Name of the frames' stream.
 * @throws INGEST_NODE_AV_UNAVAILABLE - when node-av is not installed for this platform.
 */
export async function openImageDecoder(streamId: string): Promise<MemoryImageDecoder> {
  const { NativeImageDecoder } = await loadNodeAv();
  const decoder = new NativeImageDecoder(streamId);
  return {
    async decode(bytes, place) {
      const kind = imageKind(bytes);
      if (kind === undefined) return undefined;
      return decoder.decode({
        path: '(memory)',
        bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
        kind,
        ...place,
      });
    },
    [Symbol.asyncDispose]: () => decoder[Symbol.asyncDispose](),
  };
}
