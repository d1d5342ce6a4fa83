import { spawnSync } from 'node:child_process';
import { appendFile, copyFile, mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CascadePlan, findModel, hashPlan, loadPlan } from '../../cascade/index.ts';
import { recordSyntheticFootage, syntheticModelsFolder } from '../../fixtures/index.ts';
import { decisionSchema, intervalSchema, readJsonl } from '../../sinks/index.ts';
import { saccade, startSaccade } from './saccade.ts';

const models = syntheticModelsFolder();
const frameCount = 150;
let folder: string;
let camera: string;
let planPath: string;
const at = (name: string): string => join(folder, name);
const text = (name: string): Promise<string> => readFile(at(name), 'utf8');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-runs-'));
  camera = at('camera.mp4');
  const size = { width: 320, height: 180, frameRateFps: 10, durationSeconds: frameCount / 10 };
  await recordSyntheticFootage(camera, { seed: 5, profile: 'busy', ...size, keyframeIntervalSeconds: 1 });
  planPath = at('person.plan.json');
  const { declaration } = await findModel('synthetic-detector', models);
  const plan: Partial<CascadePlan> = {
    schema: 'saccade/plan/1',
    name: 'person',
    predicate: { label: 'person', minHeight: 0.12 },
    smoothingMs: 600,
    skip: { kind: 'every', tSkip: 2 },
    differenceDetector: {
      detector: { metric: { kind: 'global' }, width: 80, height: 45, format: 'gray' },
      reference: { kind: 'previous', tDiffFrames: 4 },
      deltaDiff: 2,
    },
    referenceModel: { model: 'synthetic-detector', sha256: declaration.sha256 },
  };
  await writeFile(planPath, JSON.stringify(plan));
  // What all others are compared with: a run that nothing disturbs.
  const { code, stderr } = await saccade(...run('whole.jsonl', '--intervals', at('whole.intervals.jsonl')));
  expect([code, stderr]).toEqual([0, '']);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function run(out: string, ...more: string[]): string[] {
  return ['run', '--source', camera, '--plan', planPath, '--out', at(out), '--models', models, ...more];
}

function label(out: string, ...more: string[]): string[] {
  const query = [
    '--reference',
    'synthetic-detector',
    '--label',
    'person',
    '--min-height',
    '0.12',
    '--smoothing',
    '600ms',
  ];
  return ['label', '--source', camera, ...query, '--out', at(out), '--models', models, '--cache', at('cache'), ...more];
}

/** Waits until an output has rows. */
async function rowsIn(out: string): Promise<void> {
  while ((await stat(at(out)).catch(() => ({ size: 0 }))).size === 0) await delay(20);
}

async function linesOf(name: string): Promise<number> {
  return (await text(name)).split('\n').length - 1;
}

