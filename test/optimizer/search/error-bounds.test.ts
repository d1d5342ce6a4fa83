import { describe, expect, it } from 'vitest';
import { cutBlocks } from '../../../optimizer/search/cut-blocks.ts';
import { boundErrors, footageNeeded, tailOf, tallyErrors } from '../../../optimizer/search/error-bounds.ts';
import { prepareSearchPart } from '../../../optimizer/search/search-part.ts';
import { smallPart } from './small-part.ts';

describe('cutBlocks', () => {
  it.each([
    // A block of 10 s; the rest of 4 s is added to it.
    ['0'.repeat(15), [15]],
    ['0'.repeat(25), [10, 15]],
    ['0'.repeat(30), [10, 10, 10]],
    // The event at the border stays whole.
    [`${'0'.repeat(8)}11111${'0'.repeat(10)}`, [13, 10]],
    // One without an end is cut after 30 s.
    ['1'.repeat(70), [30, 30, 10]],
    ['', []],
  ])('%s', (truth, lengths) => {
    const { blockOf, count } = cutBlocks(smallPart(truth));
    expect(count).toBe(lengths.length);
    expect(Array.from(blockOf)).toEqual(lengths.flatMap((length, block) => new Array<number>(length).fill(block)));
  });

  it('starts anew with each stretch', () => {
    const part = smallPart('0'.repeat(24));
    const stretches = [
      { source: 0, range: { from: 0, to: 4 }, rows: { from: 0, to: 4 } },
      { source: 0, range: { from: 4, to: 24 }, rows: { from: 4, to: 24 } },
    ];
    expect(Array.from(cutBlocks({ ...part, stretches }).blockOf).join('')).toBe('000011111111112222222222');
  });
});

const event = '0000011100';

it('counts wrong frames by what the truth says, rows that stand for several frames as so many', () => {
  const part = { ...smallPart(event.repeat(6)), step: 3 };
  const search = prepareSearchPart(part, 0);
  const labels = Uint8Array.from(part.truth);
  labels[5] = 0;
  labels[0] = 1;
  labels[1] = 1;
  const errors = boundErrors(search, tallyErrors(search, labels), { confidence: 0.95 });
  expect(errors.falseNegative).toMatchObject({ errors: 3, frames: 54, estimate: 1 / 18, blocks: 6 });
  expect(errors.falsePositive).toMatchObject({ errors: 6, frames: 126, estimate: 2 / 42, blocks: 6 });
  const shared = boundErrors(search, tallyErrors(search, labels), { confidence: 0.95, compared: 8 });
  expect(shared.falseNegative.bound).toBeGreaterThan(errors.falseNegative.bound);
  expect(errors.falseNegative.bound).toBeGreaterThan(1 / 18);
});

it('knows nothing of a rate without frames', () => {
  const search = prepareSearchPart(smallPart('0'.repeat(60)), 0);
  const tally = tallyErrors(search, new Uint8Array(60));
  const errors = boundErrors(search, tally, { confidence: 0.95 });
  expect(errors.falseNegative).toEqual({ estimate: null, bound: 1, errors: 0, frames: 0, blocks: 0 });
  const targets = { falseNegativeRate: 0.1, falsePositiveRate: 0.1, confidence: 0.95 };
  expect(footageNeeded(search, tally, { targets })).toBeNull();
});

it('shares what the confidence leaves among both rates of all plans compared', () => {
  expect(tailOf({ confidence: 0.95 })).toBeCloseTo(0.025, 12);
  expect(tailOf({ confidence: 0.9, compared: 5 })).toBeCloseTo(0.01, 12);
});

describe('footageNeeded', () => {
  const search = prepareSearchPart(smallPart(event.repeat(20)), 0);
  const right = tallyErrors(search, search.part.truth);
  const targets = (rate: number) => ({ falseNegativeRate: rate, falsePositiveRate: rate, confidence: 0.95 });

  it('is what the exact bound without errors says', () => {
    // 1 - 0.025^(1/n) <= 0.02 from n = ln 0.025 / ln 0.98 = 182.6 blocks of 10 s on; 20 are there.
    const seconds = footageNeeded(search, right, { targets: targets(0.02) });
    expect(seconds).toBeGreaterThanOrEqual(1826 - 200);
    expect(seconds).toBeLessThan((1826 - 200) * 1.03);
  });

  it('is 0 where the bounds are kept, and null where a rate is not', () => {
    expect(footageNeeded(search, right, { targets: targets(0.3) })).toBe(0);
    const labels = Uint8Array.from(search.part.truth);
    labels[5] = 0;
    expect(footageNeeded(search, tallyErrors(search, labels), { targets: targets(1 / 60) })).toBeNull();
    expect(footageNeeded(search, tallyErrors(search, labels), { targets: targets(0.1) })).toBeGreaterThan(0);
  });
});
