import { expect, it } from 'vitest';
import type { ScoreTable } from '../../../optimizer/index.ts';
import { prepareSearchPart } from '../../../optimizer/search/search-part.ts';
import { stressScores } from '../../../optimizer/search/stress-scores.ts';
import { smallPart } from './small-part.ts';

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));
const logitOf = (confidence: number): number => Math.log(confidence / (1 - confidence));

/** Six blocks of 10 s, each with 5 negative rows and then 5 positive ones. */
const part = smallPart('0000011111'.repeat(6));
// Logits of the positive rows by block; their median is 3, the median distance from it 1.
const logits = [1, 2, 3, 3, 4, 7];
const blockOf = (row: number): number => Math.floor(row / 10);
const table: ScoreTable = {
  part,
  skips: [],
  differences: [
    {
      id: 'scene',
      detector: { metric: { kind: 'global' }, width: 32, height: 32, format: 'gray' },
      tDiffFrames: null,
      scores: Float64Array.from(part.truth, (label, row) =>
        row === 3 ? Number.NaN : label === 1 ? Math.exp(logits[blockOf(row)] ?? 0) : 2,
      ),
    },
    {
      id: 'previous',
      detector: { metric: { kind: 'global' }, width: 32, height: 32, format: 'gray' },
      tDiffFrames: 5,
      // Every row differs from the one 5 s earlier, but for the first five, which have none.
      scores: Float64Array.from(part.truth, (_, row) => (row < 5 ? Number.NaN : Math.exp(logits[blockOf(row)] ?? 0))),
    },
  ],
  specialized: [
    {
      id: 'model',
      multiplyAdds: 1,
      scores: Float32Array.from(part.truth, (label, row) => (label === 1 ? sigmoid(logits[blockOf(row)] ?? 0) : 0.01)),
    },
  ],
};

// Medians by the upper middle: 3, and distances 0, 0, 1, 1, 2, 4 of which the upper middle is 1.
const shift = 1.4826 * (1 + 1 / Math.sqrt(6));

it('moves each score toward the wrong side by how much its side differs from block to block', () => {
  const stressed = stressScores(table, prepareSearchPart(part, 0));
  for (const [row, label] of part.truth.entries()) {
    const logit = logitOf(stressed.specialized[0]?.scores[row] ?? 0);
    // Negative rows are the same in all blocks: they stay.
    expect(logit).toBeCloseTo(label === 1 ? (logits[blockOf(row)] ?? 0) - shift : logitOf(0.01), 4);
    const scene = Math.log(stressed.differences[0]?.scores[row] ?? 0);
    if (row === 3) expect(scene).toBeNaN();
    else expect(scene).toBeCloseTo(label === 1 ? (logits[blockOf(row)] ?? 0) - shift : Math.log(2), 9);
    const previous = Math.log(stressed.differences[1]?.scores[row] ?? 0);
    if (row < 5) expect(previous).toBeNaN();
    else expect(previous).toBeCloseTo((logits[blockOf(row)] ?? 0) - shift, 9);
  }
  expect(stressed.part).toBe(part);
});

it('takes single scores where there are too few blocks to compare', () => {
  const short = smallPart('0000011111');
  const scores = Float32Array.from([0.1, 0.1, 0.1, 0.1, 0.1, ...[1, 2, 3, 4, 7].map(sigmoid)]);
  const few = { part: short, skips: [], differences: [], specialized: [{ id: 'model', multiplyAdds: 1, scores }] };
  const stressed = stressScores(few, prepareSearchPart(short, 0)).specialized[0]?.scores ?? [];
  // One block: 1 + 1 ÷ √1 times the spread of 1.4826.
  expect(logitOf(stressed[7] ?? 0)).toBeCloseTo(3 - 2 * 1.4826, 4);
});
