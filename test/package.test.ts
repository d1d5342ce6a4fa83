import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { firstProgram } from '../cli/first-pipeline.ts';
import { recordSyntheticFootage } from '../fixtures/index.ts';
import { packageRoot } from './package-root.ts';

const run = promisify(execFile);
const frameCount = 20;
let project: string;
const at = (...parts: string[]): string => join(project, ...parts);

/**
 * An empty project in which the packed tarball is installed: what npm would put there is unpacked, its dependencies are
 * links to those of the repository, which are the versions that the lock file names. So this needs no network; what it
 * cannot see is a dependency that package.json names with a wrong range.
 */
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'saccade-package-'));
  const packed = await run('npm', ['pack', '--silent', '--pack-destination', project], { cwd: packageRoot });
  const home = at('node_modules', 'saccade');
  await mkdir(home, { recursive: true });
  await run('tar', ['-xzf', at(packed.stdout.trim()), '-C', home, '--strip-components=1']);
  const { dependencies } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  // Types of Node are the one thing that a project in TypeScript has beside.
  for (const name of [...Object.keys(dependencies), '@types/node']) {
    await mkdir(dirname(at('node_modules', name)), { recursive: true });
    await symlink(join(packageRoot, 'node_modules', name), at('node_modules', name));
  }
  await writeFile(at('package.json'), '{ "name": "empty", "private": true, "type": "module" }');
  const size = { width: 160, height: 96, frameRateFps: 10, durationSeconds: frameCount / 10 };
  await recordSyntheticFootage(at('camera.mp4'), { seed: 5, profile: 'busy', ...size });
});

afterAll(() => rm(project, { recursive: true, force: true }));

const program = `import { readFileSync } from 'node:fs';
import {
  type Aggregated,
  aggregate,
  type CascadePlan,
  cascade,
  type Decision,
  type Detection,
  deploy,
  type FrameItem,
  file,
  filter,
  type Pipeline,
  pipeline,
  SaccadeError,
  type SaccadeEvent,
  skip,
  toMemory,
  window,
} from 'saccade';
import { CascadeRun } from 'saccade/cascade';

const answers = toMemory<Decision>();
const asked = pipeline('person', file('camera.mp4'), cascade({ label: 'person', reference: 'synthetic-detector' }), answers);
const seconds = pipeline(
  'seconds',
  file('camera.mp4', { stream: 'again' }),
  cascade({ label: 'person', reference: 'synthetic-detector' }),
  filter(row => row.decidedBy === 'referenced'),
  aggregate({ over: window({ every: '1s' }), count: row => row.label }),
  toMemory(),
);
const typed: Pipeline<Aggregated<'over' | 'count'>> | Pipeline = seconds;

// @ts-expect-error skip() takes frames, not the decisions that cascade() gives
export const wrong = (): Pipeline => pipeline('wrong', file('camera.mp4'), cascade({ plan: 'x' }), skip({ every: 2 }));

export type Used = [CascadePlan, Detection, FrameItem, SaccadeEvent, CascadeRun];

await using deployment = deploy([asked, typed], { models: 'node_modules/saccade/fixtures/models' });
const { pipelines } = await deployment.run();
let code = 'none';
try {
  skip({ every: 0 });
} catch (error) {
  if (error instanceof SaccadeError) code = error.code;
}
const frames = answers.rows.map(({ frame, decidedBy }: Decision) => [frame, decidedBy]);
console.log(JSON.stringify({ code, frames, states: pipelines.map(({ state }) => state), self: readFileSync('package.json', 'utf8') !== '' }));
`;

it('gives a program in an empty project its types and its answers', async () => {
  const first = firstProgram({
    source: 'camera.mp4',
    isImages: false,
    label: 'person',
    reference: 'synthetic-detector',
  });
  await writeFile(at('program.ts'), program);
  await writeFile(at('pipelines.ts'), first);
  const options = {
    target: 'ES2022',
    lib: ['ES2023', 'ESNext.Disposable'],
    module: 'NodeNext',
    strict: true,
    noUnusedLocals: true,
    // A fault in our declarations shows where the program uses them; those of dependencies are theirs.
    skipLibCheck: true,
    types: ['node'],
  };
  await writeFile(at('tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.ts'] }));
  const tsc = join(packageRoot, 'node_modules', 'typescript', 'bin', 'tsc');
  const checked = await run(process.execPath, [tsc, '-p', project]).catch((error: { stdout: string }) => error);
  expect(checked.stdout).toBe('');
  const { stdout } = await run(process.execPath, ['program.js'], { cwd: project });
  const { code, frames, states } = JSON.parse(stdout) as { code: string; frames: unknown; states: string[] };
  expect(code).toBe('STREAMS_OPTION_INVALID');
  expect(states).toEqual(['completed', 'completed']);
  expect(frames).toEqual(Array.from({ length: frameCount }, (_, i) => [i, 'referenced']));
});

it('brings a command line that runs a program with its own copy', async () => {
  await writeFile(
    at('copy.ts'),
    `import { cascade, file, pipeline, toJsonl } from 'saccade';
const models: string = 'synthetic-detector';
export default pipeline('copy', file('camera.mp4'), cascade({ label: 'person', reference: models, skip: { every: 5 } }), toJsonl('copy.jsonl'));
`,
  );
  const { bin } = JSON.parse(await readFile(at('node_modules', 'saccade', 'package.json'), 'utf8')) as {
    bin: { saccade: string };
  };
  const main = at('node_modules', 'saccade', bin.saccade);
  const models = ['--models', 'node_modules/saccade/fixtures/models'];
  const { stdout } = await run(process.execPath, [main, 'run', 'copy.ts', '--json', ...models], { cwd: project });
  expect(JSON.parse(stdout)).toMatchObject({ pipelines: [{ pipeline: 'copy', state: 'completed', rows: frameCount }] });
  expect((await readFile(at('copy.jsonl'), 'utf8')).trimEnd().split('\n')).toHaveLength(frameCount);
});

it('holds what it needs and nothing else', async () => {
  const found = await readdir(at('node_modules', 'saccade', 'dist'));
  expect(found.sort()).toEqual(
    [
      'cascade',
      'cli',
      'fixtures',
      'index.d.ts',
      'index.js',
      'index.js.map',
      'ingest',
      'optimizer',
      'serve',
      'sinks',
      'streams-dsl',
    ].sort(),
  );
});
