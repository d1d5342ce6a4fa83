import { type SkipRule, smooth } from '../../../cascade/index.ts';
import type { LabeledPart, LabeledStretch, ScoreTable } from '../../../optimizer/index.ts';

/** What a random table is like. */
export interface RandomTableOptions {
  readonly random: () => number;
  readonly stretches: number;
  /** Most rows of a stretch, at least 2. */
  readonly rows: number;
  readonly step: number;
  readonly smoothingMs: number;
  readonly skips: readonly SkipRule[];
  /** Whether stretches begin anywhere in their file. Default true. */
  readonly hasOffset?: boolean;
}

/** A small table whose scores go with the truth, but not too well; with ties, gaps and missing scores. */
export function randomTable(options: RandomTableOptions): ScoreTable {
  const { random, step, smoothingMs, skips, hasOffset = true } = options;
  const below = (count: number): number => Math.floor(random() * count);
  const stretches: LabeledStretch[] = [];
  let rowCount = 0;
  for (let source = 0; source < options.stretches; source++) {
    const count = 2 + below(options.rows - 1);
    const from = hasOffset ? below(7) : 0;
    stretches.push({
      source,
      range: { from, to: from + (count - 1) * step + 1 + below(step) },
      rows: { from: rowCount, to: rowCount + count },
    });
    rowCount += count;
  }
  const frames = new Uint32Array(rowCount);
  const timestampsUs = new Float64Array(rowCount);
  const rawTruth = new Uint8Array(rowCount);
  const truth = new Uint8Array(rowCount);
  for (const { range, rows } of stretches) {
    let timeUs = 0;
    let label = below(2);
    for (let row = rows.from; row < rows.to; row++) {
      frames[row] = range.from + (row - rows.from) * step;
      timeUs += step * (60_000 + below(80_000));
      timestampsUs[row] = timeUs;
      if (random() < 0.15) label = 1 - label;
      rawTruth[row] = random() < 0.1 ? 1 - label : label;
    }
    const labels = Array.from(rawTruth.subarray(rows.from, rows.to), one => one === 1);
    const smoothed = smooth(timestampsUs.subarray(rows.from, rows.to), labels, smoothingMs);
    truth.set(
      smoothed.map(one => (one ? 1 : 0)),
      rows.from,
    );
  }
  const score = (row: number, scale: number): number =>
    random() < 0.05 ? Number.NaN : Math.round(scale * (0.35 * (rawTruth[row] ?? 0) + 0.65 * random()) * 20) / 20;
  const part: LabeledPart = {
    stretches,
    step,
    frames,
    timestampsUs,
    keyframes: Uint8Array.from(frames, () => (random() < 0.25 ? 1 : 0)),
    rawTruth,
    truth,
  };
  const detector = { metric: { kind: 'global' }, width: 32, height: 32, format: 'gray' } as const;
  const differences = [null, 2 * step, 6 * step].map(tDiffFrames => ({
    id: `difference-${tDiffFrames}`,
    detector,
    tDiffFrames,
    scores: Float64Array.from(frames, (_, row) => score(row, 10)),
  }));
  const specialized = [1, 2].map(size => ({
    id: `model-${size}`,
    multiplyAdds: size * 1000,
    scores: Float32Array.from(frames, (_, row) => score(row, 1)),
  }));
  return { part, skips, differences, specialized };
}
