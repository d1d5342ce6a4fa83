import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordSyntheticFootage, type SyntheticRecording, syntheticModelsFolder } from '../../fixtures/index.ts';
import { type DeploymentStatus, deploy, type Pipeline } from '../../streams-dsl/index.ts';
import { packageRoot } from '../package-root.ts';
import { type WebhookServer, webhookServer } from '../sinks/webhook-server.ts';

const names = (await readdir(join(packageRoot, 'docs', 'examples')))
  .filter(name => name.endsWith('.ts'))
  .map(name => name.slice(0, -'.ts'.length));

let folder: string;
let door: SyntheticRecording;
let hook: WebhookServer;
let status: DeploymentStatus;
const files = new Map<string, readonly Pipeline[]>();

// All examples run at once, on the same two cameras: so each is decoded once, and the detector is asked once a frame.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-examples-'));
  hook = await webhookServer();
  const camera = { profile: 'busy', frameRateFps: 10, durationSeconds: 10 } as const;
  const path = (name: string): string => join(folder, name);
  door = await recordSyntheticFootage(path('front.mp4'), { ...camera, seed: 5 });
  await recordSyntheticFootage(path('back.mp4'), { ...camera, seed: 6 });
  await writeFile(path('sites.json'), JSON.stringify({ door: 'Front door, Berlin' }));
  const variables = { DOOR: door.path, YARD: path('back.mp4'), OUT: folder, SITES: path('sites.json') };
  Object.assign(process.env, variables, { HOOK_URL: hook.url, HOOK_SECRET: 's3cret' });
  for (const name of names) {
    const built = join(packageRoot, 'dist', 'docs', 'examples', `${name}.js`);
    const loaded = (await import(pathToFileURL(built).href)) as { readonly default: Pipeline | readonly Pipeline[] };
    files.set(name, [loaded.default].flat() as readonly Pipeline[]);
  }
  await using deployment = deploy([...files.values()].flat(), { models: syntheticModelsFolder() });
  status = await deployment.run();
});
afterAll(async () => {
  await hook[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** The rows that an example wrote. */
async function rowsOf<Row>(name: string): Promise<Row[]> {
  const text = await readFile(join(folder, `${name}.jsonl`), 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Row);
}

it('there are eleven', () => {
  expect(names).toHaveLength(11);
});

it.each(names)('%s runs to its end and gives rows', name => {
  for (const { name: pipeline } of files.get(name) ?? []) {
    const found = status.pipelines.find(one => one.pipeline === pipeline);
    expect(found).toMatchObject({ state: 'completed', error: null });
    expect(found?.rows).toBeGreaterThan(0);
  }
});

it('decodes each camera once for all of them, in programs for every fifth and every second frame', () => {
  const programs = status.steps.filter(({ program }) => program !== null);
  expect(programs.map(({ step }) => step.split('/')[1]).sort()).toEqual(['3-ask', '3-ask@door', '3-ask@yard']);
});

it('counts people by zone as they were filmed, give or take one', async () => {
  const isIn = (side: string, x: number): boolean => (side === 'left' ? x <= 0.5 : x >= 0.5);
  for (const side of ['left', 'right']) {
    const rows = await rowsOf<{ startUs: number; max: number }>(`people-${side}`);
    expect(rows.map(({ startUs }) => startUs)).toEqual([0, 5_000_000]);
    for (const [window, { max }] of rows.entries()) {
      const looked = door.truth.filter((_, frame) => frame % 5 === 0 && Math.floor(frame / 50) === window);
      const filmed = looked.map(
        boxes => boxes.filter(({ label, box }) => label === 'person' && isIn(side, box.x + box.width / 2)).length,
      );
      expect(Math.abs(max - Math.max(...filmed))).toBeLessThanOrEqual(1);
    }
  }
});

it('joins frames of the same time, in which both cameras see somebody', async () => {
  const rows = await rowsOf<{ timestampUs: number; door: number; yard: number }>('door-and-yard');
  for (const row of rows) expect(row).toEqual({ timestampUs: row.door * 100_000, door: row.door, yard: row.door });
  expect(new Set(rows.map(row => row.door)).size).toBe(rows.length);
});

it('counts frames for each camera apart', async () => {
  const rows = await rowsOf<{ key: string; value: { items: number; count: number } }>('count-per-minute');
  expect(rows.map(({ key, value }) => [key, value.items]).sort()).toEqual([
    ['door', 100],
    ['yard', 100],
  ]);
  const asked = await rowsOf<{ label: boolean }>('any-person');
  const counted = rows.find(({ key }) => key === 'door')?.value.count;
  expect(counted).toBe(asked.filter(({ label }) => label).length);
});

it('tells events of the day before ten, and those of the night after it', async () => {
  const hoursOf = async (name: string): Promise<Set<string>> =>
    new Set(
      (await rowsOf<{ data: { start: string; query: string } }>(name)).map(({ data }) => data.start.slice(0, 13)),
    );
  expect(await hoursOf('person-by-day')).toEqual(new Set(['2026-06-01T21']));
  expect(await hoursOf('person-by-night')).toEqual(new Set(['2026-06-01T22']));
});

it('takes the first of two answers, and the thorough one where the quick one is not sure', async () => {
  const rows = await rowsOf<{ frame: number; by: string }>('first-of-two-models');
  expect(rows.map(({ frame }) => frame)).toEqual(Array.from({ length: 20 }, (_, i) => 5 * i));
  for (const { by } of rows) expect(['quick', 'thorough']).toContain(by);
});

it('posts events signed, started before ended, named after the pipeline', () => {
  const events = hook.received.map(({ body }) => JSON.parse(body) as { type: string; data: { query: string } });
  expect(events[0]?.type).toBe('io.saccade.event.started');
  expect(events.at(-1)?.type).toBe('io.saccade.event.ended');
  for (const { data } of events) expect(data.query).toBe('events-to-webhook');
  for (const { headers } of hook.received) expect(headers['webhook-signature']).toMatch(/^v1,/);
});

it('keeps a picture of each event', async () => {
  const rows = await rowsOf<{ data: { image: string; peakFrame: number } }>('event-pictures');
  for (const { data } of rows) {
    const bytes = await readFile(fileURLToPath(data.image));
    expect([...bytes.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
    expect(data.peakFrame % 5).toBe(0);
  }
});

it('keeps the numbers of what it tracks', async () => {
  const rows = await rowsOf<{ frame: number; seen: { id: number }[] }>('track-ids');
  expect(rows.map(({ frame }) => frame)).toEqual(Array.from({ length: 50 }, (_, i) => 2 * i));
  const ids = rows.flatMap(({ seen }) => seen.map(({ id }) => id));
  // Numbered without gaps, and the one that is longest in sight keeps its number for two seconds or more.
  const objects = [...new Set(ids)];
  expect(Math.max(...ids)).toBe(objects.length);
  const longest = Math.max(...objects.map(object => ids.filter(id => id === object).length));
  expect(longest).toBeGreaterThanOrEqual(10);
});

it('adds the name of the site', async () => {
  const rows = await rowsOf<{ site: string; siteMissing: string | null }>('site-names');
  for (const { site, siteMissing } of rows) expect([site, siteMissing]).toEqual(['Front door, Berlin', null]);
});

it('answers four questions about each frame', async () => {
  const questions = ['any-person', 'near-person', 'person-on-the-left', 'any-vehicle'];
  const positive: number[] = [];
  for (const question of questions) {
    const rows = await rowsOf<{ frame: number; label: boolean }>(question);
    expect(rows.map(({ frame }) => frame)).toEqual(Array.from({ length: 100 }, (_, frame) => frame));
    positive.push(rows.filter(({ label }) => label).length);
  }
  const [anyone = 0, near = 0, left = 0] = positive;
  expect(anyone).toBeGreaterThan(0);
  expect(Math.max(near, left)).toBeLessThanOrEqual(anyone);
});

it('gives the brightness of each second', async () => {
  const rows = await rowsOf<{ startUs: number; items: number; mean: number; min: number }>('brightness');
  expect(rows.map(({ items }) => items)).toEqual(Array(10).fill(10));
  for (const { mean, min } of rows) {
    expect(mean).toBeGreaterThanOrEqual(min);
    expect(min).toBeGreaterThan(20);
    expect(mean).toBeLessThan(235);
  }
});
