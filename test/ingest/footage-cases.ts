import { readFileSync } from 'node:fs';
import { FF_ENCODER_LIBX265, FF_ENCODER_MJPEG, FF_ENCODER_MPEG4 } from 'node-av/constants';
import { tinyClip, tinyFile } from './tiny-clips.ts';

/** A clip that decoders must get right, by what is special about it. */
export interface FootageCase {
  readonly name: string;
  /** Encodes it. */
  make(): string;
  /** Whether the container's own times are those of the frames; false where they are missing or jump. */
  readonly hasSoundTimes: boolean;
}

const openGop = 'open-gop=1:keyint=10:min-keyint=10:scenecut=0:bframes=3:b-pyramid=normal';

/** One row for each way in which footage is unlike the simplest. */
export const footageCases: readonly FootageCase[] = [
  // packets and frames in the same order
  { name: 'plain', make: () => tinyClip('plain.mp4'), hasSoundTimes: true },
  // packets out of order
  { name: 'B-frames', make: () => tinyClip('b.mp4', { bFrames: 3, params: 'open-gop=0' }), hasSoundTimes: true },
  // pictures that need the groups on both sides
  { name: 'open GOPs', make: () => tinyClip('open.mp4', { params: openGop }), hasSoundTimes: true },
  // the same, where seeking finds bytes rather than keyframes
  {
    name: 'open GOPs in MPEG-TS',
    make: () => tinyClip('open.ts', { container: 'mpegts', params: openGop }),
    hasSoundTimes: true,
  },
  // a decoder that keeps pictures over a flush
  {
    name: 'open GOPs in HEVC',
    make: () =>
      tinyClip('hevc.mp4', { codec: FF_ENCODER_LIBX265, params: 'open-gop=1:keyint=10:min-keyint=10:log-level=none' }),
    hasSoundTimes: true,
  },
  // frames at irregular times, rounded to 1 ms by the container
  {
    name: 'a variable rate',
    make: () =>
      tinyClip('vfr.mkv', { container: 'matroska', bFrames: 2, timeMs: index => index * 40 + (index % 3) * 11 }),
    hasSoundTimes: true,
  },
  // a first frame later than 0
  {
    name: 'a late start',
    make: () => tinyClip('late.ts', { container: 'mpegts', bFrames: 2, timeMs: index => 7000 + index * 40 }),
    hasSoundTimes: true,
  },
  // times that the container does not hold
  { name: 'H.264 in AVI', make: () => tinyClip('b.avi', { container: 'avi', bFrames: 2 }), hasSoundTimes: false },
  // times for some pictures only
  {
    name: 'MPEG-4 in AVI',
    make: () => tinyClip('mpeg4.avi', { container: 'avi', codec: FF_ENCODER_MPEG4, bFrames: 2 }),
    hasSoundTimes: false,
  },
  // keyframes only
  {
    name: 'motion JPEG',
    make: () => tinyClip('m.avi', { container: 'avi', codec: FF_ENCODER_MJPEG }),
    hasSoundTimes: true,
  },
  // no container at all: seeking starts over
  { name: 'raw H.264', make: () => tinyClip('raw.h264', { container: 'h264', bFrames: 2 }), hasSoundTimes: false },
  // another size from the middle on, at times that go back to the start
  {
    name: 'a change of size',
    make: () => {
      const first = tinyClip('wide.ts', { container: 'mpegts', frames: 20 });
      const second = tinyClip('small.ts', { container: 'mpegts', frames: 20, width: 64, height: 48 });
      return tinyFile('sizes.ts', Buffer.concat([readFileSync(first), readFileSync(second)]));
    },
    hasSoundTimes: false,
  },
];
