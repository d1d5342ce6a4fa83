import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  averageEmptyScene,
  CascadeRun,
  type Decision,
  findModel,
  hashPlan,
  parsePlan,
  preparePlan,
} from '../../../cascade/index.ts';
import { recordSyntheticFootage, syntheticModelsFolder } from '../../../fixtures/index.ts';
import { openFootage } from '../../../ingest/index.ts';
import {
  type DifferenceCandidate,
  type ExtractPicturesOptions,
  extractPictures,
  scoreDifferences,
} from '../../../optimizer/index.ts';
import { seeded } from '../../cascade/random.ts';
import { layoutOf } from './part-of.ts';

const frameCount = 150;
const random = seeded(7);
const blocked = (grid: number): DifferenceCandidate['detector']['metric'] => ({
  kind: 'blocked',
  grid,
  weights: Array.from({ length: grid * grid }, () => (random() - 0.3) / 100),
  bias: -0.5,
});
const candidate = (
  id: string,
  metric: DifferenceCandidate['detector']['metric'],
  { size, tDiffFrames }: { size: number; tDiffFrames: number | null },
): DifferenceCandidate => ({ id, detector: { metric, width: size, height: size, format: 'gray' }, tDiffFrames });
const candidates: readonly DifferenceCandidate[] = [
  candidate('global-scene', { kind: 'global' }, { size: 32, tDiffFrames: null }),
  candidate('global-previous', { kind: 'global' }, { size: 64, tDiffFrames: 12 }),
  candidate('blocked-scene', blocked(10), { size: 64, tDiffFrames: null }),
  candidate('blocked-previous', blocked(5), { size: 64, tDiffFrames: 6 }),
];

let folder: string;
let source: ExtractPicturesOptions['sources'][number];
let scene: string;
const requests = [32, 64].map(size => ({ width: size, height: size, format: 'gray' }) as const);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-score-'));
  const path = join(folder, 'busy.mp4');
  const camera = { seed: 3, profile: 'busy', width: 160, height: 96, durationSeconds: frameCount / 25 } as const;
  await recordSyntheticFootage(path, { ...camera, keyframeIntervalSeconds: 1, bFrames: 2 });
  await using footage = await openFootage({ path });
  source = { footage: { path, streamId: 'busy' }, sha256: 'a'.repeat(64), table: footage.table };
  scene = join(folder, 'scene.png');
  const labels = Array.from({ length: frameCount }, (_, frame) => ({ frame, label: frame % 5 !== 0 }));
  await writeFile(scene, (await averageEmptyScene({ footage: { path }, labels })).image);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** What a real run of a cascade says: no difference is ever large enough to go on. */
async function decisionsOf({ detector, tDiffFrames }: DifferenceCandidate, tSkip: number): Promise<Decision[]> {
  const reference = await findModel('synthetic-detector', syntheticModelsFolder());
  const sha256 = createHash('sha256')
    .update(await readFile(scene))
    .digest('hex');
  const plan = parsePlan(
    {
      schema: 'saccade/plan/1',
      name: 'test',
      predicate: { label: 'person' },
      skip: { kind: 'every', tSkip },
      differenceDetector: {
        detector,
        deltaDiff: 1e9,
        reference:
          tDiffFrames === null ? { kind: 'empty-scene', image: scene, sha256 } : { kind: 'previous', tDiffFrames },
      },
      referenceModel: { model: reference.folder, sha256: reference.declaration.sha256 },
    },
    'test',
  );
  const prepared = await preparePlan({ plan, hash: hashPlan(plan), folder }, { models: folder });
  await using run = await CascadeRun.start({ plan: prepared, footage: source.footage });
  const decisions: Decision[] = [];
  for await (const batch of run.decisions()) decisions.push(...batch);
  return decisions;
}

it.each([
  [candidates[1], 1],
  [candidates[2], 3],
] as const)('scores as a real run does, to the last bit (case %#)', async (one, step) => {
  if (one === undefined) return expect.unreachable();
  const part = layoutOf([{ source: 0, range: { from: 0, to: frameCount } }], step);
  const pictures = await extractPictures({ sources: [source], part, requests, folder: join(folder, 'cache') });
  const [scored] = await scoreDifferences({ part, pictures, candidates: [one], scene: { path: scene } });
  const decisions = await decisionsOf(one, step);
  const expected = decisions.flatMap(decision => {
    if (decision.decidedBy === 'skipped') return [];
    return decision.decidedBy === 'unchanged' ? [decision.difference] : [Number.NaN];
  });
  expect(scored).toMatchObject({ id: one.id });
  expect([...(scored?.scores ?? [])]).toEqual(expected);
  expect(expected.filter(Number.isNaN)).toHaveLength((one.tDiffFrames ?? 0) / step);
});

it('compares nothing across the border of a stretch', async () => {
  const stretches = [
    { source: 0, range: { from: 20, to: 50 } },
    { source: 0, range: { from: 60, to: 110 } },
  ];
  const part = layoutOf(stretches, 2);
  const cache = join(folder, 'cache');
  const pictures = await extractPictures({ sources: [source], part, requests, folder: cache });
  const whole = layoutOf([{ source: 0, range: { from: 0, to: frameCount } }], 1);
  const wholePictures = await extractPictures({ sources: [source], part: whole, requests, folder: cache });
  const inputs = { candidates, scene: { path: scene } };
  const scored = await scoreDifferences({ ...inputs, part, pictures });
  const all = await scoreDifferences({ ...inputs, part: whole, pictures: wholePictures });
  for (const [i, { scores, tDiffFrames }] of scored.entries()) {
    const expected = stretches.flatMap(({ range: { from, to } }) =>
      Array.from({ length: (to - from) / 2 }, (_, row) =>
        2 * row < (tDiffFrames ?? 0) ? Number.NaN : all[i]?.scores[from + 2 * row],
      ),
    );
    expect([...scores]).toEqual(expected);
  }
});

it('compares with nothing where a distance falls between two rows, and says what is missing', async () => {
  const part = layoutOf([{ source: 0, range: { from: 0, to: frameCount } }], 5);
  const pictures = await extractPictures({ sources: [source], part, requests, folder: join(folder, 'cache') });
  const [previous] = await scoreDifferences({ part, pictures, candidates: candidates.slice(1, 2), scene: null });
  expect([...(previous?.scores ?? [])]).toEqual(new Array(30).fill(Number.NaN));
  const options = { part, pictures, candidates, scene: null };
  await expect(scoreDifferences(options)).rejects.toThrow('no scene was given');
});
