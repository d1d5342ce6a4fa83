import { describe, expect, it } from 'vitest';
import { type CascadePlan, type PlanExpectation, type Predicate, parsePlan } from '../../../cascade/index.ts';
import { describePlan, describePredicate, duration, moment, percent, short } from '../../../optimizer/index.ts';
import { ordinal } from '../../../optimizer/report/format-number.ts';
import { sampleReport } from './sample-report.ts';

const sha256 = 'a'.repeat(64);
const plan = (stages: object): CascadePlan =>
  parsePlan(
    {
      schema: 'saccade/plan/1',
      name: 'p',
      predicate: { label: 'person' },
      skip: { kind: 'every', tSkip: 1 },
      referenceModel: { model: 'pvb@1', sha256 },
      ...stages,
    },
    'x',
  );
const detector = { metric: { kind: 'global' }, width: 32, height: 32, format: 'gray' };
const scene = { kind: 'empty-scene', image: 's.png', sha256 };
const weights = new Array<number>(25).fill(1);

describe('describePlan', () => {
  it.each<[object, string]>([
    [{}, 'Looks at every frame; asks pvb@1 about each of these.'],
    [{ skip: { kind: 'every', tSkip: 2 } }, 'Looks at every 2nd frame; asks pvb@1 about each of these.'],
    [
      { skip: { kind: 'keyframes' }, differenceDetector: { detector, reference: scene, deltaDiff: 12 } },
      'Looks at keyframes, and between two of them only where their answers differ; takes frames that differ from the empty scene by less than 12 (mean squared difference at 32×32 gray) for unchanged and calls those negative; asks pvb@1 about the rest.',
    ],
    [
      {
        differenceDetector: {
          detector: { ...detector, metric: { kind: 'blocked', grid: 5, weights, bias: 0 } },
          reference: { kind: 'previous', tDiffFrames: 10 },
          deltaDiff: 0.25,
        },
        specializedModel: { model: 's@2', sha256, cLow: 0, cHigh: 0.9 },
      },
      "Looks at every frame; takes frames that differ from the frame 10 earlier by less than 0.25 (weighted difference of 5×5 blocks at 32×32 gray) for unchanged and gives those that frame's answer; the small model s@2 accepts above 0.9; asks pvb@1 about the rest.",
    ],
    // Both sides switched off.
    [
      { specializedModel: { model: 's@2', sha256, cLow: 0, cHigh: 1 } },
      'Looks at every frame; the small model s@2 answers nothing by itself; asks pvb@1 about the rest.',
    ],
  ])('%j', (stages, does) => {
    expect(describePlan(plan(stages))).toEqual({
      asks: 'Asks of every frame: person?',
      does,
      speed: null,
      errors: null,
      targets: null,
    });
  });

  const { expected } = sampleReport({ seconds: 20 }).plan;
  const told = (changes: Partial<PlanExpectation>): ReturnType<typeof describePlan> =>
    describePlan(plan({ expected: { ...expected, ...changes } }));

  it('says what is expected', () => {
    const { speed, errors, targets } = told({});
    expect(speed).toBe(
      '76.3× as fast as the reference on every frame (1918 frames a second with decoding inside; 1 stream and 1 model worker on 2 cores).',
    );
    expect(errors).toBe(
      'On later footage, on which nothing was chosen, it misses 0.40 % of the positive frames (at most 1.21 %) and calls 0.26 % of the negative ones positive (at most 0.84 %), each with 95 % confidence.',
    );
    expect(targets).toBe(
      'The targets, at most 1.00 % missed and 1.00 % wrongly positive, are kept with 95 % confidence.',
    );
  });

  it('says that it is less sure', () => {
    expect(told({ status: 'estimated' }).targets).toContain('too short to be 95 % sure');
    expect(told({ status: 'missed' }).targets).toContain('are missed');
    const rate = { estimate: null, bound: 1 };
    const threshold = { falseNegativeRate: rate, falsePositiveRate: rate };
    expect(told({ errors: { threshold, test: null } }).errors).toMatch(
      /^Where its thresholds were chosen, it met no positive frame and met no negative frame/,
    );
  });
});

it.each<[Predicate, string]>([
  [{ label: 'person' }, 'person'],
  [
    {
      label: 'person',
      minScore: 0.4,
      minHeight: 0.12,
      zone: [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
    },
    'person, score of at least 0.4, at least 12.0 % of the frame high, in the zone',
  ],
  [{ any: [{ label: 'car' }, { label: 'bus', minScore: 0.4 }] }, 'car or (bus, score of at least 0.4)'],
  [{ all: [{ label: 'car' }, { not: { label: 'person' } }] }, 'car and (no person)'],
])('describes the predicate %j', (predicate, words) => {
  expect(describePredicate(predicate)).toBe(words);
});

it('formats numbers', () => {
  expect([1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111, 112].map(ordinal).join(' ')).toBe(
    '1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 101st 111th 112th',
  );
  expect([0, 0.00004, 0.0123, 0.5, 1].map(percent)).toEqual(['0.00 %', '0.00 %', '1.23 %', '50.0 %', '100.0 %']);
  expect(percent(null)).toBe('–');
  expect([0.01234, 1.5, 99.96, 123.4].map(short)).toEqual(['0.0123', '1.5', '100', '123']);
  expect([0.04, 7.46, 59.6, 600, 7300].map(duration)).toEqual(['0.04 s', '7.5 s', '60 s', '10 min', '2.03 h']);
  // Rounding carries over into the next minute.
  expect([0, 7.5, 59.96, 3600, 3727.9].map(moment)).toEqual(['0:00.0', '0:07.5', '1:00.0', '1:00:00', '1:02:07']);
});
