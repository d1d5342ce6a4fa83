import type { FootageSource, ReferenceLabels } from '../../../optimizer/index.ts';

/** A source that has no file: frames at a steady rate, a keyframe every so many frames. */
export function madeUpSource(options: {
  frames: number;
  frameRateFps?: number;
  keyframeEvery?: number;
  range?: { from: number; to: number };
  sha256?: string;
}): FootageSource {
  const { frames, frameRateFps = 10, keyframeEvery = 20, range = { from: 0, to: frames }, sha256 = 'ab' } = options;
  const frameUs = 1e6 / frameRateFps;
  return {
    footage: { path: 'made-up.mp4', streamId: 'made-up' },
    sha256,
    range,
    info: {
      path: 'made-up.mp4',
      container: 'made up',
      codec: 'none',
      width: 64,
      height: 64,
      rotationDegrees: 0,
      frameRateFps,
      durationUs: frames * frameUs,
      hasAudio: false,
      sizeBytes: 1,
    },
    table: {
      timestampsUs: Float64Array.from({ length: frames }, (_, i) => 5e6 + i * frameUs),
      keyframes: Uint32Array.from({ length: Math.ceil(frames / keyframeEvery) }, (_, i) => i * keyframeEvery),
    },
  };
}

/** Labels of sources, a person in the middle of the frame where it is positive. */
export function madeUpLabels(
  sources: readonly FootageSource[],
  step: number,
  isPositive: (source: number, frame: number) => boolean,
): ReferenceLabels {
  const person = { label: 'person', score: 0.9, box: { x: 0.4, y: 0.4, width: 0.1, height: 0.2 } };
  const detections = sources.map(({ range }, source) => {
    const frames = Array.from({ length: Math.ceil((range.to - range.from) / step) }, (_, i) => range.from + i * step);
    return new Map(frames.map(frame => [frame, isPositive(source, frame) ? [person] : []]));
  });
  return { step, detections };
}