describe('saccade run', () => {
  it('writes one row a frame that fits the schema, and intervals that cover them', async () => {
    const frames: number[] = [];
    for await (const { row } of readJsonl({ path: at('whole.jsonl'), schema: decisionSchema, row: 'decision' })) {
      frames.push(row.frame);
      expect(row.stream).toBe('camera');
    }
    expect(frames).toEqual(Array.from({ length: frameCount }, (_, i) => i));
    let next = 0;
    for await (const { row } of readJsonl({
      path: at('whole.intervals.jsonl'),
      schema: intervalSchema,
      row: 'interval',
    })) {
      expect(row.startFrame).toBe(next);
      next = row.endFrame + 1;
    }
    expect(next).toBe(frameCount);
    const { plan } = await loadPlan(planPath);
    expect(JSON.parse(await text('whole.jsonl.run.json'))).toMatchObject({
      schema: 'saccade/run/1',
      plan: hashPlan(plan),
    });
  });

  it('says what it did, with --json in one object', async () => {
    const { code, stdout, stderr } = await saccade(
      ...run('json.jsonl', '--json', '--measure-decode', '--workers', '2'),
    );
    expect([code, stderr]).toEqual([0, '']);
    const summary = JSON.parse(stdout) as {
      decidedBy: { decidedBy: string; frames: number }[];
      referenceCalls: number;
    };
    expect(summary).toMatchObject({
      frames: frameCount,
      answered: frameCount,
      resumedFrom: 0,
      interrupted: false,
      restarts: 0,
    });
    expect(summary).toMatchObject({ bareDecode: { framesPerSecond: expect.any(Number), share: expect.any(Number) } });
    const byKind = summary.decidedBy;
    expect(byKind.reduce((sum, { frames }) => sum + frames, 0)).toBe(frameCount);
    expect(byKind.find(({ decidedBy }) => decidedBy === 'referenced')?.frames).toBe(summary.referenceCalls);
    expect(await text('json.jsonl')).toBe(await text('whole.jsonl'));
  });

  it('writes to standard output, and nothing else there', async () => {
    const args = ['run', '--source', camera, '--plan', planPath, '--out', '-', '--models', models];
    const { code, stdout, stderr } = await saccade(...args);
    expect([code, stdout]).toEqual([0, await text('whole.jsonl')]);
    expect(stderr).toContain('reference calls');
  });

  it('ends in a pipe whose reader has gone', async () => {
    const args = ['run', '--source', camera, '--plan', planPath, '--out', '-', '--models', models];
    const { process: child, result } = startSaccade(args);
    child.stdout?.destroy();
    const { code, stderr } = await result;
    expect([code, stderr]).toEqual([1, expect.stringContaining('error [SINK_PIPE_CLOSED]')]);
  });

  it('does not touch an output that exists, unless told to', async () => {
    await writeFile(at('mine.jsonl'), 'mine\n');
    expect((await saccade(...run('mine.jsonl'))).stderr).toContain('error [SINK_OUTPUT_EXISTS]');
    expect((await saccade(...run('mine.jsonl', '--resume'))).stderr).toContain('error [SINK_RESUME_RECORD_MISSING]');
    expect(await text('mine.jsonl')).toBe('mine\n');
    expect((await saccade(...run('mine.jsonl', '--force'))).code).toBe(0);
    expect(await text('mine.jsonl')).toBe(await text('whole.jsonl'));
  });

  it('does not resume what another plan made', async () => {
    const before = await text('whole.jsonl');
    const changed = at('changed.plan.json');
    await writeFile(changed, (await readFile(planPath, 'utf8')).replace('"smoothingMs":600', '"smoothingMs":0'));
    const args = [
      'run',
      '--source',
      camera,
      '--plan',
      changed,
      '--out',
      at('whole.jsonl'),
      '--models',
      models,
      '--resume',
    ];
    const { code, stderr } = await saccade(...args);
    expect([code, stderr]).toEqual([1, expect.stringContaining('error [SINK_RESUME_MISMATCH]')]);
    expect(await text('whole.jsonl')).toBe(before);
  });

  it('goes on after kill -9 without a gap or a double', async () => {
    const { process: child, result } = startSaccade(run('killed.jsonl', '--intervals', at('killed.intervals.jsonl')));
    await rowsIn('killed.jsonl');
    child.kill('SIGKILL');
    await result;
    expect(await linesOf('killed.jsonl')).toBeLessThan(frameCount);
    // As if it had been killed within a write.
    await truncate(at('killed.jsonl'), (await stat(at('killed.jsonl'))).size - 7);
    const resumed = await saccade(
      ...run('killed.jsonl', '--intervals', at('killed.intervals.jsonl'), '--resume', '--json'),
    );
    expect([resumed.code, resumed.stderr]).toEqual([0, '']);
    expect((JSON.parse(resumed.stdout) as { resumedFrom: number }).resumedFrom).toBeGreaterThan(0);
    expect(await text('killed.jsonl')).toBe(await text('whole.jsonl'));
    expect(await text('killed.intervals.jsonl')).toBe(await text('whole.intervals.jsonl'));
  });

  it('resumes what is complete by doing nothing', async () => {
    const before = await text('whole.jsonl');
    const { code, stdout } = await saccade(...run('whole.jsonl', '--resume', '--json'));
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      expect.objectContaining({ resumedFrom: frameCount, referenceCalls: 0 }),
    ]);
    expect(await text('whole.jsonl')).toBe(before);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends cleanly at %s', async (signal, expected) => {
    const out = `${signal}.jsonl`;
    const { process: child, result } = startSaccade(run(out, '--json'));
    await rowsIn(out);
    child.kill(signal);
    const { code, stdout, stderr } = await result;
    expect([code, stderr]).toEqual([expected, '']);
    const { interrupted, answered } = JSON.parse(stdout) as { interrupted: boolean; answered: number };
    expect(interrupted).toBe(true);
    expect(answered).toBe(await linesOf(out));
    expect((await text('whole.jsonl')).startsWith(await text(out))).toBe(true);
    expect((await saccade(...run(out, '--resume'))).code).toBe(0);
    expect(await text(out)).toBe(await text('whole.jsonl'));
  });

  it.each([
    ['shorter', (path: string, size: number) => truncate(path, Math.floor(size / 2))],
    ['longer', (path: string) => appendFile(path, 'more')],
  ] as const)('says that the file became %s while it was read', async (how, change) => {
    const [source, out] = [at(`${how}.mp4`), `${how}.jsonl`];
    await copyFile(camera, source);
    const { size } = await stat(source);
    const { result } = startSaccade([...run(out), '--source', source]);
    await rowsIn(out);
    await change(source, size);
    const { code, stderr } = await result;
    expect([code, stderr]).toEqual([1, expect.stringContaining('error [INGEST_FILE_CHANGED]')]);
    const rows = (await text(out)).trimEnd().split('\n');
    expect(rows.map(row => (JSON.parse(row) as { frame: number }).frame)).toEqual(rows.map((_, i) => i));
    expect(rows.filter(row => row.includes('"failed"'))).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('says that the disk is full', async () => {
    const args = ['run', '--source', camera, '--plan', planPath, '--out', '/dev/full', '--models', models];
    const { code, stderr } = await saccade(...args);
    expect([code, stderr]).toEqual([1, expect.stringContaining('error [SINK_DISK_FULL]')]);
  });

  it('keeps whole lines on a disk that is full, and goes on when there is room', async context => {
    const disk = at('disk');
    await mkdir(disk);
    const size = `size=${(Math.ceil((await stat(at('whole.jsonl'))).size / 4096 / 2) + 2) * 4096}`;
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', disk]).status !== 0) {
      context.skip('a small disk can be made by root only');
    }
    try {
      const { code, stderr } = await saccade(...run('disk/out.jsonl'));
      expect([code, stderr]).toEqual([1, expect.stringContaining('error [SINK_DISK_FULL]')]);
      const written = await text('disk/out.jsonl');
      expect(written.endsWith('\n')).toBe(true);
      expect((await text('whole.jsonl')).startsWith(written)).toBe(true);
      spawnSync('mount', ['-o', 'remount,size=10m', disk]);
      expect((await saccade(...run('disk/out.jsonl', '--resume'))).code).toBe(0);
      expect(await text('disk/out.jsonl')).toBe(await text('whole.jsonl'));
    } finally {
      spawnSync('umount', [disk]);
    }
  });
});

