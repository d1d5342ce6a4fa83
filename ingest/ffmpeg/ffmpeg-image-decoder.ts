import type { Frame, PixelRequest } from '../frame.ts';
import type { ImageDecoder, ImageFile } from '../images/image-footage.ts';
import { imageSize } from '../images/image-size.ts';
import { SaccadeError } from '../saccade-error.ts';
import { DecodingRun } from './decoding-run.ts';
import { FfmpegFrame } from './ffmpeg-frame.ts';

/** How images are decoded. */
export interface FfmpegImageDecoderOptions {
  readonly streamId: string;
  /** Full path of ffmpeg. */
  readonly program: string;
  /** Version of ffmpeg, such as 5.1. */
  readonly version: number;
  /** Picture sizes declared. */
  readonly requests: readonly PixelRequest[];
}

/** Decodes each image by a run of the user's own ffmpeg; simple, and at about 50 ms an image not fast. */
export class FfmpegImageDecoder implements ImageDecoder {
  readonly #options: FfmpegImageDecoderOptions;

  constructor(options: FfmpegImageDecoderOptions) {
    this.#options = options;
  }

  async decode(image: ImageFile): Promise<Frame | undefined> {
    const { program, version, requests, streamId } = this.#options;
    const size = imageSize(image.bytes);
    if (size === undefined) return undefined;
    const run = new DecodingRun(
      program,
      {
        path: image.path,
        demuxer: image.kind === 'png' ? 'png_pipe' : 'jpeg_pipe',
        keyframesOnly: false,
        threads: 1,
        version,
        requests: requests.length === 0 ? [{ width: 16, height: 16, format: 'gray' }] : requests,
      },
      { refusedPackets: 0, concealedFrames: 0 },
    );
    try {
      const decoded = await run.next();
      if (decoded === undefined) return undefined;
      const { index, timestampUs } = image;
      return new FfmpegFrame({ streamId, index, timestampUs, ...size, rotationDegrees: 0, requests }, decoded.pixels);
    } catch (error) {
      // A broken image makes ffmpeg fail: that is a missing frame, not the end.
      if (error instanceof SaccadeError && error.code === 'INGEST_FFMPEG_FAILED') return undefined;
      throw error;
    } finally {
      run[Symbol.dispose]();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Each run ends with its image.
  }
}
