import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CascadeRun, findModel, loadPlan, preparePlan } from '../../cascade/index.ts';
import type { CommandContext } from '../../cli/run-command.ts';
import { runPipelines } from '../../cli/run-pipelines.ts';
import { recordSyntheticFootage, syntheticModelsFolder } from '../../fixtures/index.ts';
import { encodeImage } from '../../ingest/index.ts';

const frameCount = 60;
const models = syntheticModelsFolder();
let folder: string;
const at = (name: string): string => join(folder, name);
const rowsOf = async (name: string): Promise<{ frame: number; label: boolean }[]> =>
  (await readFile(at(name), 'utf8'))
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as { frame: number; label: boolean });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-run-pipelines-'));
  const size = { width: 160, height: 96, frameRateFps: 10, durationSeconds: frameCount / 10 };
  await recordSyntheticFootage(at('camera.mp4'), { seed: 5, profile: 'busy', ...size, keyframeIntervalSeconds: 1 });
  const still = { width: 64, height: 36, bytes: new Uint8Array(64 * 36 * 3).fill(90) };
  await writeFile(at('still.png'), await encodeImage(still, { format: 'png' }));
  const { declaration } = await findModel('synthetic-detector', models);
  const plan = {
    schema: 'saccade/plan/1',
    name: 'person',
    predicate: { label: 'person', minHeight: 0.12 },
    smoothingMs: 600,
    skip: { kind: 'every', tSkip: 5 },
    referenceModel: { model: 'synthetic-detector', sha256: declaration.sha256 },
  };
  await writeFile(at('person.plan.json'), JSON.stringify(plan));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ran {
  readonly summary: Record<string, unknown>;
  readonly text: string;
  readonly hasFailed: boolean;
  readonly error: unknown;
}

/** Runs a program of this text as the command does. */
async function run(
  name: string,
  text: string,
  { json = true, only, signal = new AbortController().signal }: Partial<CommandContext> & { only?: string[] } = {},
): Promise<Ran> {
  const head = `import { cascade, file, frames, map, pipeline, tap, toJsonl } from 'saccade';
import { readFileSync } from 'node:fs';
const at = (name: string): string => \`${folder}/\${name}\`;
const asked = () => cascade({ plan: at('person.plan.json') });
`;
  await writeFile(at(name), `${head}${text}`);
  let [summary, shown, hasFailed]: [Record<string, unknown>, string, boolean] = [{}, '', false];
  const context: CommandContext = {
    json,
    signal,
    print: (result, printed) => {
      [summary, shown] = [{ ...result }, printed];
    },
    fail: () => {
      hasFailed = true;
    },
  };
  const values = { models, ...(only !== undefined && { only }) };
  const error: unknown = await runPipelines(at(name), values, context).then(
    () => null,
    (caught: unknown) => caught,
  );
  return { summary, text: shown, hasFailed, error };
}

const two = `export const all = ['a', 'b'].map(name =>
  pipeline(name, file(at('camera.mp4'), { stream: name }), asked(), toJsonl(at(\`\${name}.jsonl\`))));`;

