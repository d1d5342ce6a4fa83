import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findModel } from '../../../cascade/index.ts';
import { recordSyntheticFootage, syntheticModelsFolder } from '../../../fixtures/index.ts';
import { naiveDecode } from '../../ingest/naive-decode.ts';
import { saccade, startSaccade } from '../saccade.ts';

const models = syntheticModelsFolder();
const frameCount = 100;
let folder: string;
let planPath: string;
let camera: string;
const at = (name: string): string => join(folder, name);

interface Row {
  readonly label: boolean;
  readonly timestampUs: number;
}
let rows: Row[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-replay-'));
  camera = at('camera.mp4');
  const size = { width: 320, height: 180, frameRateFps: 10, durationSeconds: frameCount / 10 };
  await recordSyntheticFootage(camera, { seed: 1, profile: 'quiet', ...size, keyframeIntervalSeconds: 1 });
  planPath = at('person.plan.json');
  const { declaration } = await findModel('synthetic-detector', models);
  await writeFile(
    planPath,
    JSON.stringify({
      schema: 'saccade/plan/1',
      name: 'person',
      predicate: { label: 'person', minHeight: 0.12 },
      smoothingMs: 0,
      skip: { kind: 'every', tSkip: 3 },
      referenceModel: { model: 'synthetic-detector', sha256: declaration.sha256 },
    }),
  );
  const run = ['run', '--source', camera, '--plan', planPath, '--out', at('a.jsonl'), '--models', models];
  const { code, stderr } = await saccade(...run);
  expect([code, stderr]).toEqual([0, '']);
  rows = (await readFile(at('a.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Row);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function replay(out: string, ...more: string[]): string[] {
  return ['replay', planPath, camera, '--out', at(out), '--models', models, ...more];
}

describe('saccade replay to a video', () => {
  it('runs the plan and has one frame for each of the footage, with its answer as a border', async () => {
    const { code, stdout, stderr } = await saccade(...replay('r.mp4', '--json'));
    expect([code, stderr]).toEqual([0, '']);
    const positives = rows.filter(({ label }) => label).length;
    expect(positives).toBeGreaterThan(0);
    expect(positives).toBeLessThan(frameCount);
    expect(JSON.parse(stdout)).toEqual({
      out: at('r.mp4'),
      frames: frameCount,
      shown: frameCount,
      positives,
      mistakes: null,
    });
    const decoded = naiveDecode(at('r.mp4'), { width: 320, height: 180 + 40, format: 'rgb' });
    expect(decoded).toHaveLength(frameCount);
    expect(decoded.map(({ timestampUs }) => timestampUs)).toEqual(rows.map(({ timestampUs }) => timestampUs));
    // The middle of the left border: green for a positive answer, gray for a negative one.
    const greenness = decoded.map(({ pixels }) => {
      const pixel = (100 * 320 + 1) * 3;
      return (pixels[pixel + 1] ?? 0) - (pixels[pixel] ?? 0) > 50;
    });
    expect(greenness).toEqual(rows.map(({ label }) => label));
  });

  it('does not touch a file that exists, unless told to, and leaves nothing unfinished', async () => {
    await writeFile(at('kept.mp4'), 'kept');
    const labels = ['--labels', at('a.jsonl')];
    const refused = await saccade(...replay('kept.mp4', ...labels));
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('error [SINK_OUTPUT_EXISTS]')]);
    expect(await readFile(at('kept.mp4'), 'utf8')).toBe('kept');
    expect((await saccade(...replay('kept.mp4', ...labels, '--force'))).code).toBe(0);
    expect((await readFile(at('kept.mp4'))).length).toBeGreaterThan(10_000);
    const nowhere = await saccade(...replay('no/such/folder/r.mp4', ...labels));
    expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining('error [SINK_OUTPUT_UNWRITABLE]')]);
    expect((await readdir(folder)).filter(name => name.endsWith('.new'))).toEqual([]);
  });

  it('ends at Ctrl-C without a file', async () => {
    const { process: child, result } = startSaccade(replay('stopped.mp4', '--labels', at('a.jsonl')));
    // The unfinished file is there before the worker that fills it has started.
    while (!(await readdir(folder)).includes('stopped.mp4.new')) await delay(20);
    child.kill('SIGINT');
    expect(await result).toMatchObject({ code: 130, stdout: '' });
    expect((await readdir(folder)).filter(name => name.startsWith('stopped'))).toEqual([]);
  });
});

describe('saccade replay to a page', () => {
  it('shows changes and mistakes, and loads nothing from elsewhere', async () => {
    // Truth that disagrees in four frames.
    const truth = rows.map((row, i) => JSON.stringify({ ...row, label: i >= 30 && i < 34 ? !row.label : row.label }));
    await writeFile(at('truth.jsonl'), `${truth.join('\n')}\n`);
    const args = replay('r.html', '--labels', at('a.jsonl'), '--truth', at('truth.jsonl'), '--json');
    const { code, stdout, stderr } = await saccade(...args);
    expect([code, stderr]).toEqual([0, '']);
    const { shown, mistakes } = JSON.parse(stdout) as { shown: number; mistakes: number };
    expect(mistakes).toBe(4);
    const page = await readFile(at('r.html'), 'utf8');
    expect(page.match(/<figure /g)).toHaveLength(shown);
    expect(page.match(/data:image\/jpeg;base64,/g)).toHaveLength(shown);
    expect(page.match(/data-wrong="true"/g)?.length).toBeGreaterThan(0);
    expect(page).not.toMatch(/https?:|src="(?!data:)|NaN|undefined|\[object/);
    const few = await saccade(...args, '--force', '--stills', '2');
    expect(JSON.parse(few.stdout)).toMatchObject({ shown: 2 });
  });

  it('refuses rows about other footage', async () => {
    const lines = (await readFile(at('a.jsonl'), 'utf8')).trim().split('\n');
    const more = [...lines, (lines[0] ?? '').replace('"frame":0', `"frame":${frameCount}`)];
    const shifted = lines.map(line =>
      line.replace(/"timestampUs":(\d+)/, (_, us) => `"timestampUs":${Number(us) + 7}`),
    );
    for (const [name, content] of [
      ['more.jsonl', more],
      ['shifted.jsonl', shifted],
      ['holes.jsonl', lines.filter((_, i) => i !== 5)],
    ] as const) {
      await writeFile(at(name), `${content.join('\n')}\n`);
      const { code, stderr } = await saccade(...replay('x.html', '--labels', at(name)));
      expect([name, code, stderr]).toEqual([name, 1, expect.stringContaining('error [SINK_ROWS_MISMATCH]')]);
    }
    await writeFile(at('short.jsonl'), `${lines.slice(0, 20).join('\n')}\n`);
    const foreign = await saccade(...replay('x.html', '--labels', at('a.jsonl'), '--truth', at('short.jsonl')));
    expect([foreign.code, foreign.stderr]).toEqual([1, expect.stringContaining('error [CASCADE_EVALUATION_FRAMES]')]);
    // A run that was interrupted is shown as far as it went.
    const partial = await saccade(...replay('y.html', '--labels', at('short.jsonl'), '--json'));
    expect(JSON.parse(partial.stdout)).toMatchObject({ frames: 20 });
  });
});
