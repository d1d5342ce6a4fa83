import { readFile } from 'node:fs/promises';
import { checkGroupRange, checkRange } from '../check-range.ts';
import { ingestErrors } from '../errors.ts';
import type { Damage, Footage, FootageInfo, FrameRange, FrameTable, GroupOfPictures } from '../footage.ts';
import type { Frame, FrameIndex } from '../frame.ts';
import type { FoundImages } from './find-images.ts';
import { ImageGroup } from './image-group.ts';
import { type ImageKind, imageKind } from './image-kind.ts';

/** An image as read from its file. */
export interface ImageFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly kind: ImageKind;
  /** Its place among all images. */
  readonly index: FrameIndex;
  /** Media time in µs. */
  readonly timestampUs: number;
}

/** Decodes single images. */
export interface ImageDecoder extends AsyncDisposable {
  /** The image as a frame that the caller owns; undefined when it is broken. */
  decode(image: ImageFile): Promise<Frame | undefined>;
}

/** Images to open as footage. */
export interface ImageFootageOptions {
  /** Path as the user gave it. */
  readonly path: string;
  readonly images: FoundImages;
  /** Frames per second that the images are given, above 0. */
  readonly rateFps: number;
  /** Disposed with the footage. */
  readonly decoder: ImageDecoder;
}

/**
 * Opens images as footage in which each is a keyframe; the sizes may differ. An image that is not wanted is not read.
 * @throws INGEST_NO_IMAGES - when none of them can be decoded.
 */
export async function openImageFootage(options: ImageFootageOptions): Promise<Footage> {
  const { path, images, rateFps, decoder } = options;
  const count = images.paths.length;
  const table: FrameTable = {
    timestampsUs: Float64Array.from({ length: count }, (_, index) => Math.round((index * 1e6) / rateFps)),
    keyframes: Uint32Array.from({ length: count }, (_, index) => index),
  };
  const reader = new ImageReader(images.paths, table, decoder);
  for (let index = 0; index < count; index++) {
    const frame = await reader.read(index);
    if (frame === undefined) continue;
    const { width, height } = frame;
    frame[Symbol.dispose]();
    const info = {
      path,
      container: 'images',
      codec: reader.lastKind,
      width,
      height,
      rotationDegrees: 0,
      frameRateFps: rateFps,
      durationUs: Math.round((count * 1e6) / rateFps),
      hasAudio: false,
      sizeBytes: images.sizeBytes,
    };
    return new ImageFootage(info, table, new ImageReader(images.paths, table, decoder));
  }
  await decoder[Symbol.asyncDispose]();
  throw ingestErrors.create('INGEST_NO_IMAGES', { path, found: `${count} files, none of which decodes` });
}

class ImageReader {
  readonly decoder: ImageDecoder;
  readonly #paths: readonly string[];
  readonly #table: FrameTable;
  lastKind: ImageKind = 'mjpeg';
  refused = 0;
  concealed = 0;

  constructor(paths: readonly string[], table: FrameTable, decoder: ImageDecoder) {
    this.#paths = paths;
    this.#table = table;
    this.decoder = decoder;
  }

  async read(index: FrameIndex): Promise<Frame | undefined> {
    const frame = await this.#decode(index);
    if (frame === undefined) this.refused++;
    else if (frame.damaged) this.concealed++;
    return frame;
  }

  async #decode(index: FrameIndex): Promise<Frame | undefined> {
    const path = this.#paths[index] ?? '';
    // A file that has gone meanwhile is a missing frame like any broken one.
    const bytes = await readFile(path).catch(() => undefined);
    const kind = bytes === undefined ? undefined : imageKind(bytes);
    if (bytes === undefined || kind === undefined) return undefined;
    this.lastKind = kind;
    return this.decoder.decode({ path, bytes, kind, index, timestampUs: this.#table.timestampsUs[index] ?? 0 });
  }
}

class ImageFootage implements Footage {
  readonly info: FootageInfo;
  readonly table: FrameTable;
  readonly #reader: ImageReader;
  #isClosed = false;

  constructor(info: FootageInfo, table: FrameTable, reader: ImageReader) {
    this.info = info;
    this.table = table;
    this.#reader = reader;
  }

  get damage(): Damage {
    return { refusedPackets: this.#reader.refused, concealedFrames: this.#reader.concealed };
  }

  frames(range: FrameRange, wanted: (index: FrameIndex) => boolean): AsyncIterable<Frame> {
    this.#check();
    checkRange(this.table, range);
    return this.#frames(range, wanted);
  }

  groups(range: FrameRange): AsyncIterable<GroupOfPictures> {
    this.#check();
    checkGroupRange(this.table, range);
    return this.#groups(range);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#reader.decoder[Symbol.asyncDispose]();
  }

  async *#frames(range: FrameRange, wanted: (index: FrameIndex) => boolean): AsyncGenerator<Frame, void> {
    for (let index = range.from; index < range.to; index++) {
      if (!wanted(index)) continue;
      this.#check();
      const frame = await this.#reader.read(index);
      if (frame !== undefined) yield frame;
    }
  }

  async *#groups(range: FrameRange): AsyncGenerator<GroupOfPictures, void> {
    for (let index = range.from; index < range.to; index++) {
      this.#check();
      yield new ImageGroup(index, await this.#reader.read(index));
    }
  }

  #check(): void {
    if (this.#isClosed) throw ingestErrors.create('INGEST_FOOTAGE_CLOSED', { path: this.info.path });
  }
}
