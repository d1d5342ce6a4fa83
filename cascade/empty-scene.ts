import type { OpenFootageOptions } from '../ingest/index.ts';
import type { Decision } from './decision.ts';
import { cascadeErrors } from './errors.ts';
import { type FootageTaskHooks, runFootageTask } from './footage-task.ts';

/** What to average. */
export interface EmptySceneOptions {
  readonly footage: OpenFootageOptions;
  /** The footage's labels, one a frame; frames with label false count as empty. */
  readonly labels: readonly Pick<Decision, 'frame' | 'label'>[];
  /** Most frames to average, 1 or more, evenly spread. Default 500: noise is then below a tenth of a grey level. */
  readonly maxFrames?: number;
}

/** The average empty scene. */
export interface EmptyScene {
  /** PNG file at the footage's size. */
  readonly image: Uint8Array;
  /** Frames that it is the mean of. */
  readonly frames: number;
}

/**
 * Averages the frames in which there is nothing to see, for a plan that compares with the empty scene.
 * @throws CASCADE_SCENE_NO_FRAMES - when every frame is positive; what opening the footage throws; the signal's reason.
 */
export async function averageEmptyScene(options: EmptySceneOptions, hooks?: FootageTaskHooks): Promise<EmptyScene> {
  const { footage, labels, maxFrames = 500 } = options;
  const empty = labels.filter(({ label }) => !label);
  if (empty.length === 0) throw cascadeErrors.create('CASCADE_SCENE_NO_FRAMES', {});
  const stride = Math.max(1, empty.length / maxFrames);
  const count = Math.min(empty.length, maxFrames);
  const frames = Uint32Array.from({ length: count }, (_, i) => empty[Math.floor(i * stride)]?.frame ?? 0);
  return runFootageTask<'average-scene'>({ kind: 'average-scene', footage, frames }, hooks);
}
