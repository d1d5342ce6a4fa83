import { accessSync, constants, statSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { ingestErrors } from '../errors.ts';

/** A program of the user's own FFmpeg. */
export type FfmpegProgram = 'ffmpeg' | 'ffprobe';

/**
 * Finds the user's FFmpeg: where `FFMPEG_PATH` or `FFPROBE_PATH` says, else (ffprobe) beside `FFMPEG_PATH`, else on the
 * `PATH`.
 * @param environment - Default: the process's own.
 * @throws INGEST_FFMPEG_NOT_FOUND - when there is no such program, or it may not be run.
 */
export function findProgram(program: FfmpegProgram, environment: NodeJS.ProcessEnv = process.env): string {
  const { PATH = '', FFMPEG_PATH, FFPROBE_PATH } = environment;
  const variable = program === 'ffmpeg' ? 'FFMPEG_PATH' : 'FFPROBE_PATH';
  const named = program === 'ffmpeg' ? FFMPEG_PATH : FFPROBE_PATH;
  const looked: string[] = [];
  if (named) looked.push(named);
  else {
    if (program === 'ffprobe' && FFMPEG_PATH) looked.push(join(dirname(FFMPEG_PATH), besideName(FFMPEG_PATH)));
    const ending = process.platform === 'win32' ? '.exe' : '';
    for (const folder of PATH.split(delimiter)) if (folder !== '') looked.push(join(folder, program + ending));
  }
  const found = looked.find(isExecutable);
  if (found !== undefined) return found;
  throw ingestErrors.create('INGEST_FFMPEG_NOT_FOUND', {
    program,
    variable,
    looked: named ? `${variable}=${named}` : 'every folder of PATH',
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function besideName(ffmpegPath: string): string {
  return basename(ffmpegPath).replace('ffmpeg', 'ffprobe');
}