describe('saccade label', () => {
  it('asks about every frame, and again about none', async () => {
    const first = await saccade(...label('truth.jsonl', '--json', '--replicas', '2'));
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(JSON.parse(first.stdout)).toMatchObject({
      referenceCalls: frameCount,
      decidedBy: [{ decidedBy: 'referenced' }],
    });
    const again = await saccade(...label('again.jsonl', '--json'));
    expect(JSON.parse(again.stdout)).toMatchObject({ referenceCalls: 0, answered: frameCount });
    expect(await text('again.jsonl')).toBe(await text('truth.jsonl'));
    const every = await saccade(...label('every.jsonl', '--json', '--every', '5'));
    expect(JSON.parse(every.stdout)).toMatchObject({
      referenceCalls: 0,
      decidedBy: [
        { decidedBy: 'skipped', frames: frameCount * 0.8 },
        { decidedBy: 'referenced', frames: frameCount * 0.2 },
      ],
    });
  });

  it('is resumed after Ctrl-C', async () => {
    const own = ['--cache', at('own-cache')];
    const { process: child, result } = startSaccade(label('stopped.jsonl', ...own));
    await rowsIn('stopped.jsonl');
    child.kill('SIGINT');
    expect(await result).toMatchObject({
      code: 130,
      stdout: expect.stringContaining('interrupted: go on with --resume'),
    });
    const { code, stdout } = await saccade(...label('stopped.jsonl', ...own, '--resume', '--json'));
    expect(code).toBe(0);
    const { referenceCalls, resumedFrom } = JSON.parse(stdout) as { referenceCalls: number; resumedFrom: number };
    expect(resumedFrom).toBeGreaterThan(0);
    expect(referenceCalls).toBeLessThan(frameCount - resumedFrom + 1);
    expect(await text('stopped.jsonl')).toBe(await text('truth.jsonl'));
  });

  it('knows only the labels of its model', async () => {
    const query = [
      '--reference',
      'synthetic-detector',
      '--label',
      'giraffe',
      '--out',
      at('g.jsonl'),
      '--models',
      models,
    ];
    const { code, stderr } = await saccade('label', '--source', camera, ...query);
    expect([code, stderr]).toEqual([1, expect.stringContaining('error [CASCADE_PLAN_LABEL_UNKNOWN]')]);
  });
});

