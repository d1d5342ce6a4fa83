import type { DifferenceMetric } from '../../cascade/index.ts';
import type { DecoderName, OpenFootageOptions, PixelRequest } from '../../ingest/index.ts';
import type { DifferenceCandidate } from '../candidate-scores.ts';
import type { PictureFile } from '../picture-file.ts';
import { runTask, type TaskHooks } from '../run-task.ts';
import type { RowLayout } from './row-layout.ts';
import type { RowPiece } from './share-rows.ts';

/** The picture of the empty scene: an image file, and what the footage is decoded with. */
export interface SceneImage {
  readonly path: string;
  /** Default `node-av`. */
  readonly decoder?: DecoderName | undefined;
}

/** Work on the pictures of a part, done in worker processes. */
export type PictureTask =
  | {
      readonly kind: 'extract';
      readonly footages: readonly OpenFootageOptions[];
      readonly pieces: readonly RowPiece[];
      readonly step: number;
      /** Files that exist, with the size of all rows. */
      readonly files: readonly { readonly path: string; readonly request: PixelRequest }[];
      /** Cache folder, for error texts. */
      readonly folder: string;
    }
  | {
      readonly kind: 'score';
      readonly layout: RowLayout;
      readonly pictures: readonly PictureFile[];
      readonly candidates: readonly DifferenceCandidate[];
      readonly scene: SceneImage | null;
    }
  | {
      readonly kind: 'fit';
      readonly layout: RowLayout;
      /** (n) 1 where the truth is positive. */
      readonly truth: Uint8Array<ArrayBufferLike>;
      readonly pictures: readonly PictureFile[];
      readonly candidates: readonly DifferenceCandidate[];
      readonly scene: SceneImage | null;
    };

/** What each kind of task gives. */
export interface PictureTaskResults {
  /** For each piece the rows at its start whose frames did not decode. */
  readonly extract: readonly { readonly from: number; readonly to: number }[];
  /** Scores of each candidate. */
  readonly score: readonly Float64Array[];
  /** The metric of each candidate with its weights; null where the part has nothing to tell apart. */
  readonly fit: readonly (DifferenceMetric | null)[];
}

/** The task of a kind. */
export type PictureTaskOf<Kind extends PictureTask['kind']> = Extract<PictureTask, { kind: Kind }>;

/** Entry of the worker process. */
export const pictureWorker: URL = new URL('./picture-worker.js', import.meta.url);

/** Runs a task in a worker process; its notes are the share of the work that is done, 0–1. */
export function runPictureTask<Kind extends PictureTask['kind']>(
  task: PictureTaskOf<Kind>,
  hooks: TaskHooks<number> = {},
): Promise<PictureTaskResults[Kind]> {
  return runTask<PictureTask, PictureTaskResults[Kind], number>(
    { name: `${task.kind} pictures`, file: pictureWorker, task },
    hooks,
  );
}
