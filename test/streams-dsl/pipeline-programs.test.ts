import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as saccade from '../../index.ts';
import { descriptionOf, loadPipelines, type Pipeline } from '../../streams-dsl/index.ts';

let folder: string;
let programs = 0;

beforeAll(async () => {
  // Outside of the repository: nothing of its node_modules is found from here.
  folder = await mkdtemp(join(tmpdir(), 'saccade-programs-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

async function load(name: string, text: string): Promise<readonly Pipeline[]> {
  const { pipelines } = await loadPipelines(await write(name, text), { modules: { saccade } });
  return pipelines;
}

/** The error of a program, with the paths in it relative to the folder of the programs. */
async function fault(name: string, text: string): Promise<string> {
  const error: unknown = await load(name, text).catch((caught: unknown) => caught);
  if (!(error instanceof saccade.SaccadeError)) throw new Error(`no error of ours: ${String(error)}`);
  return `${error.code} ${error.message.replaceAll(`${relative('', folder)}/`, '').replaceAll(`${folder}/`, '')}`;
}

const asked = "cascade({ plan: 'p.json' })";

describe('a program', () => {
  it('in TypeScript exports pipelines by any name, alone and in lists', async () => {
    await write('shared/question.ts', `export const question: string = 'a.plan.json' satisfies string;\n`);
    const pipelines = await load(
      'many.ts',
      `import { cascade, file, pipeline, type Pipeline } from 'saccade';
import { question } from './shared/question.ts';
import { question as same } from './shared/question.js';

enum Camera { Door = 'door', Yard = 'yard' }
const make = (name: Camera): Pipeline => pipeline(name, file(\`\${name}.mp4\`), cascade({ plan: question }));
await Promise.resolve();
const first = make(Camera.Door);
export default first;
export const again = first;
export const others: readonly Pipeline[] = [make(Camera.Yard)];
export const isSame: boolean = question === same;
export const folder = import.meta.dirname;
`,
    );
    expect(pipelines.map(({ name }) => name)).toEqual(['door', 'yard']);
    expect(pipelines[0]?.operators.map(descriptionOf)).toEqual([{ kind: 'cascade', options: { plan: 'a.plan.json' } }]);
  });

  it.each(['plain.js', 'plain.mjs', 'plain.mts'])('may be %s', async name => {
    const text = `import { cascade, file, pipeline } from 'saccade';\nexport const door = pipeline('door', file('a.mp4'), ${asked});`;
    expect((await load(name, text)).map(one => one.name)).toEqual(['door']);
  });

  it('may be CommonJS', async () => {
    const text = `const { cascade, file, pipeline } = require('saccade');\nmodule.exports = { door: pipeline('door', file('a.mp4'), ${asked}) };`;
    expect((await load('common.cjs', text)).map(one => one.name)).toEqual(['door']);
  });

  it('is given the very copy that loads it, even where another one is installed', async () => {
    await write('node_modules/saccade/package.json', '{ "name": "saccade", "version": "0.0.0", "main": "index.js" }');
    await write('node_modules/saccade/index.js', 'throw new Error("another copy");');
    const seen: unknown[] = [];
    Object.assign(globalThis, { seenByProgram: seen });
    await load(
      'copy.ts',
      `import * as all from 'saccade';
(globalThis as unknown as { seenByProgram: unknown[] }).seenByProgram.push(all.pipeline, all.SaccadeError);
export default all.pipeline('door', all.file('a.mp4'), all.${asked});`,
    );
    expect(seen).toEqual([saccade.pipeline, saccade.SaccadeError]);
  });

  it.each<[string, string, string | RegExp]>([
    [
      'does not parse',
      `import { file } from 'saccade';\n\nexport default [file('a',;\n`,
      'STREAMS_FILE_FAILED The pipeline file failed at bad.ts:3: it does not parse: Unexpected token',
    ],
    [
      'throws',
      `interface Unused {\n  readonly a: string;\n}\nfunction deep(): never {\n  throw new TypeError('oops');\n}\nexport const x: Unused = { a: 'x' };\ndeep();\n`,
      'STREAMS_FILE_FAILED The pipeline file failed at bad.ts:5: TypeError: oops. Correct',
    ],
    [
      'throws something else',
      `export {};\nthrow 'a text';`,
      'STREAMS_FILE_FAILED The pipeline file failed at bad.ts: a text.',
    ],
    [
      'calls what is not there',
      `import { pipelin } from 'saccade';\nexport default pipelin('x');`,
      'STREAMS_FILE_FAILED The pipeline file failed at bad.ts:2: TypeError: pipelin is not a function.',
    ],
    [
      'imports what is not there',
      `import { x } from 'no-such-package';\nexport default x;`,
      /^STREAMS_FILE_FAILED The pipeline file failed at bad\.ts(:1)?: Error: Cannot find module 'no-such-package'/,
    ],
    [
      'imports a file that fails',
      `import './inner.ts';\nexport default 1;`,
      'STREAMS_FILE_FAILED The pipeline file failed at inner.ts:2: Error: inner',
    ],
    [
      'gives a wrong option',
      `import { cascade, file, pipeline, skip } from 'saccade';\n\nexport default pipeline('x', file('a'),\n  skip({ every: 0 }),\n  ${asked});`,
      'STREAMS_OPTION_INVALID bad.ts:4: skip() cannot take every = 0: expected a whole number, 1 or more. Correct the option',
    ],
    [
      'gives a wrong argument',
      `import { pipeline } from 'saccade';\nexport default pipeline('x', 'door.mp4');`,
      'STREAMS_PIPELINE_INVALID bad.ts:2: Pipeline x is wrong at its source',
    ],
    [
      'exports no pipeline',
      `export const a = 1;\nexport const b = { name: 'x' };`,
      'STREAMS_FILE_EMPTY The pipeline file bad.ts exports no pipeline: expected what pipeline() returns, or lists of it, got a, b.',
    ],
    ['exports nothing', '', 'got no exports'],
    [
      'exports two pipelines by one name',
      `import { cascade, file, pipeline } from 'saccade';\nexport const [a, b] = [1, 2].map(() => pipeline('x', file('a'), ${asked}));`,
      'STREAMS_PIPELINE_EXISTS There is a pipeline x already.',
    ],
  ])('that %s is refused, with its line', async (_, text, expected) => {
    await write('inner.ts', `export {};\nthrow new Error('inner');`);
    // A program runs once a process: each has a name of its own.
    const name = `bad${programs++}.ts`;
    const told = (await fault(name, text)).replaceAll(name, 'bad.ts');
    if (typeof expected === 'string') expect(told).toContain(expected);
    else expect(told).toMatch(expected);
  });

  it('must be there, and of a kind that is known', async () => {
    await expect(loadPipelines(join(folder, 'none.ts'))).rejects.toMatchObject({ code: 'STREAMS_FILE_UNREADABLE' });
    await expect(loadPipelines(folder)).rejects.toMatchObject({ code: 'STREAMS_FILE_KIND_UNKNOWN' });
    expect(await fault('pipelines.txt', '')).toContain(
      'STREAMS_FILE_KIND_UNKNOWN The pipeline file pipelines.txt is of no kind that can be loaded: expected .ts, .mts',
    );
  });
});
