import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addModel, type StoredModel } from '../../cascade/index.ts';
import { recordSyntheticFootage } from '../../fixtures/index.ts';
import type { SinkFactory } from '../../streams-dsl/index.ts';
import { tinyBinary, tinyYolox } from '../cascade/models/tiny-onnx.ts';

/** Short footage and models that answer by brightness, in a folder of their own. */
export interface SmallScene extends AsyncDisposable {
  readonly folder: string;
  /** 50 frames of 160×90 px at 25 fps, someone nearly always in sight. */
  readonly footage: string;
  /** As `footage`, of another scene. */
  readonly otherFootage: string;
  /** Repository with `bright` (a classifier) and `spots` (a detector of person whose score is the brightness). */
  readonly models: string;
}

/** Frames of each piece of footage. */
export const frameCount = 50;
/** About half of the frames of both pieces of footage are brighter to `bright`. */
export const middleBrightness = 0.3804;
/** About half of the frames have a detection of `spots` with at least this score. */
export const middleScore = 0.40965;

/** Records the footage and makes the models, which takes about a second. */
export async function makeSmallScene(): Promise<SmallScene> {
  const folder = await mkdtemp(join(tmpdir(), 'saccade-streams-'));
  const record = async (name: string, seed: number): Promise<string> => {
    const path = join(folder, `${name}.mp4`);
    const camera = { seed, profile: 'busy', width: 160, height: 90, durationSeconds: frameCount / 25 } as const;
    await recordSyntheticFootage(path, { ...camera, keyframeIntervalSeconds: 0.4 });
    return path;
  };
  const models = join(folder, 'models');
  const add = async (name: string, bytes: Uint8Array, head: 'binary' | 'yolox'): Promise<StoredModel> => {
    const onnxPath = join(folder, `${name}.onnx`);
    await writeFile(onnxPath, bytes);
    return addModel({ onnxPath, folder: models, name, head, labels: ['person'] });
  };
  const cells = Array.from({ length: 21 }, (_, i) => (i === 1 ? [0.5, 0.5, 0, 0, 0, 1] : [0, 0, 0, 0, -1, 1]));
  const size = { batch: 'N', width: 32, height: 32 } as const;
  await add('bright', tinyBinary({ ...size, dtype: 'uint8', layout: 'NHWC' }), 'binary');
  await add('spots', tinyYolox(size, cells), 'yolox');
  return {
    folder,
    footage: await record('door', 5),
    otherFootage: await record('yard', 6),
    models,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A sink that keeps its rows; `write` may be replaced. */
export function keepRows<Row>(
  rows: Row[],
  write: (written: readonly Row[]) => Promise<void> = () => Promise.resolve(),
): SinkFactory<Row> {
  return {
    description: { kind: 'keepRows', options: {} },
    open: () =>
      Promise.resolve({
        delivery: 'exactly-once',
        write: written => {
          rows.push(...written);
          return write(written);
        },
        flush: () => Promise.resolve(),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
  };
}
