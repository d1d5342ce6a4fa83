import type { Frame, FrameIndex, PixelRequest } from './frame.ts';

/** What a piece of footage contains, as read from its container and packets without decoding. */
export interface FootageInfo {
  /** Path as the user gave it; credentials removed. */
  readonly path: string;
  /** Container or kind, such as `mov,mp4,m4a,3gp,3g2,mj2` or `images`. */
  readonly container: string;
  /** Codec of the video, such as `h264`. */
  readonly codec: string;
  /** Width in px as shown, after rotation. */
  readonly width: number;
  /** Height in px as shown, after rotation. */
  readonly height: number;
  /** Rotation metadata in degrees, clockwise; 0, 90, 180 or 270. */
  readonly rotationDegrees: number;
  /** Average frame rate in frames per second. */
  readonly frameRateFps: number;
  /** Time from the first frame to the end of the last in µs. */
  readonly durationUs: number;
  /** Whether there is sound too. */
  readonly hasAudio: boolean;
  /** Size of the file in bytes, or of all images together. */
  readonly sizeBytes: number;
}

/** Where every frame lies, in presentation order; read by demuxing alone (2–7 µs a frame). */
export interface FrameTable {
  /** Media time of each frame in µs, ascending. */
  readonly timestampsUs: Float64Array;
  /** Indexes of the frames that can be decoded without any earlier one, ascending; the first is 0 in sound footage. */
  readonly keyframes: Uint32Array;
}

/** Frames `from` (inclusive) to `to` (exclusive). */
export interface FrameRange {
  readonly from: FrameIndex;
  readonly to: FrameIndex;
}

/** What went wrong while decoding and was survived. */
export interface Damage {
  /** Packets that the decoder refused. */
  readonly refusedPackets: number;
  /** Frames that came out with concealed damage. */
  readonly concealedFrames: number;
}

/**
 * A group of pictures: a keyframe, decoded, and the frames up to the next keyframe, held compressed.
 * Disposing it frees the held packets (and the keyframe's frame, if it was not disposed yet).
 */
export interface GroupOfPictures extends Disposable {
  /** From the keyframe (inclusive) to the next keyframe (exclusive), in presentation order. */
  readonly range: FrameRange;
  /**
   * The decoded keyframe, owned by the group: valid until the group is disposed; undefined when it did not decode. It may
   * come without the smoothing of edges between blocks (deblocking), which takes a fifth of its time: good enough for
   * what looks at it scaled far down.
   */
  readonly keyframe: Frame | undefined;
  /**
   * Decodes the keyframe again, just as `Footage.frames` gives it; owned by the caller, undefined when it does not decode.
   * Absent where `keyframe` is that already.
   */
  readonly exactKeyframe?: () => Frame | undefined;
  /** Compressed size of what is held in bytes. */
  readonly heldBytes: number;
  /** Decodes the frames after the keyframe, in presentation order; each is owned by the caller. Call at most once. */
  frames(): AsyncIterable<Frame>;
}

/** Opened footage: what a decoder offers to the program that looks at frames. */
export interface Footage extends AsyncDisposable {
  readonly info: FootageInfo;
  readonly table: FrameTable;
  /** Damage met so far by all reads together. */
  readonly damage: Damage;
  /**
   * Frames of a range in presentation order; only those for which `wanted` holds are handed out (each decoded frame
   * that is not wanted costs no conversion). A frame that could not be decoded is missing from the sequence.
   * Each frame is owned by the caller. Consecutive ranges go on decoding where the last one ended, without a seek.
   */
  frames(range: FrameRange, wanted: (index: FrameIndex) => boolean): AsyncIterable<Frame>;
  /**
   * Groups of pictures whose keyframes lie in a range, keyframes alone decoded; each is owned by the caller.
   * `range.from` must be a keyframe.
   */
  groups(range: FrameRange): AsyncIterable<GroupOfPictures>;
}

/** How to open footage. */
export interface OpenFootageOptions {
  /** A video file, a folder of images, or a glob pattern of images. */
  readonly path: string;
  /** Name given to the frames' stream; default: the file's name without its ending. */
  readonly streamId?: string;
  /** `node-av` decodes in this process; `ffmpeg` runs the user's own program. Default `node-av`. */
  readonly decoder?: DecoderName;
  /** Decoder threads, 1–16. Default 1: several streams or segments use the cores better (bench/stages, bench/segments). */
  readonly decoderThreads?: number;
  /** Frame rate given to a folder of images in frames per second, above 0. Default 1. */
  readonly imageRateFps?: number;
  /**
   * Frames of the file to open, as if they were footage of their own: their indexes then count from the range's first,
   * while their media times stay. Default: all.
   */
  readonly range?: FrameRange;
  /**
   * Every picture size that will be asked for. `ffmpeg` must know them before it starts and throws
   * `INGEST_PIXELS_NOT_DECLARED` for others; `node-av` ignores the list.
   */
  readonly pixelRequests?: readonly PixelRequest[];
}

/** The decoders behind the one contract. */
export type DecoderName = 'node-av' | 'ffmpeg';
