import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeImage } from '../../../ingest/index.ts';
import { type DifferenceCandidate, fitBlocked, type PictureFile, scoreDifferences } from '../../../optimizer/index.ts';
import { seeded } from '../../cascade/random.ts';
import { layoutOf } from './part-of.ts';

const size = 8;
const rows = 600;
const tDiffFrames = 4;
let folder: string;
let pictures: readonly PictureFile[];
let scene: string;
const truth = Uint8Array.from({ length: rows }, (_, row) => Number(row % 40 >= 22));
const part = { ...layoutOf([{ source: 0, range: { from: 0, to: rows } }], 1), truth };

const blockedAgainst = (id: string, distance: number | null): DifferenceCandidate => ({
  id,
  detector: {
    metric: { kind: 'blocked', grid: 2, weights: [0, 0, 0, 0], bias: 0 },
    width: size,
    height: size,
    format: 'gray',
  },
  tDiffFrames: distance,
});
const candidates: readonly DifferenceCandidate[] = [
  blockedAgainst('scene', null),
  blockedAgainst('previous', tDiffFrames),
  { ...blockedAgainst('global', null), detector: { ...blockedAgainst('', null).detector, metric: { kind: 'global' } } },
];

/** Something waves in the upper left at all times and much; the lower right is brighter by a little while it counts. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-fit-'));
  const random = seeded(11);
  const bytes = new Uint8Array(rows * size * size).fill(100);
  for (let row = 0; row < rows; row++) {
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const at = (row * size + y) * size + x;
        if (x < 4 && y < 4) bytes[at] = 255 * random();
        else if (x >= 4 && y >= 4) bytes[at] = 97 + 6 * random() + (truth[row] === 1 ? 14 : 0);
      }
    }
  }
  const path = join(folder, 'pictures');
  await writeFile(path, bytes);
  pictures = [{ path, request: { width: size, height: size, format: 'gray' }, rows }];
  scene = join(folder, 'scene.png');
  const gray = new Uint8Array(3 * size * size).fill(100);
  await writeFile(scene, await encodeImage({ width: size, height: size, bytes: gray }, { format: 'png' }));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it('learns which block matters, against the empty scene and against earlier frames', async () => {
  const inputs = { part, pictures, scene: { path: scene } };
  const fitted = await fitBlocked({ ...inputs, candidates });
  expect(fitted.map(({ id }) => id)).toEqual(['scene', 'previous', 'global']);
  expect(fitted[2]).toEqual(candidates[2]);
  expect(await fitBlocked({ ...inputs, candidates })).toEqual(fitted);
  const [against, previous, global] = await scoreDifferences({ ...inputs, candidates: fitted });
  for (let row = 0; row < rows; row++) {
    expect((against?.scores[row] ?? 0) > 0.5).toBe(truth[row] === 1);
    if (row >= tDiffFrames) expect((previous?.scores[row] ?? 0) > 0.5).toBe(truth[row] !== truth[row - tDiffFrames]);
  }
  // The metric that weighs all alike cannot: what waves drowns what counts.
  const means = [0, 1].map(label => meanOf([...(global?.scores ?? [])].filter((_, row) => truth[row] === label)));
  const spread = Math.max(...(global?.scores ?? [])) - Math.min(...(global?.scores ?? []));
  expect(Math.abs((means[1] ?? 0) - (means[0] ?? 0))).toBeLessThan(spread / 10);
});

it('leaves out what the part cannot teach', async () => {
  const never = { ...part, truth: new Uint8Array(rows) };
  const fitted = await fitBlocked({ part: never, pictures, scene: { path: scene }, candidates });
  expect(fitted.map(({ id }) => id)).toEqual(['global']);
});

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
