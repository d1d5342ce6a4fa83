// Makes a clone runnable: installs what the lock file names and compiles, each only if it is out of date.
// It is called by name (`npm test`, `npm run demo`, `npm run saccade`), since .npmrc silences npm's own pre-scripts.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const rooms = ['ingest', 'cascade', 'optimizer', 'sinks', 'streams-dsl', 'serve', 'cli', 'fixtures', 'bench', 'test'];
const modifiedMs = path => (existsSync(path) ? statSync(path).mtimeMs : 0);

/** Newest modification time in milliseconds of a folder's TypeScript files. */
function newestMs(folder) {
  let newest = 0;
  for (const entry of existsSync(folder) ? readdirSync(folder, { withFileTypes: true, recursive: true }) : []) {
    if (entry.isFile() && entry.name.endsWith('.ts')) {
      newest = Math.max(newest, modifiedMs(join(entry.parentPath ?? entry.path, entry.name)));
    }
  }
  return newest;
}

function step(what, command, args) {
  process.stderr.write(`setup: ${what}\n`);
  // stdout belongs to the command that follows: its output may be piped.
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error) process.stderr.write(`setup: ${command} could not be started: ${error.message}\n`);
  if (status !== 0) process.exit(1);
}

if (modifiedMs(join(root, 'node_modules/.package-lock.json')) < modifiedMs(join(root, 'package-lock.json'))) {
  // Not `npm ci`: it refuses a lock file that lacks optional packages of platforms that its registry did not serve.
  step('installing packages (npm install)', 'npm', ['install', '--no-save', '--no-progress']);
}
const newestSourceMs = Math.max(
  modifiedMs(join(root, 'tsconfig.json')),
  modifiedMs(join(root, 'index.ts')),
  ...rooms.map(room => newestMs(join(root, room))),
);
if (modifiedMs(join(root, 'dist/.tsbuildinfo')) < newestSourceMs) {
  step('compiling (tsc)', process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', root]);
}
