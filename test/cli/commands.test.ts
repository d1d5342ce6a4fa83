import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordSyntheticFootage, syntheticModelsFolder } from '../../fixtures/index.ts';
import { BrightServer } from '../cascade/engines/bright-server.ts';
import { SameNetwork } from '../cascade/engines/same-network.ts';
import { packageRoot } from '../package-root.ts';
import { saccade } from './saccade.ts';

const commands = [
  'run',
  'serve',
  'predict',
  'check',
  'explain',
  'init',
  'label',
  'evaluate',
  'replay',
  'plan show',
  'plan diff',
  'scene',
  'probe',
  'doctor',
  'models add',
  'models ls',
  'models verify',
  'schema',
  'demo',
];
let folder: string;
let camera: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-cli-'));
  camera = at('camera.mp4');
  await recordSyntheticFootage(camera, { width: 160, height: 96, frameRateFps: 10, durationSeconds: 2 });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('help', () => {
  it('lists the commands', async () => {
    const { code, stdout, stderr } = await saccade('--help');
    expect([code, stderr]).toEqual([0, '']);
    for (const command of commands) expect(stdout).toContain(`  ${command.split(' ')[0]} `);
  });

  it.each(commands)('explains %s, with examples', async command => {
    const { code, stdout, stderr } = await saccade(...command.split(' '), '--help');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Examples?:$/m);
    expect(stdout).toContain('--json');
  });

  it('knows its version', async () => {
    const { version } = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
    expect(await saccade('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('wrong usage', () => {
  it.each([
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['run'], "required option '--source <path>' not specified"],
    [['probe', 'x', '--jason'], "unknown option '--jason'"],
    [['run', '--source', 'x', '--plan', 'y', '--out', 'z', '--workers', '0'], 'a whole number of 1 or more'],
    [['run', '--source', 'x', '--plan', 'y', '--out', 'z', '--resume', '--force'], 'exclude each other'],
    [['run', '--source', 'x', '--plan', 'y', '--out', '-', '--resume'], 'needs a file'],
    [['run', '--source', 'x', '--plan', 'y', '--out', 'z', '--intervals', 'z'], 'different files'],
    [['run', '--source', 'x', '--plan', 'y', '--out', 'z', '--intervals', '-'], 'needs a file'],
    [['run', '--source', 'x', '--plan', 'y', '--out', 'z', '--decoder', 'gpu'], 'Allowed choices are node-av, ffmpeg'],
    [
      ['label', '--source', 'x', '--reference', 'm', '--label', 'p', '--out', 'z', '--zone', '0,0 1,1'],
      '3 or more points',
    ],
    [
      ['label', '--source', 'x', '--reference', 'm', '--label', 'p', '--out', 'z', '--zone', '0,0 1 1,1'],
      'Expected points',
    ],
    [['label', '--source', 'x', '--reference', 'm', '--label', 'p', '--out', 'z', '--smoothing', '1'], 'with its unit'],
    [['label', '--source', 'x', '--reference', 'm', '--label', 'p', '--out', 'z', '--min-score', '2'], 'from 0 to 1'],
    [['run', 'p.ts', '--source', 'x'], '--source does not go with a pipeline file'],
    [['run', 'p.ts', '--workers', '2'], '--workers does not go with a pipeline file'],
    [['run', '--only', 'door'], '--only goes with a pipeline file'],
    [['explain', 'p.ts', '--no-sinks'], '--no-sinks goes with --analyze'],
    [['init', 'p.txt'], 'ends in .ts'],
    [['init', 'p.ts', '--yaml'], 'ends in .yaml'],
    [['check'], "missing required argument 'file'"],
    [['evaluate', '--labels', 'x'], 'Expected --labels and --truth, or --plan and --source'],
    [['evaluate', '--plan', 'x', '--source', 'y', '--truth', 'z'], 'Expected --labels and --truth'],
    [['replay', 'p.json', 'x.mp4', '--out', 'x.avi'], 'ends in .mp4 or .html'],
    [['replay', 'p.json', '--out', 'x.mp4'], "missing required argument 'footage'"],
    [['plan', 'diff', 'p.json'], "missing required argument 'b'"],
    [['demo', '--seconds', '-1'], 'above 0'],
    [['schema', 'frame'], 'Allowed choices'],
    [['probe'], "missing required argument 'path'"],
  ])('%j ends with 2', async (args, message) => {
    const { code, stdout, stderr } = await saccade(...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error \[USAGE\]: .*\n$/);
    expect(stderr).toContain(message);
  });

  it('is an object with --json', async () => {
    const { code, stdout, stderr } = await saccade('run', '--source', 'x', '--plan', 'y', '--out', '-', '--json');
    expect([code, stderr]).toEqual([2, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'USAGE', message: expect.stringContaining('name a file') },
    });
  });

  it('shows the help when nothing was asked for', async () => {
    const { code, stderr } = await saccade();
    expect(code).toBe(2);
    expect(stderr).toContain('Usage: saccade');
  });
});

describe('bad footage', () => {
  const cases: [what: string, make: () => Promise<string>, code: string][] = [
    ['missing', async () => at('none.mp4'), 'INGEST_FILE_NOT_FOUND'],
    ['empty', async () => made('empty.mp4', ''), 'INGEST_FILE_EMPTY'],
    ['junk', async () => made('junk.mp4', 'no video '.repeat(1000)), 'INGEST_NOT_A_VIDEO'],
    ['truncated', async () => made('torn.mp4', (await readFile(camera)).subarray(0, 4000)), 'INGEST_NOT_A_VIDEO'],
    ['a folder without images', async () => at('.'), 'INGEST_NO_IMAGES'],
  ];

  async function made(name: string, content: string | Uint8Array): Promise<string> {
    await writeFile(at(name), content);
    return at(name);
  }

  it.each(cases)('%s: one line, one code, exit 1', async (_, make, expected) => {
    const path = await make();
    const plain = await saccade('probe', path);
    expect([plain.code, plain.stdout]).toEqual([1, '']);
    expect(plain.stderr).toMatch(new RegExp(`^error \\[${expected}\\]: .+\\n$`));
    const { code, stdout, stderr } = await saccade('probe', path, '--json');
    expect([code, stderr]).toEqual([1, '']);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: expected, message: expect.any(String), remedy: expect.any(String) },
    });
  });

  it.skipIf(process.getuid?.() === 0)('unreadable', async () => {
    const path = await made('secret.mp4', 'x');
    await chmod(path, 0);
    expect((await saccade('probe', path)).stderr).toContain('INGEST_FILE_UNREADABLE');
  });

  it('leaves no output behind', async () => {
    const out = at('never.jsonl');
    const models = syntheticModelsFolder();
    const source = await made('junk.mp4', 'no video '.repeat(1000));
    const { code, stderr } = await saccade(
      'label',
      '--source',
      source,
      '--reference',
      'synthetic-detector',
      '--label',
      'person',
      '--out',
      out,
      '--models',
      models,
      '--no-cache',
    );
    expect([code, stderr]).toEqual([1, expect.stringContaining('INGEST_NOT_A_VIDEO')]);
    await expect(readFile(out)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('bad plans and models', () => {
  const plan = {
    schema: 'saccade/plan/1',
    name: 'person',
    predicate: { label: 'person' },
    skip: { kind: 'every', tSkip: 2 },
    referenceModel: { model: 'synthetic-detector', sha256: '0'.repeat(64) },
  };

  it.each([
    ['no JSON', '{', 'CASCADE_PLAN_UNREADABLE'],
    ['another schema', JSON.stringify({ ...plan, schema: 'saccade/plan/9' }), 'CASCADE_PLAN_INVALID'],
    ['another model', JSON.stringify(plan), 'CASCADE_PLAN_MODEL_MISMATCH'],
    [
      'a model that is not there',
      JSON.stringify({ ...plan, referenceModel: { ...plan.referenceModel, model: 'none' } }),
      'CASCADE_MODEL_NOT_FOUND',
    ],
    [
      'cLow above cHigh',
      JSON.stringify({ ...plan, specializedModel: { ...plan.referenceModel, cLow: 0.9, cHigh: 0.1 } }),
      'CASCADE_PLAN_INVALID',
    ],
  ])('%s', async (_, text, expected) => {
    await writeFile(at('bad.plan.json'), text);
    const args = ['run', '--source', camera, '--plan', at('bad.plan.json'), '--out', at('bad.jsonl')];
    const { code, stderr } = await saccade(...args, '--models', syntheticModelsFolder());
    expect([code, stderr]).toEqual([1, expect.stringContaining(`error [${expected}]`)]);
  });

  it('a model that is not ONNX', async () => {
    await writeFile(at('junk.onnx'), 'junk');
    const { code, stderr } = await saccade(
      'models',
      'add',
      at('junk.onnx'),
      '--name',
      'junk',
      '--head',
      'yolox',
      '--models',
      at('models'),
    );
    expect([code, stderr]).toEqual([1, expect.stringContaining('error [CASCADE_MODEL_NOT_ONNX]')]);
  });
});

describe('models', () => {
  it('are added, listed and verified', async () => {
    const models = at('repository');
    const onnx = join(syntheticModelsFolder(), 'synthetic-person', '1', 'model.onnx');
    const add = [
      'models',
      'add',
      onnx,
      '--name',
      'person',
      '--head',
      'binary',
      '--labels',
      'person',
      '--version',
      '3',
      '--models',
      models,
    ];
    const added = await saccade(...add, '--licence', 'Apache-2.0', '--json');
    expect([added.code, added.stderr]).toEqual([0, '']);
    expect(JSON.parse(added.stdout)).toMatchObject({ name: 'person', version: 3, labels: ['person'] });
    expect((await saccade('models', 'ls', '--models', models)).stdout).toContain('person@3');
    expect(await saccade('models', 'verify', '--models', models)).toEqual({
      code: 0,
      stdout: 'ok  person@3\n',
      stderr: '',
    });
    await writeFile(join(models, 'person', '3', 'model.onnx'), 'other bytes');
    const bad = await saccade('models', 'verify', 'person@3', '--models', models, '--json');
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.stdout)).toMatchObject({ error: { code: 'CASCADE_MODEL_HASH_MISMATCH' } });
    const badText = await saccade('models', 'verify', '--models', models);
    expect(badText).toMatchObject({ code: 1, stdout: 'BAD  person@3\n' });
  });

  it('of TensorFlow.js are added by their model.json', async () => {
    const tfjs = await new SameNetwork(3).writeGraph(at('web'));
    const args = ['models', 'add', tfjs, '--name', 'web', '--head', 'binary', '--labels', 'person'];
    const added = await saccade(...args, '--models', at('web-models'), '--json');
    expect([added.code, added.stderr]).toEqual([0, '']);
    expect(JSON.parse(added.stdout)).toMatchObject({ name: 'web', engine: { kind: 'tfjs', format: 'graph' } });
    expect((await saccade('models', 'verify', 'web', '--models', at('web-models'))).stdout).toBe('ok  web@1\n');
    expect((await saccade('models', 'ls', '--models', at('web-models'))).stdout).toMatch(/web@1 +tfjs +binary/);
    const misplaced = await saccade(...args, '--token-env', 'TOKEN');
    expect([misplaced.code, misplaced.stderr]).toEqual([2, expect.stringContaining('for the URL of a server')]);
  });

  it('of other servers are added by their URL', async () => {
    const far = await BrightServer.start();
    const args = ['models', 'add', far.url, '--name', 'far', '--head', 'binary', '--labels', 'bright', '--json'];
    const more = [
      '--remote-model',
      'bright',
      '--remote-version',
      '2',
      '--timeout',
      '900',
      '--models',
      at('far-models'),
    ];
    const added = await saccade(...args, ...more);
    expect([added.code, added.stderr]).toEqual([0, '']);
    const engine = { kind: 'remote', protocol: 'oip-v2', url: far.url, model: 'bright', version: '2', timeoutMs: 900 };
    expect(JSON.parse(added.stdout)).toMatchObject({ name: 'far', engine, input: { shape: ['N', 3, 6, 8] } });
    const bad = await saccade(...args, '--protocol', 'tfs-v1');
    expect(JSON.parse(bad.stdout)).toMatchObject({ error: { code: 'CASCADE_REMOTE_REFUSED' } });
  });

  it('may be none', async () => {
    await mkdir(at('nothing'));
    expect((await saccade('models', 'ls', '--models', at('nothing'), '--json')).stdout).toBe('{"models":[]}\n');
  });
});

describe('probe and doctor', () => {
  it('say what is in a file', async () => {
    const { stdout } = await saccade('probe', camera, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ info: { width: 160, height: 96, codec: 'h264' }, frameCount: 20 });
    expect((await saccade('probe', camera)).stdout).toContain('160×96 px');
  });

  it('say what a machine has', async () => {
    const { code, stdout } = await saccade('doctor', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      node: { ok: true, version: process.version },
      decoders: [{ name: 'node-av', isAvailable: true }, { name: 'ffmpeg' }],
      engine: {
        isAvailable: true,
        devices: expect.arrayContaining([{ device: 'cpu', isUsable: true, reason: '' }]),
      },
    });
    expect((await saccade('doctor')).stdout).toContain('onnxruntime');
  });
});

describe('schemas', () => {
  it.each(['decision', 'interval', 'plan', 'model', 'pipelines'])(
    'docs/schemas/%s.schema.json is up to date',
    async name => {
      const { code, stdout } = await saccade('schema', name);
      expect(code).toBe(0);
      const published = await readFile(join(packageRoot, 'docs', 'schemas', `${name}.schema.json`), 'utf8');
      expect(JSON.parse(stdout)).toEqual(JSON.parse(published));
    },
  );
});
