import { findProgram } from '../../ingest/ffmpeg/index.ts';

/** Whether the user's own ffmpeg is there; where not, a line says so once a test file. */
export const hasFfmpeg: boolean = look();

function look(): boolean {
  try {
    findProgram('ffmpeg');
    findProgram('ffprobe');
    return true;
  } catch {
    console.warn(
      'skipped: tests of the decoder "ffmpeg", since it is not installed; install FFmpeg or set FFMPEG_PATH',
    );
    return false;
  }
}
