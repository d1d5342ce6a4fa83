import { describe, expect, it } from 'vitest';
import type { PlanExpectation } from '../../../cascade/index.ts';
import { type OptimizerReport, type ReportedMistake, whatNext } from '../../../optimizer/index.ts';
import { sampleReport } from './sample-report.ts';

const sample = sampleReport({ seconds: 20 });
const quiet: OptimizerReport = {
  ...sample,
  mistakes: [],
  chosen: {
    ...sample.chosen,
    cost: {
      ...sample.chosen.cost,
      stagesUs: { decode: 40, difference: 10, specialized: 20, reference: 25, decision: 5 },
    },
    measuredFramesPerSecond: sample.chosen.cost.framesPerSecond * 1.1,
  },
};
const expecting = (changes: Partial<PlanExpectation>): OptimizerReport['plan'] => {
  const { expected } = quiet.plan;
  return { ...quiet.plan, expected: expected && { ...expected, ...changes } };
};
const mistake: ReportedMistake = {
  source: 0,
  frame: 1,
  seconds: 1,
  kind: 'missed',
  frames: 10,
  decidedBy: 'rejected',
  difference: null,
  confidence: 0.1,
  image: null,
};
const stages = (stage: string): OptimizerReport['chosen'] => ({
  ...quiet.chosen,
  cost: { ...quiet.chosen.cost, stagesUs: { ...quiet.chosen.cost.stagesUs, [stage]: 1000 } },
});

describe('whatNext', () => {
  it('has one word when nothing is wrong', () => {
    expect(whatNext(quiet)).toEqual([expect.stringContaining('Nothing needs doing')]);
  });

  it.each<[string, Partial<OptimizerReport>, RegExp]>([
    ['ended early', { interrupted: true }, /ended early/],
    ['targets out of reach', { plan: expecting({ status: 'missed' }) }, /cannot be reached.*0\.45 % missed/],
    [
      'an unsteady reference',
      { plan: expecting({ status: 'missed' }), unsteadiness: 0.08 },
      /disagrees.*8\.00 %.*smoothing/,
    ],
    [
      'too little footage',
      { plan: expecting({ status: 'estimated' }), footageNeededSeconds: 5400 },
      /84 blocks.*about 90 min more footage/,
    ],
    ['footage that cannot help', { plan: expecting({ status: 'estimated' }) }, /too few for the targets/],
    [
      'no test part',
      { chosen: { ...quiet.chosen, errors: { ...quiet.chosen.errors, test: null } } },
      /No footage was left/,
    ],
    [
      'harder footage later',
      { plan: expecting({ targets: { falseNegativeRate: 0.003, falsePositiveRate: 0.01, confidence: 0.95 } }) },
      /later footage was harder/,
    ],
    [
      'one stage that errs',
      { mistakes: [mistake, mistake, mistake, { ...mistake, decidedBy: 'accepted' }] },
      /75\.0 % come from the small model, which rejects too much/,
    ],
    [
      'an unsteady reference in the mistakes',
      { mistakes: new Array<ReportedMistake>(4).fill({ ...mistake, decidedBy: 'referenced' }) },
      /from the reference itself/,
    ],
    ['decoding', { chosen: stages('decode') }, /Decoding takes.*substream.*keyframe every second/],
    ['the reference', { chosen: stages('reference') }, /The reference takes.*sees 0\.80 % of the frames/],
    [
      'few events',
      {
        footage: {
          ...quiet.footage,
          parts: { ...quiet.footage.parts, train: { ...quiet.footage.parts.train, events: 1 } },
        },
      },
      /learned from 1 event only/,
    ],
    ['another rate', { chosen: { ...quiet.chosen, measuredFramesPerSecond: 900 } }, /900 frames a second where 1918/],
  ])('speaks of %s', (_, changes, advice) => {
    const said = whatNext({ ...quiet, ...changes });
    expect(said.filter(text => advice.test(text))).toHaveLength(1);
  });

  it.each<[string, Partial<OptimizerReport>]>([
    // A single mistake is chance.
    ['few mistakes', { mistakes: [mistake, mistake, mistake] }],
    [
      'mistakes of many stages',
      {
        mistakes: (['rejected', 'accepted', 'unchanged', 'referenced'] as const).map(decidedBy => ({
          ...mistake,
          decidedBy,
        })),
      },
    ],
    ['a reference that is unsteady, but not too much', { unsteadiness: 0.08 }],
  ])('does not speak of %s', (_, changes) => {
    expect(whatNext({ ...quiet, ...changes })).toEqual([expect.stringContaining('Nothing needs doing')]);
  });
});
