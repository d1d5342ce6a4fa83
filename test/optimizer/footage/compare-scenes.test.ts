import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordSyntheticFootage } from '../../../fixtures/index.ts';
import { compareScenes, type SceneComparison } from '../../../optimizer/footage/compare-scenes.ts';
import { openSources } from '../../../optimizer/index.ts';
import { realData } from '../../real-data.ts';
import { filmMovingCamera, type Shot } from './film-moving-camera.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-scenes-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function compare(...inputs: string[]): Promise<SceneComparison | null> {
  return compareScenes({ sources: await openSources(inputs), sameCamera: false });
}

function film(name: string, seed: number, shotAt: (frame: number) => Shot): string {
  const path = join(folder, `${name}.mp4`);
  filmMovingCamera(path, { seed, profile: 'busy' }, shotAt);
  return path;
}

/** Night falls after two thirds, to a twelfth of the light. */
const nightfall = (frame: number): Shot => ({ light: Math.max(1 / 12, 1 - Math.max(0, frame - 20) / 22) });

describe('compareScenes passes a fixed camera', () => {
  it.each([
    ['in even light', () => ({})],
    ['when night falls', nightfall],
    ['when its picture is black for a while', (frame: number) => (frame < 22 ? { light: 0 } : {})],
    ['when it stood a little to the side for a while', (frame: number) => ({ left: frame < 30 ? 0 : 4 })],
  ] as [string, (frame: number) => Shot][])('%s', async (name, shotAt) => {
    const found = await compare(film(name, 1, shotAt));
    expect(found?.agreement).toBeGreaterThan(0.5);
    expect(found?.shift).toBeLessThan(0.03);
  });

  it('that jitters, over two recordings', async () => {
    const camera = { seed: 3, jitterPx: 2, width: 320, height: 180, frameRateFps: 2, durationSeconds: 24 } as const;
    const paths = [join(folder, 'monday.mp4'), join(folder, 'tuesday.mp4')];
    for (const [i, path] of paths.entries()) {
      await recordSyntheticFootage(path, {
        ...camera,
        profile: i === 0 ? 'quiet' : 'busy',
        keyframeIntervalSeconds: 1,
      });
    }
    expect((await compare(...paths))?.agreement).toBeGreaterThan(0.5);
  });

  it('by day and by night, when there is a dusk between them', async () => {
    const day = film('day', 1, () => ({}));
    const dusk = film('dusk', 1, nightfall);
    const night = film('night', 1, () => ({ light: 1 / 12 }));
    expect((await compare(day, dusk, night))?.agreement).toBeGreaterThan(0.3);
  });

  it('of which there is no more than a picture', async () => {
    expect(await compare(`${film('short', 1, () => ({}))}#t=0,0.5`)).toMatchObject({ shift: 0 });
  });
});

describe('compareScenes refuses', () => {
  it('two cameras, and says how little they agree', async () => {
    const [first, second] = [film('first', 1, () => ({})), film('second', 2, () => ({}))];
    const comparing = compare(first, `${first}#t=15`, second);
    await expect(comparing).rejects.toMatchObject({ code: 'OPTIMIZER_CAMERAS_DIFFER' });
    await expect(comparing).rejects.toThrow(
      /first\.mp4 and .*second\.mp4 do not show the same scene: .* agree by 0\.[01]/,
    );
    expect(await compareScenes({ sources: await openSources([first, second]), sameCamera: true })).toBeNull();
  });

  it.each([
    ['pans', (frame: number) => ({ left: 2 * frame })],
    ['pans slowly, 10 % in all', (frame: number) => ({ left: 2 * Math.floor(frame / 7.5) })],
    ['goes to and fro', (frame: number) => ({ left: 2 * Math.round(30 + 30 * Math.sin(frame / 5)) })],
    ['was turned halfway', (frame: number) => ({ left: frame < 30 ? 0 : 150 })],
    ['was turned a little halfway', (frame: number) => ({ left: frame < 30 ? 0 : 10 })],
  ] as [string, (frame: number) => Shot][])('a camera that %s', async (name, shotAt) => {
    const comparing = compare(film(name, 1, shotAt));
    await expect(comparing).rejects.toMatchObject({ code: 'OPTIMIZER_CAMERA_MOVES' });
    await expect(comparing).rejects.toThrow(/its picture shifts by .* of the width, expected at most 5 %/);
  });

  it('a camera that was put up otherwise for the second recording', async () => {
    const [before, after] = [film('before', 1, () => ({})), film('after', 1, () => ({ left: 10 }))];
    const comparing = compare(before, after);
    await expect(comparing).rejects.toMatchObject({ code: 'OPTIMIZER_CAMERA_MOVES' });
    await expect(comparing).rejects.toThrow('after.mp4 moves');
  });
});

describe.skipIf(realData === null)('compareScenes on real footage', () => {
  const files = ['a13-jamcam', 'car-park', 'one-by-one', 'person-bicycle-car', 'street-junction'];
  const pathOf = (name: string): string => join(realData ?? '', 'video', `${name}.mp4`);

  it.each(files)(
    'passes %s, and its halves',
    async name => {
      const [source] = await openSources([pathOf(name)]);
      const middle = (source?.info.durationUs ?? 0) / 2e6;
      const whole = await compare(pathOf(name));
      const halves = await compare(`${pathOf(name)}#t=0,${middle}`, `${pathOf(name)}#t=${middle}`);
      for (const [what, found] of Object.entries({ whole, halves })) {
        console.log(`${name}, ${what}: agreement ${found?.agreement?.toFixed(2)}, shift ${found?.shift.toFixed(3)}`);
        expect(found?.agreement).toBeGreaterThan(0.4);
        expect(found?.shift).toBeLessThan(0.04);
      }
    },
    60_000,
  );

  it('tells all pairs apart', async () => {
    for (const [i, first] of files.entries()) {
      for (const second of files.slice(i + 1)) {
        const comparing = compare(pathOf(first), pathOf(second));
        await expect(comparing).rejects.toMatchObject({ code: 'OPTIMIZER_CAMERAS_DIFFER' });
        const message = await comparing.catch((error: Error) => error.message);
        const agreement = Number(/agree by (-?[\d.]+)/.exec(String(message))?.[1]);
        console.log(`${first} and ${second}: agreement ${agreement}`);
        expect(agreement).toBeLessThan(0.2);
      }
    }
  }, 120_000);
});
