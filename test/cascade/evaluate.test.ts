import { describe, expect, it } from 'vitest';
import { type Decider, deciders, type EvaluatedDecision, evaluate } from '../../cascade/index.ts';
import { seeded } from './random.ts';

function table(labels: string, rawLabels = labels, decidedBy: Decider = 'referenced'): EvaluatedDecision[] {
  return [...labels].map((sign, frame) => ({
    frame,
    timestampUs: frame * 40_000,
    label: sign === '1',
    rawLabel: rawLabels[frame] === '1',
    decidedBy,
  }));
}

const truth = table('0000111100', '0010111100');

it('counts by hand', () => {
  const answers = table('0001110000', '0001110010', 'rejected');
  const evaluation = evaluate(answers, truth, { windowFrames: 5, windowAgreement: 4 });
  expect(evaluation.smoothed).toEqual({
    truePositives: 2,
    falsePositives: 1,
    trueNegatives: 5,
    falseNegatives: 2,
    falseNegativeRate: 0.5,
    falsePositiveRate: 1 / 6,
    precision: 2 / 3,
    recall: 0.5,
  });
  expect(evaluation.raw).toMatchObject({ truePositives: 2, falsePositives: 2, falseNegatives: 3 });
  expect(evaluation.windows).toEqual({ windowFrames: 5, windowAgreement: 4, count: 2, right: 1, share: 0.5 });
  expect(evaluation.byDecider).toEqual([
    { decidedBy: 'rejected', frames: 10, truePositives: 2, falsePositives: 1, trueNegatives: 5, falseNegatives: 2 },
  ]);
  expect(evaluation.referenceUnsteadiness).toBe(0.1);
  expect(evaluation.labelChanges).toEqual({ answers: 2, truth: 2, rawAnswers: 4, rawTruth: 4 });
});

it('has no rate where there is nothing to take a share of', () => {
  const { smoothed, windows } = evaluate(table('000'), table('000'));
  expect(smoothed).toMatchObject({ falseNegativeRate: null, falsePositiveRate: 0, precision: null, recall: null });
  expect(windows).toMatchObject({ count: 0, share: null });
  expect(evaluate([], [])).toMatchObject({ frames: 0, referenceUnsteadiness: null });
});

it('agrees with counting naively, on random tables', () => {
  const random = seeded(7);
  for (let round = 0; round < 200; round++) {
    const frames = Math.floor(random() * 200);
    const make = (share: number): EvaluatedDecision[] =>
      Array.from({ length: frames }, (_, frame) => ({
        frame,
        timestampUs: frame * 33_333,
        label: random() < share,
        rawLabel: random() < share,
        decidedBy: deciders[Math.floor(random() * deciders.length)] ?? 'failed',
      }));
    const [answers, expected] = [make(random()), make(random())];
    const windowFrames = 1 + Math.floor(random() * 30);
    const windowAgreement = 1 + Math.floor(random() * windowFrames);
    const found = evaluate(answers, expected, { windowFrames, windowAgreement });

    const pairs = answers.map((answer, i) => ({ answer, truth: expected[i] as EvaluatedDecision }));
    const count = (holds: (pair: { answer: EvaluatedDecision; truth: EvaluatedDecision }) => boolean): number =>
      pairs.filter(holds).length;
    const positives = count(pair => pair.truth.label);
    const missed = count(pair => pair.truth.label && !pair.answer.label);
    expect(found.smoothed.falseNegativeRate).toBe(positives === 0 ? null : missed / positives);
    const called = count(pair => !pair.truth.label && pair.answer.label);
    expect(found.smoothed.falsePositiveRate).toBe(positives === frames ? null : called / (frames - positives));
    expect(found.raw.falseNegatives).toBe(count(pair => pair.truth.rawLabel && !pair.answer.rawLabel));
    let right = 0;
    for (let from = 0; from + windowFrames <= frames; from += windowFrames) {
      const window = pairs.slice(from, from + windowFrames);
      if (window.filter(pair => pair.answer.label === pair.truth.label).length >= windowAgreement) right++;
    }
    expect(found.windows.right).toBe(right);
    for (const row of found.byDecider) {
      const own = pairs.filter(pair => pair.answer.decidedBy === row.decidedBy);
      expect(row.frames).toBe(own.length);
      expect(row.falseNegatives).toBe(own.filter(pair => pair.truth.label && !pair.answer.label).length);
      expect(row.truePositives).toBe(own.filter(pair => pair.truth.label && pair.answer.label).length);
    }
    expect(found.byDecider.reduce((sum, row) => sum + row.frames, 0)).toBe(frames);
  }
});

describe('bounds', () => {
  it('rest on blocks of media time from the first frame on', () => {
    const start = { blockUs: 400_000 };
    // 100 frames of 40 ms are 10 blocks of 10 frames, wherever the media time begins.
    const moved = (rows: EvaluatedDecision[]): EvaluatedDecision[] =>
      rows.map(row => ({ ...row, timestampUs: row.timestampUs + 123_456 }));
    const [answers, expected] = [table('0'.repeat(100)), table('1'.repeat(100))];
    expect(evaluate(moved(answers), moved(expected), start).bounds.falseNegativeRate).toMatchObject({
      blocks: 10,
      high: 1,
    });
    expect(evaluate(answers, expected, start).bounds.falsePositiveRate).toBeNull();
  });

  it('are null with too few blocks', () => {
    expect(evaluate(truth, truth).bounds).toMatchObject({ falseNegativeRate: null, falsePositiveRate: null });
  });
});

it.each([
  ['fewer answers', table('000'), table('0000'), 'at row 4 expected frame 3 at 120000 µs, got none'],
  ['more answers', table('00000'), table('0000'), 'at row 5 expected none, got frame 4'],
  ['a frame left out', table('0000').filter(({ frame }) => frame !== 1), table('000'), 'at row 2 expected frame 1'],
  [
    'another time',
    table('00').map(row => ({ ...row, timestampUs: 7 })),
    table('00'),
    'expected frame 0 at 0 µs, got frame 0 at 7 µs',
  ],
])('refuses other frames than those of the truth: %s', (_, answers, expected, message) => {
  expect(() => evaluate(answers, expected)).toThrow(
    expect.objectContaining({ code: 'CASCADE_EVALUATION_FRAMES', message: expect.stringContaining(message) }),
  );
});

it.each([{ windowFrames: 0 }, { windowFrames: 1.5 }, { windowAgreement: 31 }, { windowAgreement: 0 }, { blockUs: 0 }])(
  'refuses %j',
  options => {
    expect(() => evaluate(truth, truth, options)).toThrow(
      expect.objectContaining({ code: 'CASCADE_EVALUATION_OPTION' }),
    );
  },
);

it('compares 100,000 frames within a second', () => {
  const random = seeded(3);
  const rows = Array.from({ length: 100_000 }, (_, frame): EvaluatedDecision => {
    const label = random() < 0.3;
    return { frame, timestampUs: frame * 40_000, label, rawLabel: label, decidedBy: 'unchanged' };
  });
  const started = performance.now();
  evaluate(rows, rows);
  expect(performance.now() - started).toBeLessThan(1000);
});
