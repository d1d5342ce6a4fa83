import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { map } from 'rxjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Decision } from '../../cascade/index.ts';
import { encodeImage } from '../../ingest/index.ts';
import {
  type CascadeStageOptions,
  cascade,
  type DeploymentStatus,
  deploy,
  differenceDetector,
  type FrameValue,
  file,
  mapFrames,
  type Pipeline,
  pipeline,
  type Rewrite,
  referenceModel,
  skip,
} from '../../streams-dsl/index.ts';
import { seeded } from '../cascade/random.ts';
import { keepRows, makeSmallScene, middleBrightness, middleScore, type SmallScene } from './small-scene.ts';

let scene: SmallScene;
let emptyScene: string;
beforeAll(async () => {
  scene = await makeSmallScene();
  emptyScene = join(scene.folder, 'empty.png');
  const bytes = new Uint8Array(160 * 90 * 3).fill(100);
  await writeFile(emptyScene, await encodeImage({ width: 160, height: 90, bytes }, { format: 'png' }));
});
afterAll(() => scene[Symbol.asyncDispose]());

type Row = Decision | FrameValue<number>;

/** Random cascades on one or two streams, some alike, and functions over frames beside them. */
function randomPipelines(random: () => number): { pipelines: Pipeline<Row>[]; rows: Row[][] } {
  const pick = <Value>(...values: readonly Value[]): Value => values[Math.floor(random() * values.length)] as Value;
  const stages = (): Omit<Extract<CascadeStageOptions, { reference: string }>, 'label' | 'predicate'> => ({
    reference: 'spots',
    skip: pick(undefined, { every: 2 }, { every: 3 }),
    differenceDetector: pick(
      undefined,
      { deltaDiff: pick(20, 35), tDiffFrames: pick(1, 5) },
      { deltaDiff: pick(1500, 1800), emptyScene },
    ),
    specializedModel: pick(undefined, {
      model: 'bright',
      cLow: middleBrightness - 0.0002,
      cHigh: middleBrightness + pick(0.0002, 0.5),
    }),
  });
  const common = stages();
  const rows: Row[][] = [];
  const add = (): Row[] => {
    const own: Row[] = [];
    rows.push(own);
    return own;
  };
  const from = (): ReturnType<typeof file> | ReturnType<typeof file>[] =>
    pick<ReturnType<typeof file> | ReturnType<typeof file>[]>(file(scene.footage), [
      file(scene.footage),
      file(scene.otherFootage),
    ]);
  const predicate = (): { label: string; minScore: number } => ({
    label: 'person',
    minScore: middleScore + pick(0, 1e-4),
  });
  const pixels = { width: 8, height: 8, format: 'gray' } as const;
  const brightness = mapFrames(({ pixels: bytes }) => bytes.reduce((sum, byte) => sum + byte, 0), {
    pixels,
    compete: 2,
  });
  return {
    rows,
    pipelines: [
      pipeline('a', from(), cascade({ ...common, predicate: predicate(), smoothingMs: 0 }), keepRows<Row>(add())),
      pipeline('b', from(), cascade({ ...common, predicate: predicate(), smoothingMs: 200 }), keepRows<Row>(add())),
      pipeline('c', from(), cascade({ ...stages(), predicate: predicate() }), keepRows<Row>(add())),
      pipeline(
        'd',
        from(),
        skip({ every: pick(2, 5) }),
        brightness,
        map(row => row),
        keepRows<Row>(add()),
      ),
      // A stage behind a black box cannot be pushed down.
      pipeline(
        'e',
        from(),
        map(item => item),
        differenceDetector({ deltaDiff: 30, tDiffFrames: 2 }),
        referenceModel({ model: 'spots', predicate: predicate(), compete: 2 }),
        keepRows<Row>(add()),
      ),
    ],
  };
}

/** Rows in the order of each stream: streams are merged as they come. */
function byStream(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => (a.stream < b.stream ? -1 : Number(a.stream > b.stream)) || a.frame - b.frame);
}

/** Batches differ in the last bits of what models say. */
function rounded(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) => (typeof part === 'number' ? Number(part.toPrecision(5)) : part)),
  );
}

async function run(
  seed: number,
  rewrites: readonly Rewrite['name'][],
): Promise<{ rows: Row[][]; status: DeploymentStatus }> {
  const { pipelines, rows } = randomPipelines(seeded(seed));
  await using deployment = deploy(pipelines, { models: scene.models, rewrites });
  const status = await deployment.run();
  for (const { inFlight } of status.streams) expect(inFlight).toBe(0);
  return { rows: rows.map(byStream), status };
}

const all = ['compete', 'push-down', 'share', 'batch-across-streams'] as const;
const plain = new Map<number, Row[][]>();

// Each seed without any rewrite, then with one or all of them.
it.each([1, 2])('pipelines of seed %i give a row for each frame, without rewrites', async seed => {
  // Pools of its own for each of a dozen steps would take most of the time in starting processes.
  const { rows } = await run(seed, ['batch-across-streams']);
  plain.set(seed, rows);
  const [a = [], b = []] = rows;
  for (const one of [a, b]) expect(one.length % 50).toBe(0);
  expect(new Set(a.map(({ decidedBy }) => decidedBy)).size).toBeGreaterThan(1);
});

it.each([
  [1, ['push-down', 'batch-across-streams']],
  [1, all],
  [2, ['share', 'batch-across-streams']],
  [2, all],
] as const)('pipelines of seed %i give the same rows with %j', async (seed, rewrites) => {
  const { rows } = await run(seed, rewrites);
  expect(rounded(rows)).toEqual(rounded(plain.get(seed)));
});
