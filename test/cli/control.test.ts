import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { askRuns } from '../../cli/control/ask-run.ts';
import type { RunStatus } from '../../cli/control/run-status.ts';
import { recordSyntheticFootage, syntheticModelsFolder } from '../../fixtures/index.ts';
import { type CommandResult, type RunningCommand, startSaccade } from './saccade.ts';

let folder: string;
/** Folder of the sockets. */
let runtime: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-control-'));
  const size = { width: 160, height: 96, frameRateFps: 10, durationSeconds: 40 };
  await recordSyntheticFootage(at('door.mp4'), { seed: 5, profile: 'busy', ...size });
  const pipelines = ['door', 'yard'].map(name => ({
    name,
    sources: [{ file: at('door.mp4'), stream: name, pace: 'realtime' }],
    operators: [{ cascade: { label: 'person', reference: 'synthetic-detector', skip: { every: 5 } } }],
    sinks: [{ jsonl: at(`${name}.jsonl`) }],
  }));
  await writeFile(at('pipelines.json'), JSON.stringify({ pipelines }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
  runtime = await mkdtemp(at('runtime-'));
  process.env['SACCADE_RUNTIME_DIR'] = runtime;
});
afterAll(() => {
  delete process.env['SACCADE_RUNTIME_DIR'];
});

const start = (...args: readonly string[]): RunningCommand => startSaccade(args, { SACCADE_RUNTIME_DIR: runtime });
const ask = (...args: readonly string[]): Promise<CommandResult> => start(...args, '--json').result;

/** As the command asks, without the time that a process takes to start. */
async function now(pid?: number): Promise<RunStatus> {
  const [run] = await askRuns({ command: 'status' }, pid);
  if (run === undefined) throw new Error('there is no run');
  return run;
}

function runOf({ stdout }: CommandResult): RunStatus {
  const { runs = [] } = JSON.parse(stdout) as { runs?: RunStatus[] };
  const [run] = runs;
  if (run === undefined) throw new Error(stdout);
  return run;
}

const codeOf = ({ stdout }: CommandResult): string => (JSON.parse(stdout) as { error: { code: string } }).error.code;

it('tells what a run does, holds one of its streams up and lets it go on', async () => {
  const run = start('run', at('pipelines.json'), '--models', syntheticModelsFolder(), '--json');
  const { pid } = run.process;
  await vi.waitFor(async () => expect((await now()).streams.map(({ frames }) => frames > 5)).toEqual([true, true]), {
    timeout: 30_000,
  });
  expect((await stat(join(runtime, `${pid}.sock`))).mode & 0o077).toBe(0);
  const playing = await now();
  expect(playing).toMatchObject({
    pid,
    source: at('pipelines.json'),
    pipelines: [
      { pipeline: 'door', state: 'running', error: null },
      { pipeline: 'yard', state: 'running', error: null },
    ],
  });
  const paused = runOf(await ask('pause', 'door'));
  const stream = (status: RunStatus, name: string): RunStatus['streams'][number] | undefined =>
    status.streams.find(one => one.stream === name);
  expect([stream(paused, 'door')?.state, stream(paused, 'yard')?.state]).toEqual(['paused', 'running']);
  // The other goes on by ten frames a second, while this one stands.
  const before = stream(paused, 'yard')?.frames ?? 0;
  let later = paused;
  await vi.waitFor(
    async () => {
      later = await now(pid);
      expect(stream(later, 'yard')?.frames).toBeGreaterThan(before + 10);
    },
    { timeout: 20_000 },
  );
  expect(stream(later, 'door')?.frames).toBe(stream(paused, 'door')?.frames);
  const text = await start('status').result;
  expect(text.stdout).toContain(`run ${pid}  ${at('pipelines.json')}, since `);
  expect(text.stdout).toMatch(/door +\d+ +\d+ +[\d.]+ s +paused/);
  expect(codeOf(await ask('pause', 'gate'))).toBe('STREAMS_PIPELINE_UNKNOWN');
  const resumed = runOf(await ask('resume'));
  expect(resumed.streams.map(({ state }) => state)).toEqual(['running', 'running']);
  await vi.waitFor(
    async () => expect(stream(await now(), 'door')?.frames).toBeGreaterThan(stream(later, 'door')?.frames ?? 0),
    { timeout: 20_000 },
  );
  run.process.kill('SIGTERM');
  expect((await run.result).code).toBe(143);
  expect(await readdir(runtime)).toEqual([]);
});

it('tells apart several runs, of plans as well, and forgets one that was killed', async () => {
  const label = ['label', '--source', at('door.mp4'), '--label', 'person', '--reference', 'synthetic-detector'];
  const begin = (name: string): RunningCommand =>
    start(...label, '--models', syntheticModelsFolder(), '--out', at(name), '--no-cache', '--json');
  const [first, second] = [begin('first.jsonl'), begin('second.jsonl')];
  await vi.waitFor(async () => expect(await readdir(runtime)).toHaveLength(2), { timeout: 20_000, interval: 20 });
  // Held up so that it does not end meanwhile.
  await askRuns({ command: 'pause', streams: [] }, second.process.pid);
  const held = runOf(await ask('pause', 'door', '--run', String(first.process.pid)));
  expect(held).toMatchObject({ pid: first.process.pid, source: at('door.mp4'), streams: [{ state: 'paused' }] });
  expect(codeOf(await ask('pause', 'door'))).toBe('CLI_RUN_AMBIGUOUS');
  second.process.kill('SIGKILL');
  await second.result;
  expect((await now()).pid).toBe(first.process.pid);
  expect(await readdir(runtime)).toEqual([`${first.process.pid}.sock`]);
  // Ends though it is held up.
  first.process.kill('SIGINT');
  expect((await first.result).code).toBe(130);
  const none = await ask('status');
  expect([none.code, codeOf(none)]).toEqual([1, 'CLI_NO_RUN']);
});

it('says that a run is silent, and does not listen where others may enter', async () => {
  const deaf = createServer(socket => socket.end('?'));
  await new Promise<void>(resolve => deaf.listen(join(runtime, '7.sock'), resolve));
  await expect(now()).rejects.toMatchObject({ code: 'CLI_RUN_SILENT' });
  deaf.close();
  const open = at('open');
  await mkdir(open);
  await chmod(open, 0o755);
  const args = ['run', at('pipelines.json'), '--models', syntheticModelsFolder()];
  const run = startSaccade(args, { SACCADE_RUNTIME_DIR: open });
  let said = '';
  run.process.stderr?.on('data', (text: string) => (said += text));
  await vi.waitFor(() => expect(said).toContain(`will not see this run: ${open} is open to other users`), {
    timeout: 20_000,
  });
  run.process.kill('SIGTERM');
  await run.result;
  expect(await readdir(open)).toEqual([]);
});
