import { describe, expect, it } from 'vitest';
import { deciders } from '../../../cascade/index.ts';
import { type LabeledPart, reportTimeline, scoreHistogram, worstMistakes } from '../../../optimizer/index.ts';
import { linearScale, ratioScale } from '../../../optimizer/report/plot-scale.ts';
import { subtract } from '../../../optimizer/report/timeline-strips.ts';
import { seeded } from '../../cascade/random.ts';
import { samplePart } from './sample-report.ts';

describe('scoreHistogram', () => {
  const scores = Float64Array.from([0, 0.004, 0.5, 0.999, 1, Number.NaN, 0.25]);
  const isFirst = [1, 0, 1, 1, 0, 1, 0];
  const common = { candidate: 'c', axis: 'a', isFirst, classNames: ['yes', 'no'], thresholds: [] } as const;

  it('counts each number once, in the bin that holds it', () => {
    const { edges, classes } = scoreHistogram({ ...common, scores, scale: 'unit', bins: 4 });
    expect(edges).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(classes.map(({ name, counts }) => [name, counts])).toEqual([
      ['yes', [1, 0, 1, 1]],
      ['no', [1, 1, 0, 1]],
    ]);
  });

  it('agrees with a search for the bin, in equal ratios', () => {
    const random = seeded(3);
    const many = Float64Array.from({ length: 2000 }, () => (random() < 0.1 ? 0 : Math.exp(12 * random() - 6)));
    const first = Uint8Array.from(many, () => (random() < 0.3 ? 1 : 0));
    const { edges, classes } = scoreHistogram({ ...common, scores: many, isFirst: first, scale: 'ratio', bins: 17 });
    const counts = [new Array<number>(17).fill(0), new Array<number>(17).fill(0)];
    many.forEach((score, i) => {
      let bin = 0;
      while (bin < 16 && score >= (edges[bin + 1] as number) * (1 + 1e-12)) bin++;
      const of = counts[1 - (first[i] as number)] as number[];
      of[bin] = (of[bin] as number) + 1;
    });
    expect(classes.map(one => one.counts)).toEqual(counts);
    expect(edges.every((edge, i) => i === 0 || edge > (edges[i - 1] as number))).toBe(true);
  });

  it.each([[[]], [[0, 0]], [[5]]])('has ascending edges for %j', values => {
    const { edges } = scoreHistogram({ ...common, scores: values, scale: 'ratio', bins: 3 });
    expect(edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > (edges[i - 1] as number)))).toBe(true);
  });
});

/** Two stretches of rows, 10 a second, of two files. */
function twoStretches(truth: readonly number[], middle: number): LabeledPart {
  const { length: count } = truth;
  return {
    stretches: [
      { source: 0, range: { from: 50, to: 50 + 2 * middle }, rows: { from: 0, to: middle } },
      { source: 1, range: { from: 8, to: 8 + 2 * (count - middle) }, rows: { from: middle, to: count } },
    ],
    step: 2,
    frames: Uint32Array.from({ length: count }, (_, row) => (row < middle ? 50 + 2 * row : 8 + 2 * (row - middle))),
    timestampsUs: Float64Array.from({ length: count }, (_, row) =>
      row < middle ? 7e6 + row * 1e5 : (row - middle) * 1e5,
    ),
    keyframes: new Uint8Array(count),
    rawTruth: Uint8Array.from(truth),
    truth: Uint8Array.from(truth),
  };
}

