import { describe, expect, it } from 'vitest';
import { createDifferenceDetector, type SkipRule } from '../../../cascade/index.ts';
import { differenceCandidates } from '../../../optimizer/index.ts';

const every = (...tSkips: number[]): SkipRule[] => tSkips.map(tSkip => ({ kind: 'every', tSkip }));
const distancesOf = (options: Parameters<typeof differenceCandidates>[0]): number[] => [
  ...new Set(differenceCandidates(options).flatMap(({ tDiffFrames }) => tDiffFrames ?? [])),
];

describe.each([
  { frameRateFps: 25, tSkips: [1, 2, 3, 5, 10, 15, 25] },
  { frameRateFps: 30, tSkips: [1, 2, 5, 10, 15, 30] },
  { frameRateFps: 29.97, tSkips: [1, 2, 4, 8, 15, 30] },
  { frameRateFps: 12, tSkips: [1, 2, 3, 6, 12, 24] },
  { frameRateFps: 5, tSkips: [1, 2, 5, 10] },
  { frameRateFps: 1, tSkips: [1, 2, 3] },
  { frameRateFps: 60, tSkips: [1, 2, 6, 12, 30, 60] },
])('candidates at $frameRateFps frames/s for every $tSkips', ({ frameRateFps, tSkips }) => {
  const candidates = differenceCandidates({ frameRateFps, skips: [...every(...tSkips), { kind: 'keyframes' }] });

  it('are 7 to 16 different ones, which the cascade takes', () => {
    expect(candidates.length).toBeGreaterThanOrEqual(7);
    expect(candidates.length).toBeLessThanOrEqual(16);
    expect(new Set(candidates.map(({ id }) => id)).size).toBe(candidates.length);
    for (const { detector } of candidates)
      expect(createDifferenceDetector(detector).request).toMatchObject(sizeOf(detector));
  });

  it('fit every skip rule, also against earlier frames', () => {
    for (const tSkip of tSkips) {
      expect(candidates.some(({ tDiffFrames }) => tDiffFrames !== null && tDiffFrames % tSkip === 0)).toBe(true);
    }
  });
});

function sizeOf({ width, height, format }: { width: number; height: number; format: string }): object {
  return { width, height, format };
}

it('are about half a second and a second back, where a distance fits most skip rules', () => {
  expect(distancesOf({ frameRateFps: 25, skips: every(1, 2, 3, 5, 10, 15) })).toEqual([10, 30]);
  expect(distancesOf({ frameRateFps: 30, skips: every(1) })).toEqual([15, 30]);
  expect(distancesOf({ frameRateFps: 25, skips: every(1, 2, 4, 8, 50) })).toEqual([12, 24, 50]);
});

it('are multiples of the distance of rows', () => {
  for (const step of [2, 3, 5, 40]) {
    for (const distance of distancesOf({ frameRateFps: 25, skips: every(step, 2 * step), step })) {
      expect(distance % step).toBe(0);
    }
  }
});

it('compare with the empty scene alone when only keyframes are looked at', () => {
  const candidates = differenceCandidates({ frameRateFps: 25, skips: [{ kind: 'keyframes' }] });
  expect(candidates.map(({ id }) => id)).toEqual([
    'global-32-scene',
    'global-64-scene',
    'blocked5-64-scene',
    'blocked10-64-scene',
  ]);
});
