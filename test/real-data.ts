import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packageRoot } from './package-root.ts';

/** Folder of the real footage and detectors; null, with a line that says so, where it is missing. */
export const realData: string | null = findRealData();

function findRealData(): string | null {
  const folder = resolve(process.env['SACCADE_DATA'] ?? join(packageRoot, '..', 'shared', 'data'));
  if (existsSync(join(folder, 'video')) && existsSync(join(folder, 'models'))) return folder;
  console.warn(
    `skipped: tests on real footage, since ${folder} is not there; set SACCADE_DATA to the folder that holds it`,
  );
  return null;
}
