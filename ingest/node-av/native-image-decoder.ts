import { AV_CODEC_ID_MJPEG, AV_CODEC_ID_PNG } from 'node-av/constants';
import { Codec, CodecContext, Packet } from 'node-av/lib';
import { ingestErrors } from '../errors.ts';
import type { Frame } from '../frame.ts';
import type { ImageDecoder, ImageFile } from '../images/image-footage.ts';
import type { ImageKind } from '../images/image-kind.ts';
import { FrameStore } from './frame-store.ts';

/** Decodes JPEG and PNG in this process; one decoder of each kind is kept open. */
export class NativeImageDecoder implements ImageDecoder {
  readonly #store: FrameStore;
  readonly #packet = new Packet();
  readonly #contexts = new Map<ImageKind, CodecContext>();

  /**
   * @param streamId - Name of the frames' stream.
   */
  constructor(streamId: string) {
    this.#store = new FrameStore({ streamId, timestampsUs: new Float64Array(0), rotationDegrees: 0 });
    this.#packet.alloc();
  }

  async decode(image: ImageFile): Promise<Frame | undefined> {
    const context = this.#context(image);
    const picture = this.#store.take();
    this.#packet.data = image.bytes;
    // Without the mark, FFmpeg's PNG decoder takes the picture for a difference and adds the one before to it.
    this.#packet.isKeyframe = true;
    const sent = context.sendPacketSync(this.#packet);
    this.#packet.unref();
    if (sent >= 0 && context.receiveFrameSync(picture) >= 0) {
      return this.#store.wrap(picture, image.index, image.timestampUs);
    }
    context.flushBuffers();
    this.#store.giveBack(picture);
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const context of this.#contexts.values()) context.freeContext();
    this.#contexts.clear();
    this.#packet.free();
    this.#store[Symbol.dispose]();
  }

  #context({ kind, path }: ImageFile): CodecContext {
    const known = this.#contexts.get(kind);
    if (known !== undefined) return known;
    const codec = Codec.findDecoder(kind === 'png' ? AV_CODEC_ID_PNG : AV_CODEC_ID_MJPEG);
    if (codec === null) throw ingestErrors.create('INGEST_NO_DECODER', { path, codec: kind, decoder: 'node-av' });
    const context = new CodecContext();
    context.allocContext3(codec);
    // One image, one picture: more threads would only hold it back.
    context.threadCount = 1;
    context.open2Sync(codec, null);
    this.#contexts.set(kind, context);
    return context;
  }
}
