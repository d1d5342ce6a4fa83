import type { PixelRequest } from '../frame.ts';

/** What one run of ffmpeg is to decode. */
export interface DecodingJob {
  readonly path: string;
  /** Name of the demuxer for single images, whose names could be taken for patterns; default: found by FFmpeg. */
  readonly demuxer?: string;
  /** Media time in s to seek to: decoding starts at the keyframe at or before it. Default: the start. */
  readonly seekSeconds?: number;
  /** Whether to decode keyframes alone. */
  readonly keyframesOnly: boolean;
  /** Decoder threads, 1–16. */
  readonly threads: number;
  /** Picture sizes as they leave swscale; 1 or more. */
  readonly requests: readonly PixelRequest[];
  /** Version of ffmpeg, such as 5.1. */
  readonly version: number;
}

/** Version from which on `-fps_mode` stands for `-vsync`, which later versions lack. */
const FPS_MODE_SINCE = 5.1;

/**
 * Arguments of an ffmpeg that writes the time of each frame in ticks to pipe 3, and its pixels in the sizes asked for to
 * standard output, pipe 4, pipe 5 and so on.
 */
export function decodingArguments(job: DecodingJob): string[] {
  const seek =
    job.seekSeconds === undefined ? [] : ['-seek_timestamp', '1', '-ss', String(job.seekSeconds), '-noaccurate_seek'];
  return [
    ['-nostdin', '-hide_banner', '-nostats', '-loglevel', 'warning', '-copyts'],
    ['-noautorotate', '-threads', String(job.threads)],
    job.keyframesOnly ? ['-skip_frame', 'nokey'] : [],
    seek,
    job.demuxer === undefined ? [] : ['-f', job.demuxer],
    ['-i', `file:${job.path}`],
    ['-filter_complex_threads', '1', '-filter_complex', filterGraph(job.requests)],
    job.requests.flatMap((_, at) => [
      ['-map', `[o${at}]`],
      job.version >= FPS_MODE_SINCE ? ['-fps_mode', 'passthrough'] : ['-vsync', '0'],
      ['-f', 'rawvideo', at === 0 ? 'pipe:1' : `pipe:${at + 3}`],
    ]),
  ].flat(2);
}

function filterGraph(requests: readonly PixelRequest[]): string {
  // The metadata filter prints the times of those frames alone that carry metadata, so that each gets some.
  const times = 'metadata=mode=add:key=saccade:value=1,metadata=mode=print:direct=1:file=pipe\\\\:3';
  const ways = requests.map((_, at) => `[s${at}]`).join('');
  const scalers = requests.map(({ width, height, format }, at) => {
    const pixels = format === 'gray' ? 'gray' : 'rgb24';
    return `[s${at}]scale=${width}:${height}:flags=bilinear,format=${pixels}[o${at}]`;
  });
  return [`[0:V:0]${times},split=${requests.length}${ways}`, ...scalers].join(';');
}
