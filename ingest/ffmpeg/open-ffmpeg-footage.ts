import { ingestErrors } from '../errors.ts';
import type { Footage } from '../footage.ts';
import { packetTable } from '../packet-table.ts';
import type { VideoFile } from '../video-file.ts';
import { FfmpegFootage } from './ffmpeg-footage.ts';
import { ffmpegVersion } from './ffmpeg-version.ts';
import { findProgram } from './find-program.ts';
import { readPackets } from './read-packets.ts';

/**
 * Opens a video file for decoding by the user's own ffmpeg.
 * @throws INGEST_FFMPEG_NOT_FOUND, INGEST_NOT_A_VIDEO, INGEST_NO_VIDEO_STREAM, INGEST_NO_FRAMES, INGEST_NO_DECODER - as their texts say.
 */
export async function openFfmpegFootage(file: VideoFile): Promise<Footage> {
  const program = findProgram('ffmpeg');
  const [video, version] = await Promise.all([readPackets(file.path), ffmpegVersion()]);
  if (video.codec === '' || video.codec === 'unknown') {
    throw ingestErrors.create('INGEST_NO_DECODER', { path: file.path, codec: 'unknown', decoder: 'ffmpeg' });
  }
  const table = packetTable(video.columns);
  const count = table.frames.timestampsUs.length;
  if (count === 0) throw ingestErrors.create('INGEST_NO_FRAMES', { path: file.path });
  const isTurned = video.rotationDegrees % 180 !== 0;
  return new FfmpegFootage({
    info: {
      path: file.path,
      container: video.container,
      codec: video.codec,
      width: isTurned ? video.height : video.width,
      height: isTurned ? video.width : video.height,
      rotationDegrees: video.rotationDegrees,
      frameRateFps: table.durationUs > 0 ? (count * 1e6) / table.durationUs : 0,
      durationUs: table.durationUs,
      hasAudio: video.hasAudio,
      sizeBytes: file.sizeBytes,
    },
    table,
    streamId: file.streamId,
    program,
    version: version.number,
    threads: file.decoderThreads,
    requests: file.pixelRequests,
  });
}
