import { FootageEncoder } from '../../../fixtures/camera/footage-encoder.ts';
import { createYuvPicture, type YuvPicture } from '../../../fixtures/camera/yuv-picture.ts';
import { type CameraOptions, SyntheticCamera } from '../../../fixtures/index.ts';

/** What becomes of a frame: where the window lies in the larger frame, and how bright it is. */
export interface Shot {
  /** Left edge of the window in px, even. Default 0. */
  readonly left?: number;
  /** Luma is multiplied by it, 0–1. Default 1. */
  readonly light?: number;
}

const [width, height] = [160, 96];

/**
 * Films 60 frames of a synthetic scene of 320x96 px through a window of half its width, which may move, in a light that may
 * change.
 */
export function filmMovingCamera(path: string, scene: CameraOptions, shotAt: (frame: number) => Shot): void {
  const camera = new SyntheticCamera({ ...scene, width: 320, height, frameRateFps: 2, durationSeconds: 30 });
  using encoder = new FootageEncoder(path, { width, height, frameRateFps: 2 }, { keyframeIntervalSeconds: 1 });
  const window = createYuvPicture(width, height);
  const whole = createYuvPicture(320, height);
  for (let frame = 0; frame < camera.frameCount; frame++) {
    camera.render(frame, whole);
    const { left = 0, light = 1 } = shotAt(frame);
    copyWindow(whole, window, left);
    for (let i = 0; i < window.y.length; i++) window.y[i] = 16 + ((window.y[i] ?? 16) - 16) * light;
    encoder.write(window);
  }
  encoder.finish();
}

function copyWindow(from: YuvPicture, to: YuvPicture, left: number): void {
  for (let row = 0; row < to.height; row++) {
    to.y.set(from.y.subarray(row * from.width + left, row * from.width + left + to.width), row * to.width);
  }
  const [fromWidth, toWidth] = [from.width / 2, to.width / 2];
  for (let row = 0; row < to.height / 2; row++) {
    const at = row * fromWidth + left / 2;
    to.u.set(from.u.subarray(at, at + toWidth), row * toWidth);
    to.v.set(from.v.subarray(at, at + toWidth), row * toWidth);
  }
}
