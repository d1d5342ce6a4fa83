import { expect, it } from 'vitest';
import { describeReach } from '../../../optimizer/report/describe-reach.ts';
import { measureUnsteadiness } from '../../../optimizer/search/measure-unsteadiness.ts';
import { smallPart } from '../search/small-part.ts';

const targetsOf = (rate: number) => ({ falseNegativeRate: rate, falsePositiveRate: rate, confidence: 0.95 });
// A row a second; events of one second, of which every second look misses half.
const flickering = smallPart('0010000010000100000100000010000');
const steady = smallPart('0000000011111111110000000000');

it('says how steady the reference is, and no more where the targets are in reach', () => {
  const words = describeReach(measureUnsteadiness(steady, { smoothingMs: 0, tSkips: [] }), targetsOf(0.2));
  expect(words).toBe('The reference disagrees with its own smoothed answer in 0.00 % of the frames.');
});

it('names what is out of reach, and what helps', () => {
  const words = describeReach(measureUnsteadiness(flickering, { smoothingMs: 0, tSkips: [] }), targetsOf(0.1));
  // Of the five events at rows 2, 8, 13, 19 and 26 every second look sees three, and holds each a second too long.
  expect(words).toContain('on every second frame it misses 40.0 %');
  expect(words).toContain('more smoothing would not be enough');
});

it('names the smoothing that is enough', () => {
  const interval = (rate: number) => [{ tSkip: 2, falseNegativeRate: rate, falsePositiveRate: rate }];
  const window = (smoothingMs: number, rate: number) => ({
    smoothingMs,
    unsteadyShare: rate,
    intervals: interval(rate),
  });
  const unsteadiness = {
    windows: [window(1000, 0.3), window(2000, 0.2), window(4000, 0.01)],
    floor: { tSkip: 2, falseNegativeRate: 0.3, falsePositiveRate: 0.3 },
  };
  expect(describeReach(unsteadiness, targetsOf(0.05))).toContain('--smoothing 4s keeps the targets');
});
