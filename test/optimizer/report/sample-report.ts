import { deciders, parsePlan } from '../../../cascade/index.ts';
import type {
  Baseline,
  BoundedRate,
  CandidatePoint,
  FoundPlan,
  LabeledPart,
  OptimizerReport,
  PlanCost,
  PlanErrors,
} from '../../../optimizer/index.ts';
import { expectPlan, reportTimeline, scoreHistogram, whatNext, worstMistakes } from '../../../optimizer/index.ts';
import { seeded } from '../../cascade/random.ts';

/** A part of made-up footage with its answers: 25 frames a second, an event a minute, some of them missed or made up. */
export interface SamplePart {
  readonly part: LabeledPart;
  readonly answers: Uint8Array;
  /** Positions in `deciders`. */
  readonly decidedBy: Uint8Array;
  readonly differences: Float64Array;
  readonly confidences: Float32Array;
}

const rateFps = 25;

/** Makes a part of some seconds. */
export function samplePart({
  seconds,
  seed = 1,
  missShare = 0.1,
}: {
  seconds: number;
  seed?: number;
  missShare?: number;
}): SamplePart {
  const next = seeded(seed);
  const count = Math.round(seconds * rateFps);
  const [truth, answers, decidedBy] = [new Uint8Array(count), new Uint8Array(count), new Uint8Array(count)];
  for (let from = 200; from < count; from += 600 + Math.floor(next() * 1800)) {
    const to = Math.min(count, from + 80 + Math.floor(next() * 400));
    truth.fill(1, from, to);
    const late = Math.floor(next() * 12);
    if (next() > missShare) answers.fill(1, Math.min(to, from + late), Math.min(count, to + late));
  }
  for (let from = 900; from < count; from += 3000) answers.fill(1, from, from + 20);
  const [differences, confidences] = [new Float64Array(count), new Float32Array(count)];
  for (let row = 0; row < count; row++) {
    const isPositive = truth[row] === 1;
    differences[row] = Math.exp((isPositive ? 3.5 : 0.6) + 1.1 * normal(next));
    confidences[row] = 1 / (1 + Math.exp(-((isPositive ? 4 : -5) + 2.2 * normal(next))));
    const [difference, confidence] = [differences[row] as number, confidences[row] as number];
    const sure = answers[row] === 1 ? 'accepted' : 'rejected';
    const looked = difference < 4 ? 'unchanged' : confidence < 0.08 || confidence > 0.93 ? sure : 'referenced';
    decidedBy[row] = deciders.indexOf(row % 5 === 0 ? looked : 'skipped');
  }
  const part: LabeledPart = {
    stretches: [{ source: 0, range: { from: 10_000, to: 10_000 + count }, rows: { from: 0, to: count } }],
    step: 1,
    frames: Uint32Array.from({ length: count }, (_, row) => 10_000 + row),
    timestampsUs: Float64Array.from({ length: count }, (_, row) => (10_000 + row) * (1e6 / rateFps)),
    keyframes: Uint8Array.from({ length: count }, (_, row) => (row % 50 === 0 ? 1 : 0)),
    rawTruth: truth,
    truth,
  };
  return { part, answers, decidedBy, differences, confidences };
}

function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

function rate(errors: number, frames: number, bound: number, blocks: number): BoundedRate {
  return { estimate: errors / frames, bound, errors, frames, blocks };
}

function cost(stagesUs: PlanCost['stagesUs'], bottleneck: PlanCost['bottleneck']): PlanCost {
  const frameUs =
    bottleneck === 'model-worker' ? stagesUs.reference : Object.values(stagesUs).reduce((a, b) => a + b) / 2;
  return { frameUs, framesPerSecond: 1e6 / frameUs, bottleneck, stagesUs };
}

const none = { difference: null, specialized: null };

