import { describe, expect, it } from 'vitest';
import { decide, type Scores, type Thresholds, type Verdict } from '../../cascade/decide.ts';

/** The same rules in the words of the paper, one sentence a line, without a thought for order or speed. */
function oracle({ deltaDiff, cLow, cHigh }: Thresholds, { difference, confidence }: Scores): Verdict {
  const hasDetector = deltaDiff !== null;
  const hasModel = cLow !== null && cHigh !== null;
  const detectorAsked = difference !== undefined;
  const modelAsked = confidence !== undefined;
  const unchanged = hasDetector && typeof difference === 'number' && difference < deltaDiff;
  const rejects = hasModel && typeof confidence === 'number' && confidence < cLow;
  const accepts = hasModel && typeof confidence === 'number' && confidence > cHigh;
  if (hasDetector && !detectorAsked) return 'ask-difference';
  if (unchanged) return 'unchanged';
  if (hasModel && !modelAsked) return 'ask-specialized';
  if (rejects) return 'rejected';
  if (accepts) return 'accepted';
  return 'ask-reference';
}

const differences = [undefined, null, Number.NaN, 0, 0.5, 1, 2, Number.POSITIVE_INFINITY];
const confidences = [undefined, null, Number.NaN, 0, 0.2, 0.5, 0.8, 1];
const deltas = [null, 0, 1];
const lowsAndHighs: [number | null, number | null][] = [
  [null, null],
  [0, 1],
  [0.2, 0.8],
  [0.5, 0.5],
  [0, 0],
  [1, 1],
];

describe('decide', () => {
  it('agrees with the oracle on every combination of thresholds and scores', () => {
    let combinations = 0;
    for (const deltaDiff of deltas) {
      for (const [cLow, cHigh] of lowsAndHighs) {
        for (const difference of differences) {
          for (const confidence of confidences) {
            const thresholds = { deltaDiff, cLow, cHigh };
            const scores: Scores = {
              ...(difference === undefined ? {} : { difference }),
              ...(confidence === undefined ? {} : { confidence }),
            };
            expect(decide(thresholds, scores), JSON.stringify({ thresholds, scores })).toBe(oracle(thresholds, scores));
            combinations++;
          }
        }
      }
    }
    expect(combinations).toBe(3 * 6 * 8 * 8);
  });

  it.each([
    // A score on the threshold is not sure.
    [{ deltaDiff: 1, cLow: null, cHigh: null }, { difference: 1 }, 'ask-reference'],
    [{ deltaDiff: null, cLow: 0.2, cHigh: 0.8 }, { confidence: 0.2 }, 'ask-reference'],
    [{ deltaDiff: null, cLow: 0.2, cHigh: 0.8 }, { confidence: 0.8 }, 'ask-reference'],
    // Nothing to compare with yet counts as changed.
    [{ deltaDiff: 1, cLow: null, cHigh: null }, { difference: null }, 'ask-reference'],
    // The specialized model is not asked about an unchanged frame.
    [{ deltaDiff: 1, cLow: 0.2, cHigh: 0.8 }, { difference: 0.5 }, 'unchanged'],
  ] as const)('%j with %j: %s', (thresholds, scores, verdict) => {
    expect(decide(thresholds, scores)).toBe(verdict);
  });

  it('asks the stages in the order of their cost, each once', () => {
    const thresholds = { deltaDiff: 1, cLow: 0.2, cHigh: 0.8 };
    expect(decide(thresholds, {})).toBe('ask-difference');
    expect(decide(thresholds, { difference: 2 })).toBe('ask-specialized');
    expect(decide(thresholds, { difference: 2, confidence: 0.5 })).toBe('ask-reference');
  });
});