describe('a run of a pipeline file', () => {
  it('gives the answers that the plan alone gives, and says what was done', async () => {
    const { summary, text, error } = await run('two.ts', two);
    expect(error).toBe(null);
    expect(summary).toMatchObject({
      pipelines: ['a', 'b'].map(pipeline => ({ pipeline, state: 'completed', rows: frameCount, error: null })),
      streams: ['a', 'b'].map(stream => ({ stream, state: 'ended', frames: frameCount, error: null })),
      interrupted: false,
    });
    expect(text).toMatch(/^a +60 +completed$/m);
    const plan = await preparePlan(await loadPlan(at('person.plan.json')), { models });
    await using cascade = await CascadeRun.start({ plan, footage: { path: at('camera.mp4') } });
    const expected: [number, boolean][] = [];
    for await (const decisions of cascade.decisions()) {
      expected.push(...decisions.map(({ frame, label }): [number, boolean] => [frame, label]));
    }
    expect(expected).toHaveLength(frameCount);
    for (const name of ['a.jsonl', 'b.jsonl']) {
      expect((await rowsOf(name)).map(({ frame, label }) => [frame, label])).toEqual(expected);
    }
  });

  it('runs those that are asked for alone', async () => {
    await rm(at('a.jsonl'), { force: true });
    const { summary } = await run('only.ts', two, { only: ['b'] });
    expect(summary).toMatchObject({ pipelines: [{ pipeline: 'b', state: 'completed' }], streams: [{ stream: 'b' }] });
    await expect(stat(at('a.jsonl'))).rejects.toMatchObject({ code: 'ENOENT' });
    const { error } = await run('only-c.ts', two, { only: ['b', 'c'] });
    expect(error).toMatchObject({
      code: 'STREAMS_PIPELINE_UNKNOWN',
      message: expect.stringContaining('expected one of a, b'),
    });
  });

  it('tells of a pipeline that failed, after the others have ended', async () => {
    const text = `export const bad = pipeline('bad', file(at('camera.mp4')), asked(), tap(({ frame }) => {
  if (frame === 7) throw new Error('oops');
}));
export const good = pipeline('good', file(at('camera.mp4'), { stream: 'good' }), asked(), toJsonl(at('good.jsonl')));`;
    const { summary, hasFailed, error } = await run('fails.ts', text);
    expect([hasFailed, error]).toEqual([true, null]);
    expect(summary).toMatchObject({
      error: { code: 'STREAMS_FUNCTION_FAILED', message: expect.stringContaining('oops') },
      pipelines: [
        { pipeline: 'bad', state: 'failed', rows: 7, error: { code: 'STREAMS_FUNCTION_FAILED' } },
        { pipeline: 'good', state: 'completed', rows: frameCount, error: null },
      ],
    });
    expect(await rowsOf('good.jsonl')).toHaveLength(frameCount);
  });

  it('says first what hinders the start', async () => {
    const text = `export default pipeline('lost', file(at('camera.mp4')), cascade({ plan: at('none.json') }), toJsonl(at('lost.jsonl')));`;
    expect((await run('lost.ts', text)).error).toMatchObject({ code: 'CASCADE_PLAN_UNREADABLE' });
    await expect(stat(at('lost.jsonl'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('ends with what was done when it is interrupted', async () => {
    const text = `const image = readFileSync(at('still.png'));
function* endless() {
  for (let i = 0; ; i++) {
    if (i === 200) process.emit('message', 'interrupt', undefined);
    yield { image, timestampUs: i * 1000 };
  }
}
export default pipeline('endless', frames(endless()), map(({ frame }) => ({ frame })), toJsonl(at('endless.jsonl')));`;
    const interruption = new AbortController();
    const onMessage = (message: unknown): void => {
      if (message === 'interrupt') interruption.abort(new Error('interrupted'));
    };
    process.on('message', onMessage);
    const { summary, error } = await run('endless.ts', text, { signal: interruption.signal });
    process.off('message', onMessage);
    const rows = await rowsOf('endless.jsonl');
    expect(error).toBe(null);
    expect(summary).toMatchObject({ interrupted: true, pipelines: [{ rows: rows.length, state: 'completed' }] });
    expect(rows.map(({ frame }) => frame)).toEqual(rows.map((_, i) => i));
    expect(rows.length).toBeGreaterThan(0);
  });

  it('keeps standard output for one of them, and names what is not run', async () => {
    const shown = `export default pipeline('shown', file(at('camera.mp4')), asked(), toJsonl('-'));`;
    expect((await run('shown.ts', shown)).error).toMatchObject({
      name: 'UsageError',
      message: '--json and the sinks of shown both want standard output: use one of them.',
    });
    const { summary, text } = await run(
      'requests.ts',
      `import { request } from 'saccade';\nexport default pipeline('answers', request(), asked());`,
    );
    expect(summary).toMatchObject({ requests: ['answers'], pipelines: [], streams: [] });
    expect(text).toMatch(/^answers +- +takes requests: not run$/m);
  });
});