describe('reportTimeline', () => {
  it('says of every moment what the columns say', () => {
    const random = seeded(11);
    const draw = (most: number): number[] => Array.from({ length: 60 }, () => Math.floor(random() * most));
    const [truth, answers, decidedBy] = [draw(2), draw(2), draw(deciders.length)];
    const timeline = reportTimeline({ part: twoStretches(truth, 25), answers, decidedBy });
    expect(timeline.seconds).toBe(6);
    expect(timeline.stretches).toEqual([
      { atSeconds: 0, source: 0, fileSeconds: 7 },
      { atSeconds: 2.5, source: 1, fileSeconds: 0 },
    ]);
    let looked = 'skipped';
    for (let row = 0; row < 60; row++) {
      const at = row / 10 + 0.05;
      const holds = ({ from, to }: { from: number; to: number }): boolean => from <= at && at < to;
      expect(timeline.truth.some(holds)).toBe(truth[row] === 1);
      expect(timeline.answer.some(holds)).toBe(answers[row] === 1);
      // Nothing is carried over the border of a stretch.
      if (row === 25) looked = 'skipped';
      const decider = deciders[decidedBy[row] as number] ?? '';
      if (decider !== 'skipped') looked = decider;
      expect(timeline.deciders.filter(holds).map(run => run.decidedBy)).toEqual([looked]);
    }
  });
});

describe('worstMistakes', () => {
  it('finds the longest runs, and says whose they are', () => {
    const { part, answers, decidedBy, confidences } = samplePart({ seconds: 300, seed: 4, missShare: 0.4 });
    const mistakes = worstMistakes({ part, answers, decidedBy, confidences, most: 6 });
    const frames = mistakes.map(mistake => mistake.frames);
    expect(frames).toEqual([...frames].sort((a, b) => b - a));
    expect(mistakes).toHaveLength(6);
    for (const mistake of mistakes) {
      const row = mistake.frame - 10_000;
      expect(part.truth[row]).toBe(mistake.kind === 'missed' ? 1 : 0);
      expect(answers[row]).toBe(mistake.kind === 'missed' ? 0 : 1);
      const looked = row - (row % 5);
      expect(mistake.decidedBy).toBe(deciders[decidedBy[looked] as number]);
      expect(mistake.confidence).toBe(confidences[looked]);
      expect(mistake.difference).toBeNull();
    }
    // No run of a kind that is shown less often than it could be is longer than those shown.
    for (const kind of ['missed', 'false-alarm'] as const) {
      let longest = 0;
      for (let row = 0, run = 0; row < answers.length; row++) {
        const wrong = part.truth[row] !== answers[row] && (part.truth[row] === 1) === (kind === 'missed');
        run = wrong ? run + 1 : 0;
        longest = Math.max(longest, run);
      }
      expect(mistakes.find(mistake => mistake.kind === kind)?.frames).toBe(longest);
    }
  });

  it('ends runs at the border of a stretch, and counts frames at the native rate', () => {
    const truth = new Array<number>(20).fill(1);
    const skipped = new Array<number>(20).fill(0);
    const found = worstMistakes({ part: twoStretches(truth, 8), answers: skipped, decidedBy: skipped });
    expect(found.map(({ source, frames, decidedBy }) => [source, frames, decidedBy])).toEqual([
      [1, 24, 'skipped'],
      [0, 16, 'skipped'],
    ]);
  });
});

it('subtracts runs', () => {
  const random = seeded(5);
  for (let trial = 0; trial < 200; trial++) {
    const [a, b] = [randomRuns(random), randomRuns(random)];
    const inside = (runs: readonly { from: number; to: number }[], at: number): boolean =>
      runs.some(({ from, to }) => from <= at && at < to);
    const rest = subtract(a, b);
    const moments = Array.from({ length: 40 }, (_, i) => i + 0.5);
    expect(moments.map(at => inside(rest, at))).toEqual(moments.map(at => inside(a, at) && !inside(b, at)));
  }
});

function randomRuns(random: () => number): { from: number; to: number }[] {
  const runs: { from: number; to: number }[] = [];
  for (let at = Math.floor(random() * 5); at < 38; ) {
    const to = at + 1 + Math.floor(random() * 6);
    runs.push({ from: at, to });
    at = to + 1 + Math.floor(random() * 6);
  }
  return runs;
}

it('marks round values within the range of an axis', () => {
  const place = { fromPx: 0, toPx: 100 };
  expect(linearScale({ from: 0, to: 1, ...place }).ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  const ratio = ratioScale({ from: 0.5, to: 50, ...place });
  expect(ratio.ticks).toEqual([0.5, 1, 2, 5, 10, 20, 50]);
  expect([0.5, 5, 50].map(ratio.at)).toEqual([0, 50, 100]);
});
