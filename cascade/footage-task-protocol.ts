import type { ErrorRecord, FrameIndex, OpenFootageOptions, PixelRequest } from '../ingest/index.ts';

/** Work on footage that needs its pictures but no cascade. */
export type FootageTask =
  /** Decodes everything and looks at nothing. */
  | { readonly kind: 'measure-decode'; readonly footage: OpenFootageOptions }
  /** Mean of some frames at their own size. */
  | { readonly kind: 'average-scene'; readonly footage: OpenFootageOptions; readonly frames: Uint32Array }
  /** Some frames, scaled to a width. */
  | {
      readonly kind: 'stills';
      readonly footage: OpenFootageOptions;
      readonly frames: Uint32Array;
      readonly width: number;
    }
  /** A few frames far apart, as raw pictures. */
  | {
      readonly kind: 'pictures';
      readonly footage: OpenFootageOptions;
      readonly frames: Uint32Array;
      readonly request: PixelRequest;
    };

/** What each kind of task gives. */
export interface FootageTaskResults {
  readonly 'measure-decode': { readonly frames: number; readonly seconds: number };
  readonly 'average-scene': { readonly image: Uint8Array; readonly frames: number };
  /** JPEG files by frame, ascending; frames that could not be decoded are missing. */
  readonly stills: ReadonlyMap<FrameIndex, Uint8Array>;
  /** Pictures by frame, ascending; frames that could not be decoded are missing. */
  readonly pictures: ReadonlyMap<FrameIndex, Uint8Array>;
}

/** To the worker process of a task. */
export interface ToFootageTask {
  readonly task: FootageTask;
}

/** From the worker process of a task. */
export type FromFootageTask =
  | { readonly type: 'progress'; readonly frames: number; readonly frameCount: number }
  | { readonly type: 'failed'; readonly error: ErrorRecord }
  | { readonly type: 'done'; readonly result: FootageTaskResults[FootageTask['kind']] };
