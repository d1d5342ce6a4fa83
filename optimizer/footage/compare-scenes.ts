import { readPictures } from '../../cascade/index.ts';
import { optimizerErrors } from '../errors.ts';
import type { FootageSource } from '../footage-source.ts';
import { type SceneEdges, sceneAgreement, sceneEdges, sceneSize } from './scene-edges.ts';

/** What to compare. */
export interface CompareScenesOptions {
  /** Of one camera, as is claimed. */
  readonly sources: readonly FootageSource[];
  /** Believes that without looking. */
  readonly sameCamera: boolean;
  /** Stops; the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Blocks of time of a source that are compared, and frames of each. */
const blocks = 6;
const framesPerBlock = 12;
/** Fewer frames than these a block give no picture without what passes by. */
const fewestFrames = 3;
/**
 * Least agreement of two pictures of one scene. Measured: blocks of one camera agree by 0.34 at least with some other of
 * their kind (`a13-jamcam.mp4`, day and night; all others 0.55 and more), blocks of different cameras by 0.20 at most (17
 * clips, real and synthetic, all pairs).
 */
const leastAgreement = 0.27;
/** Largest shift between two blocks, as a share of the width: the same clips have up to 2 % (a camera in the wind). */
const mostShift = 0.04;

/**
 * Refuses footage of two cameras, and of a camera that moves: compares the edges of the background, which daylight does not
 * change, between blocks of time and between sources. Looks at 72 frames a source at most, in worker processes.
 * @throws OPTIMIZER_CAMERA_MOVES, OPTIMIZER_CAMERAS_DIFFER - with the measure.
 */
export async function compareScenes({ sources, sameCamera, signal }: CompareScenesOptions): Promise<void> {
  if (sameCamera) return;
  const scenes: SceneEdges[][] = [];
  for (const source of sources) {
    const edges = await readScenes(source, signal);
    checkStandsStill(source, edges);
    scenes.push(edges);
  }
  const [first = [], ...others] = scenes;
  for (const [i, other] of others.entries()) {
    if (first.length === 0 || other.length === 0) continue;
    const best = Math.max(...first.flatMap(a => other.map(b => sceneAgreement(a, b).agreement)));
    if (best >= leastAgreement) continue;
    throw optimizerErrors.create('OPTIMIZER_CAMERAS_DIFFER', {
      first: sources[0]?.info.path ?? '',
      second: sources[i + 1]?.info.path ?? '',
      agreement: best.toFixed(2),
      expected: `${leastAgreement} or more`,
    });
  }
}

/** A camera that was turned shows in every block that follows; one that pans, in every block. */
function checkStandsStill({ info }: FootageSource, edges: readonly SceneEdges[]): void {
  for (const [i, edge] of edges.entries()) {
    const others = edges.filter((_, other) => other !== i).map(other => sceneAgreement(edge, other));
    const [best] = others.sort((a, b) => b.agreement - a.agreement);
    if (best === undefined) return;
    if (best.agreement >= leastAgreement && best.shift <= mostShift) continue;
    const isLost = best.agreement < leastAgreement;
    throw optimizerErrors.create('OPTIMIZER_CAMERA_MOVES', {
      path: info.path,
      measure: isLost ? 'more than can be followed (6 %)' : `${(100 * best.shift).toFixed(0)} %`,
      expected: `${100 * mostShift} %`,
    });
  }
}

async function readScenes(
  { footage, table, range }: FootageSource,
  signal: AbortSignal | undefined,
): Promise<SceneEdges[]> {
  // Keyframes cost one decode each; other frames all those since the keyframe before.
  const keyframes = [...table.keyframes].filter(frame => frame >= range.from && frame < range.to);
  const isEnough = keyframes.length >= blocks * fewestFrames;
  const all = isEnough ? keyframes : spread(range, blocks * fewestFrames * 2);
  const wanted = Array.from({ length: blocks }, (_, block) => {
    const own = all.slice(Math.floor((block * all.length) / blocks), Math.floor(((block + 1) * all.length) / blocks));
    const stride = Math.max(1, Math.ceil(own.length / framesPerBlock));
    return own.filter((_, i) => i % stride === 0);
  });
  const pictures = await readPictures(
    { footage, frames: wanted.flat(), request: { ...sceneSize, format: 'gray' } },
    { signal },
  );
  return wanted.flatMap(frames => {
    const found = frames.flatMap(frame => pictures.get(frame) ?? []);
    return found.length < fewestFrames ? [] : [sceneEdges(found)];
  });
}

/** Frames of a range, evenly spread. */
function spread({ from, to }: FootageSource['range'], most: number): number[] {
  const count = Math.min(to - from, most);
  return Array.from({ length: count }, (_, i) => from + Math.floor((i * (to - from)) / count));
}
