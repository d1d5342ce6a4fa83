import { readScene } from '../../cascade/index.ts';
import type { PixelRequest } from '../../ingest/index.ts';
import type { DifferenceCandidate } from '../candidate-scores.ts';
import { type PictureFile, PictureReader, pictureBytes } from '../picture-file.ts';
import type { SceneImage } from './picture-tasks.ts';
import type { RowLayout } from './row-layout.ts';

/** Rows read at once: 1 MiB of 64 × 64 gray. */
const rowsAtOnce = 256;

/** A row and what it is compared with. */
export interface Comparison {
  readonly row: number;
  readonly picture: Uint8Array;
  readonly reference: Uint8Array;
  /** Row of the frame compared with; null for the empty scene. */
  readonly comparedWith: number | null;
}

/** What comparisons need beside the candidate. */
export interface ComparisonInputs {
  readonly layout: RowLayout;
  /** Must hold a file for the request of every candidate. */
  readonly pictures: readonly PictureFile[];
  /** Must be given for candidates that compare with the empty scene. */
  readonly scene: SceneImage | null;
}

/**
 * Hands out each row's picture with the one that a candidate compares it with, in order of the rows; the pictures are
 * valid during the call. Rows with nothing to compare with are left out: those within `tDiffFrames` of the start of a
 * stretch, and all where `tDiffFrames` falls between two rows. Runs in a worker process.
 * @throws CASCADE_SCENE_INVALID - when the scene does not decode.
 */
export async function visitComparisons(
  { detector, tDiffFrames }: DifferenceCandidate,
  inputs: ComparisonInputs,
  visit: (comparison: Comparison) => void,
): Promise<void> {
  const request: PixelRequest = { width: detector.width, height: detector.height, format: detector.format };
  const scene = tDiffFrames === null ? await sceneOf(inputs.scene, request) : null;
  const distance = (tDiffFrames ?? 0) / inputs.layout.step;
  if (!Number.isInteger(distance)) return;
  await using reader = await PictureReader.open(fileOf(inputs.pictures, request));
  const length = pictureBytes(request);
  for (const { rows } of inputs.layout.stretches) {
    for (let from = rows.from + distance; from < rows.to; from += rowsAtOnce) {
      const to = Math.min(from + rowsAtOnce, rows.to);
      const first = from - distance;
      const bytes = await reader.range(first, to);
      const picture = (row: number): Uint8Array => bytes.subarray((row - first) * length, (row - first + 1) * length);
      for (let row = from; row < to; row++) {
        const reference = scene ?? picture(row - distance);
        visit({ row, picture: picture(row), reference, comparedWith: scene === null ? row - distance : null });
      }
    }
  }
}

function sceneOf(scene: SceneImage | null, request: PixelRequest): Promise<Uint8Array> {
  if (scene === null) throw new RangeError('A candidate compares with the empty scene, but no scene was given.');
  return readScene(scene.path, { request, decoder: scene.decoder ?? 'node-av' });
}

function fileOf(pictures: readonly PictureFile[], { width, height, format }: PixelRequest): PictureFile {
  const file = pictures.find(
    ({ request }) => request.width === width && request.height === height && request.format === format,
  );
  if (file === undefined) throw new RangeError(`There are no pictures of ${width}x${height} px ${format}.`);
  return file;
}
