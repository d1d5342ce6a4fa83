import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type CameraOptions, type EncodingOptions, recordSyntheticFootage } from '../fixtures/index.ts';

/** Where the benches keep what they generate; safe to delete. */
export const benchFolder: string = join('.saccade', 'bench');

/** Footage of the synthetic camera, made once and kept. */
export async function syntheticFootage(name: string, options: CameraOptions & EncodingOptions): Promise<string> {
  const path = join(benchFolder, `${name}.mp4`);
  if (existsSync(path)) return path;
  await mkdir(benchFolder, { recursive: true });
  console.log(`making ${path} …`);
  const unfinished = join(benchFolder, `unfinished-${name}.mp4`);
  await recordSyntheticFootage(unfinished, options);
  await rename(unfinished, path);
  return path;
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
