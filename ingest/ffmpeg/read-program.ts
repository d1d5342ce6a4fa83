import { ingestErrors } from '../errors.ts';
import { FfmpegProcess } from './ffmpeg-process.ts';
import { type FfmpegProgram, findProgram } from './find-program.ts';

/** Longest run of a program that only reads packets or tells its version, in ms: an hour of video takes about 2 s. */
const LONGEST_RUN_MS = 120_000;

/**
 * Runs a program of FFmpeg to its end.
 * @param path - File that it works on, for error texts.
 * @returns What it printed to standard output.
 * @throws INGEST_FFMPEG_NOT_FOUND - when it is not installed.
 * @throws INGEST_FFMPEG_FAILED - when it fails or takes longer than 120 s.
 */
export async function readProgram(name: FfmpegProgram, args: readonly string[], path: string): Promise<string> {
  const program = findProgram(name);
  const running = new FfmpegProcess(program, args, 1);
  const timer = setTimeout(() => running.kill(), LONGEST_RUN_MS);
  try {
    const chunks: Buffer[] = [];
    // A pipe that ends without its process's end breaks the loop; the ending below tells why.
    for await (const chunk of running.outputs[0] ?? []) chunks.push(chunk as Buffer);
    const ending = await running.ended;
    if (ending.succeeded) return Buffer.concat(chunks).toString('utf8');
    const stderr = running.errorText || '(nothing)';
    throw ingestErrors.create('INGEST_FFMPEG_FAILED', { program, path, ending: ending.text, stderr });
  } finally {
    clearTimeout(timer);
    running.kill();
  }
}
