import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { map } from 'rxjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Decision } from '../../cascade/index.ts';
import { encodeImage } from '../../ingest/index.ts';
import {
  type CascadeStageOptions,
  cascade,
  differenceDetector,
  type FrameValue,
  file,
  mapFrames,
  type Pipeline,
  pipeline,
  planPipelines,
  type Rewrite,
  referenceModel,
  skip,
} from '../../streams-dsl/index.ts';
import { ImageReader } from '../../streams-dsl/runtime/image-reader.ts';
import { ModelLender, type WantedPool } from '../../streams-dsl/runtime/model-lender.ts';
import { PlanRun } from '../../streams-dsl/runtime/plan-run.ts';
import { StreamPacker } from '../../streams-dsl/runtime/stream-packer.ts';
import { seeded } from '../cascade/random.ts';
import { frameCount, keepRows, makeSmallScene, middleBrightness, middleScore, type SmallScene } from './small-scene.ts';

let scene: SmallScene;
let emptyScene: string;
let models: LenderByPipeline;
let images: ImageReader;
beforeAll(async () => {
  models = new LenderByPipeline();
  images = new ImageReader();
  scene = await makeSmallScene();
  emptyScene = join(scene.folder, 'empty.png');
  const bytes = new Uint8Array(160 * 90 * 3).fill(100);
  await writeFile(emptyScene, await encodeImage({ width: 160, height: 90, bytes }, { format: 'png' }));
});
afterAll(() => Promise.all([scene, models, images].map(one => one[Symbol.asyncDispose]())));

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
        file(scene.footage),
        skip({ every: pick(2, 5) }),
        brightness,
        map(row => row),
        keepRows<Row>(add()),
      ),
      // A stage behind a black box cannot be pushed down.
      pipeline(
        'e',
        file(scene.footage),
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

/**
 * Model workers for all runs: starting them would take most of the time. The steps of one pipeline have the same ones, those
 * of others have their own, unless a rewrite says otherwise.
 */
class LenderByPipeline extends ModelLender {
  override lend(wanted: WantedPool): ReturnType<ModelLender['lend']> {
    return super.lend({ ...wanted, pool: `${wanted.pool.replace(/\/\S+/, '')} ${wanted.produces}` });
  }
}

async function run(seed: number, rewrites: readonly Rewrite['name'][]): Promise<Row[][]> {
  const { pipelines, rows } = randomPipelines(seeded(seed));
  const { physical } = await planPipelines(pipelines, { models: scene.models, rewrites });
  const planRun = new PlanRun(physical, { models, images, packer: new StreamPacker(1), limit: 64, isTimed: false });
  await planRun.prepare();
  await planRun.run();
  const { streams, pipelines: states } = planRun.status();
  for (const { inFlight } of streams) expect(inFlight).toBe(0);
  for (const { state, error } of states) expect([state, error]).toEqual(['completed', null]);
  return rows.map(byStream);
}

const seeds = [1, 2];
const all = ['compete', 'push-down', 'share', 'batch-across-streams'] as const;
const plain = new Map<number, Row[][]>();

it.each(seeds)('pipelines of seed %i give a row for each frame, without rewrites', async seed => {
  const rows = await run(seed, []);
  plain.set(seed, rows);
  const [a = [], b = []] = rows;
  for (const one of [a, b]) expect(one.length % frameCount).toBe(0);
  expect(new Set(a.map(({ decidedBy }) => decidedBy)).size).toBeGreaterThan(1);
});

// Each seed with two rewrites, with the two others, and with all.
const chosen: readonly (readonly Rewrite['name'][])[] = [
  ['compete', 'push-down'],
  ['share', 'batch-across-streams'],
  all,
];
it.each(seeds.flatMap(seed => chosen.map(rewrites => [seed, rewrites] as const)))(
  'pipelines of seed %i give the same rows with %j',
  async (seed, rewrites) => {
    expect(rounded(await run(seed, rewrites))).toEqual(rounded(plain.get(seed)));
  },
);
