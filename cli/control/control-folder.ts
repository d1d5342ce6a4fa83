import { lstat, mkdir, readdir } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const isWindows = process.platform === 'win32';
/** Windows has one folder for all pipes. */
const pipeFolder = '\\\\.\\pipe\\';

/** Folder of the sockets of this user's runs: `SACCADE_RUNTIME_DIR`, else in the folder that the system gives each user for such. */
export function controlFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const { SACCADE_RUNTIME_DIR: own, XDG_RUNTIME_DIR: system } = environment;
  if (own !== undefined && own !== '') return own;
  if (system !== undefined && system !== '') return join(system, 'saccade');
  return join(tmpdir(), `saccade-${userInfo().uid}`);
}

/** Where a run listens. */
export function controlSocket(folder: string, pid: number): string {
  return isWindows ? `${pipeFolder}saccade-${pid}` : join(folder, `${pid}.sock`);
}

/**
 * Makes the folder, for this user alone.
 * @returns why it must not be used; null: it may.
 */
export async function prepareControlFolder(folder: string): Promise<string | null> {
  if (isWindows) return null;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = await lstat(folder).then(stats => ({
    uid: stats.uid,
    mode: stats.isDirectory() ? stats.mode : -1,
  }));
  if (mode === -1) return `${folder} is no folder`;
  if (uid !== userInfo().uid) return `${folder} belongs to another user`;
  return (mode & 0o077) === 0 ? null : `${folder} is open to other users`;
}

/** Process numbers of the runs whose sockets lie there, dead ones included, ascending. */
export async function listControlSockets(folder: string): Promise<number[]> {
  const names = await readdir(isWindows ? pipeFolder : folder).catch(() => []);
  const pattern = isWindows ? /^saccade-(\d+)$/ : /^(\d+)\.sock$/;
  return names.flatMap(name => Number(pattern.exec(name)?.[1] ?? []) || []).sort((a, b) => a - b);
}
