import { readFileSync, statSync } from 'node:fs';
import { AV_DISPOSITION_ATTACHED_PIC, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { avGetMediaTypeString, FFmpegError, FormatContext } from 'node-av/lib';
import { ingestErrors } from '../errors.ts';

/** An opened container and the video stream in it that is read. */
export interface OpenedContainer {
  readonly format: FormatContext;
  /** Place of the video stream among the container's streams. */
  readonly streamIndex: number;
}

/**
 * Opens a file and finds its video stream; the caller closes the container.
 * @throws INGEST_NOT_A_VIDEO - when FFmpeg knows no such container or finds it broken.
 * @throws INGEST_NO_VIDEO_STREAM - when there is sound alone.
 */
export function openContainer(path: string): OpenedContainer {
  const format = new FormatContext();
  // A leading protocol would turn a file name such as `a:b.mp4` into a URL.
  const opened = format.openInputSync(`file:${path}`, null, null);
  if (opened < 0) {
    throw ingestErrors.create('INGEST_NOT_A_VIDEO', { path, reason: reasonOf(opened, path) });
  }
  const found = format.findStreamInfoSync(null);
  const streamIndex = found < 0 ? -1 : format.findBestStream(AVMEDIA_TYPE_VIDEO);
  const stream = format.streams[streamIndex];
  if (stream !== undefined && (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) === 0) return { format, streamIndex };
  const streams = format.streams.map(other => avGetMediaTypeString(other.codecpar.codecType) ?? 'unknown');
  format.closeInputSync();
  if (found < 0) throw ingestErrors.create('INGEST_NOT_A_VIDEO', { path, reason: reasonOf(found, path) });
  throw ingestErrors.create('INGEST_NO_VIDEO_STREAM', {
    path,
    streams: stream === undefined ? `only ${streams.join(', ') || 'an empty container'}` : 'only a cover picture',
  });
}

function reasonOf(code: number, path: string): string {
  const text = new FFmpegError(code).message;
  return lacksIndex(path) ? `${text}: an MP4 without its index, "moov"` : text;
}

function lacksIndex(path: string): boolean {
  if (statSync(path).size > 2 ** 31) return false;
  const bytes = readFileSync(path);
  return bytes.subarray(4, 8).toString('latin1') === 'ftyp' && !bytes.includes('moov');
}
