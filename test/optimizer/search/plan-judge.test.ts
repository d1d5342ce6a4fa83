import { expect, it } from 'vitest';
import type { FoundPlan } from '../../../optimizer/index.ts';
import { PlanJudge } from '../../../optimizer/search/plan-judge.ts';
import { prepareSearchPart } from '../../../optimizer/search/search-part.ts';
import { smallPart } from './small-part.ts';

const part = smallPart('0011');
const models = [
  { id: 'large', multiplyAdds: 2000, scores: new Float32Array(4) },
  { id: 'small', multiplyAdds: 1000, scores: new Float32Array(4) },
];
const judge = new PlanJudge({
  table: { part, skips: [], differences: [], specialized: models },
  search: prepareSearchPart(part, 0),
  model: {
    costs: {
      decodeUs: 1,
      keyframeUs: 1,
      demuxUs: 1,
      differenceUs: {},
      specializedUs: {},
      referenceSendUs: 1,
      referenceUs: 1,
      decisionUs: 1,
    },
    processes: { workers: 1, replicas: 1, cores: 1 },
  },
  compared: 1,
});

function plan(frameUs: number, difference: string | null, specialized: string | null, missed = 0): FoundPlan {
  const rate = (estimate: number) => ({ estimate, bound: 1, errors: 0, frames: 1, blocks: 1 });
  return {
    structure: { skip: { kind: 'every', tSkip: 1 }, difference, specialized },
    thresholds: { deltaDiff: null, cLow: null, cHigh: null },
    status: 'estimated',
    counts: { frames: 1, decoded: 1, keyframes: 0, compared: 0, scored: 0, referenced: 0 },
    cost: {
      frameUs,
      framesPerSecond: 1e6 / frameUs,
      bottleneck: 'cores',
      stagesUs: { decode: 0, difference: 0, specialized: 0, reference: 0, decision: 0 },
    },
    errors: { falseNegative: rate(missed), falsePositive: rate(0.001) },
  };
}

it.each([
  // [why the first is preferred, first, second]
  ['it is cheaper by more than 10 %', plan(100, 'd', 'large', 0.01), plan(125, null, null)],
  // 102 and 104 lie in one level: 1.1^48 = 97.0 to 1.1^49 = 106.7
  ['it has fewer stages', plan(104, null, 'large', 0.01), plan(102, 'd', 'small')],
  ['its model is smaller', plan(104, null, 'small', 0.01), plan(102, null, 'large')],
  ['it has fewer errors', plan(104, null, 'small', 0.004), plan(102, null, 'small', 0.01)],
])('of two plans the first is preferred: %s', (_, first, second) => {
  const targets = { falseNegativeRate: 0.01, falsePositiveRate: 0.01, confidence: 0.95 };
  expect(judge.preference(targets)(first, second)).toBeLessThan(0);
  expect(judge.preference(targets)(second, first)).toBeGreaterThan(0);
});
