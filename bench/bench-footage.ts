import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { promisify } from 'node:util';
import { recordSyntheticFootage } from '../fixtures/index.ts';

/** Where the benches keep what they generate; safe to delete. */
export const benchFolder: string = join('.saccade', 'bench');

/** Footage of the synthetic camera, made once and kept. */
export async function syntheticFootage(
  name: string,
  options: Parameters<typeof recordSyntheticFootage>[1],
): Promise<string> {
  const path = join(benchFolder, `${name}.mp4`);
  if (existsSync(path)) return path;
  await mkdir(benchFolder, { recursive: true });
  console.log(`making ${path} …`);
  const unfinished = join(benchFolder, `unfinished-${name}.mp4`);
  await recordSyntheticFootage(unfinished, options);
  await rename(unfinished, path);
  return path;
}

/**
 * A clip encoded again at another size, as a camera would send it (x264, crf 23, a keyframe every 50 frames), made once and
 * kept; null, with a line that says why, without ffmpeg.
 */
export async function resizedFootage(
  path: string,
  { width, height }: { width: number; height: number },
): Promise<string | null> {
  const name = `${parse(path).name}-${height}p`;
  const made = join(benchFolder, `${name}.mp4`);
  if (existsSync(made)) return made;
  await mkdir(benchFolder, { recursive: true });
  const unfinished = join(benchFolder, `unfinished-${name}.mp4`);
  const encoder = ['-c:v', 'libx264', '-preset', 'fast', '-crf', '23', '-g', '50', '-an'];
  const args = ['-nostdin', '-v', 'error', '-y', '-i', path, '-vf', `scale=${width}:${height}`, ...encoder, unfinished];
  try {
    await promisify(execFile)(process.env['FFMPEG_PATH'] ?? 'ffmpeg', args);
  } catch {
    console.log(`skipped: ${name}, which ffmpeg with libx264 would make; install ffmpeg or set FFMPEG_PATH`);
    return null;
  }
  await rename(unfinished, made);
  return made;
}

/** A clip of the real footage; null, with a line that says how to get it, where it is missing. */
export function realFootage(name: string): string | null {
  const path = join(dataFolder(), 'video', name);
  if (existsSync(path)) return path;
  console.log(`skipped: ${path} is not there; set SACCADE_DATA to the folder that holds video/ and models/`);
  return null;
}

/** Folder of the real footage and detectors. */
export function dataFolder(): string {
  return process.env['SACCADE_DATA'] ?? join('..', 'shared', 'data');
}
