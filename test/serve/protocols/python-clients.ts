import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../package-root.ts';

const run = promisify(execFile);
const folder = resolve(process.env['SACCADE_PYTHON'] ?? join(packageRoot, '.saccade', 'python'));

/** Whether the Python environments of the client tests are there; where not, a line says so once a test file. */
export const hasPythonClients: boolean = look();

/** Folder of the clients that were proved against other servers; null where it is missing. */
export const peers: string | null = findPeers();

/** Path of one of this project's own scripts or settings. */
export function scriptPath(name: string): string {
  return join(packageRoot, 'test', 'serve', 'python', name);
}

/**
 * A program of one of the environments, run to its end; rejects with its output when it fails.
 * @param cwd - Where it may leave files.
 */
export async function runPython(
  environment: 'oip' | 'tfs' | 'schemathesis',
  program: string,
  { args, cwd }: { args: readonly string[]; cwd: string },
): Promise<string> {
  const path = join(folder, environment, 'bin', program);
  try {
    const { stdout } = await run(path, args, { cwd, maxBuffer: 2 ** 26, timeout: 300_000 });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${message}\n${stdout.slice(-8000)}\n${stderr.slice(-8000)}`);
  }
}

function look(): boolean {
  if (existsSync(join(folder, 'schemathesis', 'made-of'))) return true;
  console.warn(`skipped: tests with Python clients, since ${folder} is not there; run test/serve/python/install.sh`);
  return false;
}

function findPeers(): string | null {
  const found = resolve(packageRoot, '..', 'shared', 'peers');
  return existsSync(join(found, 'oip_client.py')) ? found : null;
}
