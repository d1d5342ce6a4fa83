import { basename, extname } from 'node:path';
import { checkFile } from './check-file.ts';
import { checkPixelRequest } from './check-pixel-request.ts';
import { ingestErrors } from './errors.ts';
import { FfmpegImageDecoder, ffmpegVersion, findProgram, openFfmpegFootage } from './ffmpeg/index.ts';
import type { Footage, OpenFootageOptions } from './footage.ts';
import { FootageSection } from './footage-section.ts';
import { type FoundImages, findImages } from './images/find-images.ts';
import { type ImageDecoder, openImageFootage } from './images/image-footage.ts';
import { loadNodeAv } from './load-node-av.ts';

/**
 * Opens footage and reads where its frames lie; nothing is decoded yet.
 *
 * Decoding blocks its process for up to 50 ms at a time: open footage in a stream worker, not in the main process.
 * @returns Footage owned by the caller, who disposes it after the last read.
 * @throws INGEST_OPTION_INVALID - when an option is out of range; INGEST_RANGE_INVALID - when `range` is not in the file.
 * @throws INGEST_FILE_NOT_FOUND, INGEST_FILE_UNREADABLE, INGEST_FILE_EMPTY - when the path leads to nothing to read.
 * @throws INGEST_NOT_A_VIDEO, INGEST_NO_VIDEO_STREAM, INGEST_NO_FRAMES, INGEST_NO_IMAGES - when there is no picture in it.
 * @throws INGEST_NO_DECODER, INGEST_NODE_AV_UNAVAILABLE, INGEST_FFMPEG_NOT_FOUND - when nothing can decode it.
 */
export async function openFootage(options: OpenFootageOptions): Promise<Footage> {
  const whole = await openWhole(options);
  if (options.range === undefined) return whole;
  try {
    return new FootageSection(whole, options.range);
  } catch (error) {
    await whole[Symbol.asyncDispose]();
    throw error;
  }
}

async function openWhole(options: OpenFootageOptions): Promise<Footage> {
  const { path, decoder = 'node-av', decoderThreads = 1, imageRateFps = 1, pixelRequests = [] } = options;
  checkOption('decoderThreads', decoderThreads, 'an integer from 1 to 16', value => isInteger(value, 1, 16));
  checkOption('imageRateFps', imageRateFps, 'a number above 0', value => Number.isFinite(value) && value > 0);
  pixelRequests.forEach(checkPixelRequest);
  const streamId = options.streamId ?? basename(path, extname(path));
  const images = findImages(path);
  if (images !== undefined) return openImages(options, images, streamId);
  const file = { path, streamId, sizeBytes: checkFile(path).size, decoderThreads, pixelRequests };
  if (decoder === 'ffmpeg') return openFfmpegFootage(file);
  const { openNodeAvFootage } = await loadNodeAv();
  return openNodeAvFootage(file);
}

async function openImages(options: OpenFootageOptions, images: FoundImages, streamId: string): Promise<Footage> {
  const { path, imageRateFps: rateFps = 1 } = options;
  const decoder = options.decoder === 'ffmpeg' ? await ffmpegImages(options, streamId) : await nativeImages(streamId);
  return openImageFootage({ path, images, rateFps, decoder });
}

async function nativeImages(streamId: string): Promise<ImageDecoder> {
  const { NativeImageDecoder } = await loadNodeAv();
  return new NativeImageDecoder(streamId);
}

async function ffmpegImages({ pixelRequests = [] }: OpenFootageOptions, streamId: string): Promise<ImageDecoder> {
  const program = findProgram('ffmpeg');
  const { number: version } = await ffmpegVersion();
  return new FfmpegImageDecoder({ streamId, program, version, requests: pixelRequests });
}

function isInteger(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function checkOption(option: string, value: number, expected: string, holds: (value: number) => boolean): void {
  if (!holds(value)) throw ingestErrors.create('INGEST_OPTION_INVALID', { option, expected, value });
}
