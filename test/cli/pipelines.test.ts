// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how documents name variables
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstDocument, firstProgram } from '../../cli/first-pipeline.ts';
import { recordSyntheticFootage, syntheticModelsFolder } from '../../fixtures/index.ts';
import * as root from '../../index.ts';
import { loadPipelines } from '../../streams-dsl/index.ts';
import { type CommandResult, type RunningCommand, startSaccade } from './saccade.ts';

const frameCount = 50;
let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  // Outside of the repository, without any node_modules: a program finds saccade all the same.
  folder = await mkdtemp(join(tmpdir(), 'saccade-pipelines-'));
  const size = { width: 320, height: 180, frameRateFps: 10, durationSeconds: frameCount / 10 };
  await recordSyntheticFootage(at('camera.mp4'), { seed: 5, profile: 'busy', ...size, keyframeIntervalSeconds: 1 });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts the command line in the folder of the files. */
function start(args: readonly string[], environment: Record<string, string> = {}): RunningCommand {
  return startSaccade(args, { SACCADE_MODELS: syntheticModelsFolder(), ...environment }, folder);
}

function saccade(...args: readonly string[]): Promise<CommandResult> {
  return start(args).result;
}

describe('saccade init', () => {
  const own = ['--source', 'camera.mp4', '--reference', 'synthetic-detector'];

  it('writes a program that runs as it is', async () => {
    const written = await saccade('init', ...own);
    expect([written.code, written.stdout.split('\n')[0]]).toEqual([0, 'wrote pipelines.ts; now try']);
    const { code, stdout, stderr } = await saccade('run', 'pipelines.ts');
    expect(code).toBe(0);
    // Rows have standard output for themselves.
    const lines = stdout.trimEnd().split('\n');
    expect(lines.filter(line => !/^\S+ camera: person, person \d\.\d\d (started|updated|ended)$/.test(line))).toEqual(
      [],
    );
    expect(stderr).toMatch(new RegExp(`^person +${lines.length} +completed$`, 'm'));
    expect(stderr).toMatch(new RegExp(`^camera +${frameCount} `, 'm'));
    const events = (await readFile(at('person.events.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(events).toHaveLength(lines.length);
  });

  it('writes a document that is checked and explained as it is', async () => {
    await rm(at('person.events.jsonl'), { force: true });
    expect((await saccade('init', '--yaml', ...own)).code).toBe(0);
    expect(await saccade('check', 'pipelines.yaml')).toEqual({ code: 0, stdout: 'ok  person\n', stderr: '' });
    const { code, stdout, stderr } = await saccade('explain', 'pipelines.yaml', '--analyze', '--no-sinks', '--json');
    expect([code, stderr]).toEqual([0, '']);
    const { explanation, analyzed } = JSON.parse(stdout) as { explanation: string; analyzed: boolean };
    expect(analyzed).toBe(true);
    expect(explanation).toMatch(/^As written$.*^As run$/ms);
    expect(explanation).toContain('person → toConsole(format: text), toJsonl(path: person.events.jsonl)');
    expect(explanation).toMatch(new RegExp(`measured: ${frameCount} → \\d+ rows`));
    await expect(stat(at('person.events.jsonl'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('does not touch a file that exists, unless told to', async () => {
    await writeFile(at('mine.ts'), 'mine');
    const refused = await saccade('init', 'mine.ts');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('error [SINK_OUTPUT_EXISTS]')]);
    expect(await readFile(at('mine.ts'), 'utf8')).toBe('mine');
    expect((await saccade('init', 'mine.ts', '--force')).code).toBe(0);
    expect(await readFile(at('mine.ts'), 'utf8')).toContain("file('camera.mp4')");
  });

  it.each([
    ['js', firstProgram],
    ['yaml', firstDocument],
  ] as const)('takes folders of images and names that need care, in %s', async (ending, write) => {
    const label = `traffic "light's" \\`;
    const path = at(`careful.${ending}`);
    await writeFile(path, write({ source: 'st\\ills/${A}*.png', isImages: true, label, reference: 'x' }));
    const { pipelines } = await loadPipelines(path, { modules: { saccade: root }, environment: {} });
    expect(pipelines.map(({ name }) => name)).toEqual(['traffic-light-s-']);
    expect(pipelines[0]?.sources[0]?.description).toMatchObject({ kind: 'images', path: 'st\\ills/${A}*.png' });
    const told = pipelines[0]?.operators.map(operator => root.descriptionOf(operator)?.options);
    expect(told?.[0]).toMatchObject({ label, reference: 'x' });
  });
});

describe('saccade check', () => {
  it('lists every problem, without what came from the environment', async () => {
    await writeFile(
      at('bad.yaml'),
      `pipelines:
  - name: bad
    sources: [{ file: "\${FOOTAGE}/none.mp4" }]
    operators: [{ cascade: { reference: none, label: person } }]
    sinks: [{ jsonl: no-folder/x.jsonl }, { webhook: "https://example.org/\${TOKEN}", secret: { env: NO_SUCH_SECRET } }]
`,
    );
    const environment = { FOOTAGE: '/hidden', TOKEN: 'hunter2' };
    const plain = await start(['check', 'bad.yaml'], environment).result;
    expect([plain.code, plain.stdout]).toEqual([1, '']);
    expect(plain.stderr.match(/^error \[\w+\]: bad, \w+ \d/gm)).toEqual([
      'error [INGEST_FILE_NOT_FOUND]: bad, source 1',
      'error [CASCADE_MODEL_NOT_FOUND]: bad, operator 1',
      'error [SINK_OUTPUT_UNWRITABLE]: bad, sink 1',
      'error [SINK_SECRET_MISSING]: bad, sink 2',
    ]);
    expect(plain.stderr).toContain('There is no file or folder ${FOOTAGE}/none.mp4.');
    const json = await start(['check', 'bad.yaml', '--json'], environment).result;
    expect([json.code, json.stderr]).toEqual([1, '']);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, problems: [{ place: 'source 1, file()' }, {}, {}, {}] });
    await appendFile(at('bad.yaml'), '    sink: []\n');
    expect((await start(['check', 'bad.yaml'], environment).result).stderr).toContain(
      'error [STREAMS_FILE_INVALID]: The pipeline file bad.yaml is wrong at line 6, column 5 (pipelines.0.sink)',
    );
  });
});

describe('saccade explain', () => {
  it('does not print what came from the environment', async () => {
    await writeFile(
      at('secret.yaml'),
      `pipelines:
  - name: secret
    sources: [{ file: camera.mp4 }]
    operators: [{ cascade: { reference: synthetic-detector, label: person } }]
    sinks: [{ webhook: "https://example.org/\${TOKEN}" }]
`,
    );
    const { code, stdout } = await start(['explain', 'secret.yaml'], { TOKEN: 'hunter2' }).result;
    expect(code).toBe(0);
    expect(stdout).toContain('toWebhook(url: https://example.org/${TOKEN})');
    expect(stdout).not.toContain('hunter2');
  });
});

describe('saccade run', () => {
  it('ends cleanly at Ctrl-C, with what was done', async () => {
    // An endless stream that waits for its consumer.
    await writeFile(
      at('endless.ts'),
      `import { frames, map, pipeline, toJsonl } from 'saccade';

function* endless() {
  for (let i = 0; ; i++) yield { image: new Uint8Array(8), timestampUs: i };
}
export default pipeline('endless', frames(endless()), map(({ frame }) => ({ frame })), toJsonl('endless.jsonl'));
`,
    );
    const { process: child, result } = start(['run', 'endless.ts', '--json']);
    while ((await stat(at('endless.jsonl')).catch(() => ({ size: 0 }))).size === 0) await delay(20);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await result;
    expect([code, stderr]).toEqual([130, '']);
    const { interrupted, pipelines } = JSON.parse(stdout) as { interrupted: boolean; pipelines: { rows: number }[] };
    expect(interrupted).toBe(true);
    const rows = (await readFile(at('endless.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(pipelines[0]?.rows).toBe(rows.length);
  });
});
