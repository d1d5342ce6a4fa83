import type { ScoreTable } from '../candidate-scores.ts';
import type { SearchPart } from './search-part.ts';

/** Confidences are taken as no surer than this, so that a logit exists. */
const leastConfidence = 1e-7;
/** Differences are taken as no smaller than this, so that a logarithm exists. */
const leastDifference = 1e-6;
/** Fewer blocks than these say nothing of how blocks differ: then single scores stand for them. */
const fewestBlocks = 5;
/** Median absolute deviation to standard deviation, for the normal distribution: 1 ÷ Φ⁻¹(3/4). */
const deviationOfMedian = 1.4826;

/**
 * The table as it would look if all footage were harder than this: every score moved toward the wrong side by how much
 * scores differ from block to block. Thresholds that keep the targets here have a margin, which the cheapest of thousands
 * of plans would otherwise lack (the winner's curse): what is cheapest is so, not least, by luck.
 *
 * Scores move on the scale on which they scatter evenly: confidences as logits, differences as logarithms. Each side
 * moves by its own spread, the median absolute deviation of the medians of its blocks, taken 1 + 1 ÷ √blocks times: less
 * is known of the spread of few blocks. Tried on 16 draws of 10 simulated minutes: one spread kept targets of 1 % in 88 %
 * of them, this factor and two spreads in all, the latter at six times the cost. More draws are in docs/accuracy.md.
 */
export function stressScores(table: ScoreTable, search: SearchPart): ScoreTable {
  const { stretches, rawTruth } = table.part;
  const stretchFrom = new Int32Array(rawTruth.length);
  for (const { rows } of stretches) stretchFrom.fill(rows.from, rows.from, rows.to);
  const differences = table.differences.map(candidate => {
    const distance = candidate.tDiffFrames === null ? null : candidate.tDiffFrames / table.part.step;
    const isHigher = rawTruth.map((label, row) => {
      const other = distance === null ? -1 : row - distance;
      if (distance !== null && other < (stretchFrom[row] ?? 0)) return 0;
      return label === (distance === null ? 0 : rawTruth[other]) ? 0 : 1;
    });
    const scale = candidate.scores.map(score => Math.log(Math.max(score, leastDifference)));
    return { ...candidate, scores: moved(scale, isHigher, search).map(Math.exp) };
  });
  const specialized = table.specialized.map(candidate => {
    const scale = Float64Array.from(candidate.scores, confidence => {
      const inside = Math.min(1 - leastConfidence, Math.max(leastConfidence, confidence));
      return Math.log(inside / (1 - inside));
    });
    const logits = moved(scale, rawTruth, search);
    return { ...candidate, scores: Float32Array.from(logits, logit => 1 / (1 + Math.exp(-logit))) };
  });
  return { ...table, differences, specialized };
}

/** Moves the scores that ought to be higher down and the others up. */
function moved(scores: Float64Array, isHigher: Uint8Array, search: SearchPart): Float64Array {
  const down = margin(scores, isHigher, 1, search);
  const up = margin(scores, isHigher, 0, search);
  return scores.map((score, row) => (isHigher[row] === 1 ? score - down : score + up));
}

/** How far the scores of one side move. */
function margin(scores: Float64Array, isHigher: Uint8Array, side: 0 | 1, { blocks }: SearchPart): number {
  const byBlock = new Map<number, number[]>();
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row] ?? Number.NaN;
    if (isHigher[row] !== side || Number.isNaN(score)) continue;
    const block = blocks.blockOf[row] ?? 0;
    const scoresOf = byBlock.get(block) ?? [];
    scoresOf.push(score);
    byBlock.set(block, scoresOf);
  }
  if (byBlock.size === 0) return 0;
  const own = [...byBlock.values()];
  const medians = own.length < fewestBlocks ? own.flat() : own.map(median);
  const middle = median(medians);
  const spread = deviationOfMedian * median(medians.map(value => Math.abs(value - middle)));
  return spread * (1 + 1 / Math.sqrt(own.length));
}

function median(values: readonly number[]): number {
  return Float64Array.from(values).sort()[values.length >> 1] ?? 0;
}