async function countReferenced(): Promise<number> {
  const rows = (await text('whole.jsonl')).trim().split('\n');
  return rows.filter(row => row.includes('"decidedBy":"referenced"')).length;
}

describe('saccade evaluate and scene', () => {
  it('compares a run with the truth', async () => {
    const files = ['--labels', at('whole.jsonl'), '--truth', at('truth.jsonl')];
    const { code, stdout, stderr } = await saccade('evaluate', ...files, '--json', '--block', '2s');
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      frames: frameCount,
      windows: { count: 5 },
      bounds: { blockUs: 2_000_000 },
    });
    expect((await saccade('evaluate', ...files)).stdout).toContain('false negatives');
    const same = await saccade('evaluate', '--labels', at('truth.jsonl'), '--truth', at('truth.jsonl'), '--json');
    expect(JSON.parse(same.stdout)).toMatchObject({ smoothed: { falseNegatives: 0, falsePositives: 0 } });
  });

  it('evaluates a plan on footage as label, run and evaluate do', async () => {
    const separate = await saccade('evaluate', '--labels', at('whole.jsonl'), '--truth', at('truth.jsonl'), '--json');
    const args = ['evaluate', '--plan', planPath, '--source', camera, '--models', models, '--cache', at('cache')];
    const { code, stdout, stderr } = await saccade(...args, '--json');
    expect([code, stderr]).toEqual([0, '']);
    const together = JSON.parse(stdout) as Record<string, unknown>;
    expect(together).toMatchObject({ plan: 'person', framesPerSecond: expect.any(Number), expected: null });
    expect(together).toMatchObject(JSON.parse(separate.stdout) as object);
    // The reference's answers came from the cache, those of the plan's run did not.
    expect(together['referenceCalls']).toBe(await countReferenced());
    expect((await saccade(...args)).stdout).toMatch(/end to end +[\d.]+ fps with \d+ reference calls/);
  });

  it('refuses an answer to other footage', async () => {
    const lines = (await text('whole.jsonl')).split('\n');
    await writeFile(at('short.jsonl'), `${lines.slice(0, 20).join('\n')}\n`);
    const { code, stderr } = await saccade('evaluate', '--labels', at('short.jsonl'), '--truth', at('truth.jsonl'));
    expect([code, stderr]).toEqual([1, expect.stringContaining('error [CASCADE_EVALUATION_FRAMES]')]);
  });

  it('averages the empty scene, which a plan can name', async () => {
    const rows = (await text('truth.jsonl'))
      .trim()
      .split('\n')
      .map((row, i) => JSON.stringify({ ...(JSON.parse(row) as object), label: i % 2 === 0 }));
    await writeFile(at('half.jsonl'), `${rows.join('\n')}\n`);
    const args = ['scene', '--source', camera, '--labels', at('half.jsonl'), '--out', at('scene.png')];
    const { code, stdout, stderr } = await saccade(...args, '--json');
    expect([code, stderr]).toEqual([0, '']);
    const { sha256, frames } = JSON.parse(stdout) as { sha256: string; frames: number };
    expect(frames).toBe(frameCount / 2);
    const plan = JSON.parse(await readFile(planPath, 'utf8')) as CascadePlan;
    const reference = { kind: 'empty-scene', image: 'scene.png', sha256 };
    await writeFile(
      at('scene.plan.json'),
      JSON.stringify({ ...plan, differenceDetector: { ...plan.differenceDetector, reference } }),
    );
    const out = ['--plan', at('scene.plan.json'), '--out', at('scene.jsonl'), '--models', models];
    expect((await saccade('run', '--source', camera, ...out)).code).toBe(0);
  });
});
