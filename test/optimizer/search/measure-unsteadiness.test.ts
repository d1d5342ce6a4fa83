import { expect, it } from 'vitest';
import { measureUnsteadiness } from '../../../optimizer/index.ts';
import { smallPart } from './small-part.ts';

// A second a row; the reference flickers off within the event and on once without one.
const raw = '0000111011110000000100000000';
const smoothed = '0000111111110000000000000000';

it('counts the errors of the reference alone on every k-th frame against its answers on every frame', () => {
  const { windows, floor } = measureUnsteadiness(smallPart(smoothed, raw), { smoothingMs: 3000, tSkips: [1, 4, 8] });
  const [own] = windows;
  expect(own?.unsteadyShare).toBeCloseTo(2 / 28, 12);
  expect(own?.intervals).toEqual([
    { tSkip: 1, falseNegativeRate: 0, falsePositiveRate: 0 },
    // Looked at: 0, 2, 4, …, all of 4 to 11 positive: by luck no error.
    { tSkip: 2, falseNegativeRate: 0, falsePositiveRate: 0 },
    { tSkip: 4, falseNegativeRate: 0, falsePositiveRate: 0 },
    // Only 8 is looked at within the event: its label is carried from 8 to 15.
    { tSkip: 8, falseNegativeRate: 0.5, falsePositiveRate: 0.2 },
  ]);
  expect(floor).toEqual(own?.intervals[1]);
});

it('smooths anew with twice and four times the window', () => {
  const { windows } = measureUnsteadiness(smallPart(smoothed, raw), { smoothingMs: 3000, tSkips: [2] });
  expect(windows.map(({ smoothingMs }) => smoothingMs)).toEqual([3000, 6000, 12_000]);
  // Of rows 1 to 7 three are positive: row 4 turns negative too, besides rows 7 and 19.
  expect(windows[1]?.unsteadyShare).toBeCloseTo(3 / 28, 12);
  const off = measureUnsteadiness(smallPart(raw), { smoothingMs: 0, tSkips: [] });
  expect(off.windows).toHaveLength(1);
  expect(off.windows[0]?.unsteadyShare).toBe(0);
});

it('takes rows as they lie: intervals that are no multiple of their distance are left out', () => {
  const part = { ...smallPart(smoothed, raw), step: 3 };
  const { windows, floor } = measureUnsteadiness(part, { smoothingMs: 3000, tSkips: [1, 3, 5, 12] });
  expect(windows[0]?.intervals.map(({ tSkip }) => tSkip)).toEqual([3, 6, 12]);
  expect(floor.tSkip).toBe(6);
});