/** A report with made-up but plausible numbers. @param image - JPEG file in base64 for the mistakes; default none. */
export function sampleReport({
  image = null,
  seconds = 600,
}: {
  image?: string | null;
  seconds?: number;
} = {}): OptimizerReport {
  const next = seeded(7);
  const threshold: PlanErrors = {
    falseNegative: rate(14, 3120, 0.0098, 84),
    falsePositive: rate(22, 14_880, 0.0061, 171),
  };
  const test: PlanErrors = { falseNegative: rate(12, 2980, 0.0121, 71), falsePositive: rate(31, 12_020, 0.0084, 150) };
  const structure = {
    skip: { kind: 'every', tSkip: 5 },
    difference: 'global-64-previous-10',
    specialized: 'cnn2-16-32-raw-region',
  } as const;
  const reference = cost(
    { decode: 612, difference: 0, specialized: 0, reference: 39_800, decision: 9 },
    'model-worker',
  );
  const chosenCost = cost({ decode: 612, difference: 38, specialized: 71, reference: 318, decision: 4 }, 'cores');
  const found: FoundPlan = {
    structure,
    thresholds: { deltaDiff: 4.1, cLow: 0.0812, cHigh: 0.934 },
    status: 'bounded',
    counts: { frames: 18_000, decoded: 18_000, keyframes: 0, compared: 3600, scored: 1690, referenced: 144 },
    cost: chosenCost,
    errors: threshold,
  };
  const targets = { falseNegativeRate: 0.01, falsePositiveRate: 0.01, confidence: 0.95 };
  const processes = { workers: 1, replicas: 1, cores: 2 };
  const expected = expectPlan({ found, targets, test, reference, processes, seed: 1 });
  const plan = parsePlan(
    {
      schema: 'saccade/plan/1',
      name: 'person-at-door',
      predicate: { label: 'person', minScore: 0.4 },
      skip: structure.skip,
      differenceDetector: {
        detector: { metric: { kind: 'global' }, width: 64, height: 64, format: 'gray' },
        reference: { kind: 'previous', tDiffFrames: 10 },
        deltaDiff: 4.1,
      },
      specializedModel: { model: 'person-at-door@3', sha256: 'b'.repeat(64), cLow: 0.0812, cHigh: 0.934 },
      referenceModel: { model: 'pvb@1', sha256: 'a'.repeat(64) },
      fittedOn: ['c'.repeat(64)],
      expected: { ...expected, machine: { ...expected.machine, cpu: 'AMD EPYC 7B13', node: 'v20.20.2' } },
    },
    'of the sample',
  );
  const baselines = [1, 2, 5, 10, 25, 50].map((every): Baseline => {
    const stagesUs = { ...reference.stagesUs, reference: reference.stagesUs.reference / every };
    const errors = Math.round(2.6 * (every - 1) ** 1.3);
    return {
      every,
      cost: cost(stagesUs, every > 30 ? 'cores' : 'model-worker'),
      errors: {
        falseNegative: rate(errors, 3120, Math.min(1, errors / 3120 + 0.02), 84),
        falsePositive: rate(Math.round(errors * 0.8), 14_880, 0.02, 171),
      },
    };
  });
  const candidates = Array.from({ length: 420 }, (): CandidatePoint => {
    const tSkip = [1, 2, 5, 10, 15, 25][Math.floor(next() * 6)] ?? 1;
    const specialized = next() < 0.8 ? `cnn2-16-${[32, 64, 128][Math.floor(next() * 3)]}-raw-whole` : null;
    const difference = next() < 0.8 ? `global-${next() < 0.5 ? 32 : 64}-previous-${tSkip * 2}` : null;
    const base = 340 + 40_000 * (0.3 / tSkip) * next() ** 4 * (specialized === null ? 1 : 0.12);
    const hardness = (base / 400) ** -0.7 * tSkip ** 0.35 * 0.006;
    return {
      structure: { skip: { kind: 'every', tSkip }, difference, specialized },
      frameUs: base * (1 + 0.2 * next()),
      falseNegativeRate: next() < 0.06 ? 0 : Math.min(1, hardness * Math.exp(0.8 + 0.9 * normal(next))),
      falsePositiveRate: next() < 0.1 ? 0 : Math.min(1, hardness * Math.exp(0.2 + 0.9 * normal(next))),
      onFrontier: false,
      chosen: false,
    };
  });
  const worst = (point: CandidatePoint): number => Math.max(point.falseNegativeRate ?? 0, point.falsePositiveRate ?? 0);
  const marked = candidates.map(point => ({
    ...point,
    onFrontier: candidates.every(
      other => other === point || other.frameUs > point.frameUs || worst(other) > worst(point),
    ),
  }));
  const { part, answers, decidedBy, differences, confidences } = samplePart({ seconds });
  const facts: Omit<OptimizerReport, 'next'> = {
    schema: 'saccade/report/1',
    plan,
    footage: {
      files: [
        {
          path: 'footage/door-monday.mp4',
          sha256: 'c'.repeat(64),
          seconds: 2400,
          width: 854,
          height: 480,
          frameRateFps: 25,
        },
      ],
      parts: {
        train: {
          stretches: [{ source: 0, fromSeconds: 0, toSeconds: 1076 }],
          seconds: 1076,
          frames: 26_900,
          positives: 4610,
          events: 31,
        },
        threshold: {
          stretches: [{ source: 0, fromSeconds: 1080, toSeconds: 1800 }],
          seconds: 720,
          frames: 18_000,
          positives: 3120,
          events: 22,
        },
        test: {
          stretches: [{ source: 0, fromSeconds: 1804, toSeconds: 2400 }],
          seconds: 596,
          frames: 15_000,
          positives: 2980,
          events: 19,
        },
      },
    },
    unsteadiness: 0.0071,
    chosen: {
      structure,
      counts: found.counts,
      cost: chosenCost,
      errors: { threshold, test },
      measuredFramesPerSecond: 1820,
    },
    baselines,
    candidates: [
      ...marked,
      {
        structure,
        frameUs: chosenCost.frameUs,
        falseNegativeRate: 14 / 3120,
        falsePositiveRate: 22 / 14_880,
        onFrontier: true,
        chosen: true,
      },
      ...baselines.map(
        ({ every, cost: { frameUs }, errors }): CandidatePoint => ({
          structure: { skip: { kind: 'every', tSkip: every }, ...none },
          frameUs,
          falseNegativeRate: errors.falseNegative.estimate,
          falsePositiveRate: errors.falsePositive.estimate,
          onFrontier: every === 1,
          chosen: false,
        }),
      ),
    ],
    histograms: {
      difference: scoreHistogram({
        candidate: structure.difference,
        axis: 'difference from the frame 10 earlier, mean squared',
        scores: differences,
        isFirst: part.truth,
        classNames: ['changed', 'unchanged'],
        thresholds: [{ name: 'deltaDiff', value: 4.1 }],
        scale: 'ratio',
      }),
      specialized: scoreHistogram({
        candidate: structure.specialized,
        axis: 'confidence',
        scores: confidences,
        isFirst: part.truth,
        classNames: ['positive', 'negative'],
        thresholds: [
          { name: 'cLow', value: 0.0812 },
          { name: 'cHigh', value: 0.934 },
        ],
        scale: 'unit',
      }),
    },
    timeline: reportTimeline({ part, answers, decidedBy }),
    mistakes: worstMistakes({ part, answers, decidedBy, differences, confidences, most: 8 }).map(mistake => ({
      ...mistake,
      image,
    })),
    footageNeededSeconds: null,
    steps: [
      { name: 'labels', seconds: 4 },
      { name: 'pictures', seconds: 31 },
      { name: 'training', seconds: 118 },
      { name: 'costs', seconds: 17 },
      { name: 'search', seconds: 9 },
    ],
    interrupted: false,
  };
  return { ...facts, next: whatNext(facts) };
}
