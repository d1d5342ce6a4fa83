import type { PixelRequest } from '../../ingest/index.ts';
import { cascadeErrors } from '../errors.ts';
import type { ModelInput } from './input-declaration.ts';
import type { CoveredArea } from './model-head.ts';

/** A picture of a frame, already at the size that {@link pictureRequest} names. */
export interface Picture {
  /** Width of the picture in px. */
  readonly width: number;
  /** Height of the picture in px. */
  readonly height: number;
  /** `(height, width, 3)` uint8 RGB, or `(height, width)` uint8 for gray models; row-major. */
  readonly bytes: Uint8Array;
  /** Width of the frame that the picture was scaled from, in px. */
  readonly frameWidth: number;
  /** Height of the frame that the picture was scaled from, in px. */
  readonly frameHeight: number;
}

/** Size of a frame in px. */
export interface FrameSize {
  /** 1 px or more. */
  readonly width: number;
  /** 1 px or more. */
  readonly height: number;
}

/** Storage of an input tensor: one picture after the other. */
export type InputData = Float32Array | Uint8Array;

/**
 * The picture that a model wants of a frame. Stretch: the whole input. Letterbox: the largest size with the frame's
 * aspect ratio that fits (rounded to whole px, at least 1); it is placed at the top left and padded when written.
 */
export function pictureRequest({ input }: { readonly input: ModelInput }, frame: FrameSize): PixelRequest {
  const { width, height, channels } = inputSize(input);
  const format = channels === 1 ? 'gray' : 'rgb';
  if (input.resize.mode === 'stretch') return { width, height, format };
  const scale = Math.min(width / frame.width, height / frame.height);
  const scaled = (length: number, limit: number): number => Math.min(limit, Math.max(1, Math.round(length * scale)));
  return { width: scaled(frame.width, width), height: scaled(frame.height, height), format };
}

/** Width and height in px and the number of channels (1 or 3) of a declared input, whatever its layout. */
export function inputSize(input: ModelInput): CoveredArea & { readonly channels: number } {
  const [, a, b, c] = input.shape;
  return input.layout === 'NCHW' ? { channels: a, height: b, width: c } : { height: a, width: b, channels: c };
}

/** Writes pictures into an input tensor: {@link inputWriter} makes one for a declared input. */
export interface InputWriter {
  /** Values that one picture takes in the tensor: channels × height × width. */
  readonly pictureLength: number;
  /**
   * Writes one picture, padding included, over whatever was there before.
   * @param target - Storage of the input tensor, of the declared dtype, at least `(slot + 1) * pictureLength` values.
   * @param slot - Position of the picture in the batch, from 0.
   * @returns the part of the input that the picture covers.
   * @throws CASCADE_PICTURE_SIZE - when the picture is not what {@link pictureRequest} asks for.
   */
  write(target: InputData, slot: number, picture: Picture): CoveredArea;
}

/**
 * Prepares channel order, layout, padding and normalization of an input once, as one table of 256 values a channel.
 * A 640×640 picture takes 1–2 ms (measured by test/cascade/models/model-input.test.ts, 2 shared vCPU).
 */
export function inputWriter(input: ModelInput): InputWriter {
  const { width, height, channels } = inputSize(input);
  const pictureLength = channels * width * height;
  const planar = input.layout === 'NCHW';
  const tables = Array.from({ length: channels }, (_, channel) => valueTable(input, channel));
  const pad = input.resize.mode === 'letterbox' ? input.resize.pad : 0;
  return {
    pictureLength,
    write(target, slot, picture) {
      checkPicture(input, picture, channels);
      const place: Place = {
        start: slot * pictureLength,
        width,
        height,
        pixelStep: planar ? 1 : channels,
        channelStep: planar ? width * height : 1,
      };
      if (channels === 1) writeGray(target, place, picture, tables);
      else writeColor(target, place, picture, { tables, red: input.channelOrder === 'BGR' ? 2 : 0 });
      tables.forEach((table, channel) => {
        padChannel(target, { ...place, start: place.start + channel * place.channelStep }, picture, table[pad] ?? 0);
      });
      return { width: picture.width, height: picture.height };
    },
  };
}

/** Where a picture lies in the tensor; steps in values. */
interface Place {
  readonly start: number;
  readonly width: number;
  readonly height: number;
  readonly pixelStep: number;
  readonly channelStep: number;
}

/** The value of each byte, by channel of the model. */
type Tables = readonly Float32Array[];

function valueTable({ normalization, dtype }: ModelInput, channel: number): Float32Array {
  const mean = normalization.mean[channel] ?? 0;
  const scale = normalization.scale[channel] ?? 1;
  return Float32Array.from({ length: 256 }, (_, byte) => (dtype === 'uint8' ? byte : (byte - mean) * scale));
}

function writeColor(
  target: InputData,
  { start, width: rowLength, pixelStep, channelStep }: Place,
  { bytes, width, height }: Picture,
  { tables, red }: { readonly tables: Tables; readonly red: 0 | 2 },
): void {
  // All three channels in one pass: one pass for each takes twice as long.
  const [first, second, third] = tables as readonly [Float32Array, Float32Array, Float32Array];
  const blue = 2 - red;
  let source = 0;
  for (let y = 0; y < height; y++) {
    let index = start + y * rowLength * pixelStep;
    for (let x = 0; x < width; x++) {
      target[index] = first[bytes[source + red] as number] as number;
      target[index + channelStep] = second[bytes[source + 1] as number] as number;
      target[index + 2 * channelStep] = third[bytes[source + blue] as number] as number;
      index += pixelStep;
      source += 3;
    }
  }
}

function writeGray(target: InputData, place: Place, { bytes, width, height }: Picture, [table]: Tables): void {
  for (let y = 0; y < height; y++) {
    const index = place.start + y * place.width;
    const source = y * width;
    for (let x = 0; x < width; x++) target[index + x] = table?.[bytes[source + x] as number] as number;
  }
}

function padChannel(target: InputData, place: Place, covered: CoveredArea, value: number): void {
  const { start, width, height, pixelStep } = place;
  const fill = (from: number, to: number): void => {
    if (pixelStep === 1) target.fill(value, start + from, start + to);
    else for (let pixel = from; pixel < to; pixel++) target[start + pixel * pixelStep] = value;
  };
  if (covered.width < width) {
    for (let y = 0; y < covered.height; y++) fill(y * width + covered.width, (y + 1) * width);
  }
  fill(covered.height * width, height * width);
}

function checkPicture(input: ModelInput, picture: Picture, channels: number): void {
  const wanted = pictureRequest({ input }, { width: picture.frameWidth, height: picture.frameHeight });
  const length = wanted.width * wanted.height * channels;
  if (picture.width === wanted.width && picture.height === wanted.height && picture.bytes.length === length) return;
  throw cascadeErrors.create('CASCADE_PICTURE_SIZE', {
    what: `The picture of a frame of ${picture.frameWidth}x${picture.frameHeight} px`,
    expected: `${wanted.width}x${wanted.height} px ${wanted.format} (${length} bytes)`,
    got: `${picture.width}x${picture.height} px (${picture.bytes.length} bytes)`,
  });
}
