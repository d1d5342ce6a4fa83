import { expect, it } from 'vitest';
import { smooth } from '../../../cascade/index.ts';
import { measurePlan } from '../../../optimizer/search/measure-plan.ts';
import { seeded } from '../../cascade/random.ts';
import { syntheticScores } from './synthetic-scores.ts';

const smoothingMs = 600;

/** Frame by frame, as the documentation of the cascade says it. */
function naive(
  table: ReturnType<typeof syntheticScores>,
  plan: Parameters<typeof measurePlan>[1],
): { labels: number[]; referenced: number } {
  const { structure, thresholds } = plan;
  const { part } = table;
  const tSkip = structure.skip.kind === 'every' ? structure.skip.tSkip : 1;
  const difference = table.differences.find(({ id }) => id === structure.difference);
  const model = table.specialized.find(({ id }) => id === structure.specialized);
  const raw: boolean[] = [];
  let referenced = 0;
  for (let row = 0; row < part.truth.length; row++) {
    if (row % tSkip !== 0) {
      raw.push(raw[row - 1] as boolean);
      continue;
    }
    const score = difference?.scores[row] ?? Number.NaN;
    const confidence = model?.scores[row] ?? Number.NaN;
    if (score < (thresholds.deltaDiff ?? 0)) {
      raw.push(difference?.tDiffFrames == null ? false : (raw[row - difference.tDiffFrames] as boolean));
    } else if (confidence < (thresholds.cLow ?? 0)) raw.push(false);
    else if (confidence > (thresholds.cHigh ?? 1)) raw.push(true);
    else {
      referenced++;
      raw.push(part.rawTruth[row] === 1);
    }
  }
  return { labels: smooth(part.timestampsUs, raw, smoothingMs).map(Number), referenced };
}

it('answers as the cascade is defined, for any thresholds', () => {
  const random = seeded(5);
  const table = syntheticScores({
    seed: 4,
    seconds: 120,
    frameRateFps: 5,
    gapSeconds: 8,
    hardShare: 0.2,
    models: 2,
    skips: [{ kind: 'every', tSkip: 1 }],
    smoothingMs,
  });
  const among = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)] as Value;
  for (let round = 0; round < 200; round++) {
    const tSkip = among([1, 2, 5]);
    const fitting = table.differences.filter(({ tDiffFrames }) => tDiffFrames === null || tDiffFrames % tSkip === 0);
    const difference = among([null, ...fitting]);
    const model = among([null, ...table.specialized]);
    const [cLow, cHigh] = [random(), random()].sort((a, b) => a - b) as [number, number];
    const plan = {
      structure: {
        skip: { kind: 'every', tSkip } as const,
        difference: difference?.id ?? null,
        specialized: model?.id ?? null,
      },
      thresholds: {
        deltaDiff: difference === null ? null : among([...difference.scores].filter(score => score >= 0)),
        cLow: model === null ? null : cLow,
        cHigh: model === null ? null : cHigh,
      },
    };
    const expected = naive(table, plan);
    const measured = measurePlan(table, plan, { smoothingMs, confidence: 0.95 });
    expect([...measured.labels]).toEqual(expected.labels);
    expect(measured.counts.referenced).toBe(expected.referenced);
    const { truth } = table.part;
    const missed = expected.labels.filter((label, row) => truth[row] === 1 && label === 0).length;
    expect(measured.errors.falseNegative.errors).toBe(missed);
  }
});
