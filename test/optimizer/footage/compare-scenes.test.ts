import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FootageEncoder } from '../../../fixtures/camera/footage-encoder.ts';
import { createYuvPicture } from '../../../fixtures/camera/yuv-picture.ts';
import { recordSyntheticFootage, SyntheticCamera } from '../../../fixtures/index.ts';
import { compareScenes } from '../../../optimizer/footage/compare-scenes.ts';
import { openSources } from '../../../optimizer/index.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-scenes-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const small = { width: 320, height: 180, frameRateFps: 5, durationSeconds: 12, keyframeIntervalSeconds: 1 };

async function film(name: string, seed: number): Promise<string> {
  const path = join(folder, name);
  await recordSyntheticFootage(path, { ...small, seed, jitterPx: 2, profile: 'busy' });
  return path;
}

it('takes one camera, refuses two, unless told', async () => {
  const sources = await openSources([await film('one.mp4', 1), await film('two.mp4', 2)]);
  const [one, two] = sources;
  if (one === undefined || two === undefined) throw new Error('There are two.');
  await compareScenes({ sources: [one, one], sameCamera: false });
  await expect(compareScenes({ sources, sameCamera: false })).rejects.toMatchObject({
    code: 'OPTIMIZER_CAMERAS_DIFFER',
  });
  await compareScenes({ sources, sameCamera: true });
});

it('refuses a camera that pans', async () => {
  const path = join(folder, 'pan.mp4');
  const camera = new SyntheticCamera({ ...small, width: 1280 });
  const whole = createYuvPicture(1280, small.height);
  const part = createYuvPicture(small.width, small.height);
  {
    using encoder = new FootageEncoder(path, { ...camera.options, width: small.width }, small);
    for (let index = 0; index < camera.frameCount; index++) {
      camera.render(index, whole);
      const shift = 2 * Math.floor((480 * index) / camera.frameCount);
      for (let y = 0; y < small.height; y++) {
        part.y.set(whole.y.subarray(y * 1280 + shift, y * 1280 + shift + small.width), y * small.width);
      }
      part.u.fill(128);
      part.v.fill(128);
      encoder.write(part);
    }
    encoder.finish();
  }
  const sources = await openSources([path]);
  await expect(compareScenes({ sources, sameCamera: false })).rejects.toMatchObject({ code: 'OPTIMIZER_CAMERA_MOVES' });
});
