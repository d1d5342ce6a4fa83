import { type CascadePlan, readStills } from '../cascade/index.ts';
import type { ScoreTable } from './candidate-scores.ts';
import type { DividedFootage } from './divide-footage.ts';
import type { FootageSource } from './footage-source.ts';
import type { FoundPlan } from './found-plan.ts';
import type { LabeledPart } from './labeled-part.ts';
import type { Baseline, CandidatePoint, OptimizerReport, ReportedMistake, ReportedPart } from './report/report-data.ts';
import { reportTimeline } from './report/report-timeline.ts';
import { type ScoreHistogram, scoreHistogram } from './report/score-histogram.ts';
import { whatNext } from './report/what-next.ts';
import { worstMistakes } from './report/worst-mistakes.ts';
import type { PlanChoice } from './search/choose-plan.ts';
import type { PlanMeasurement } from './search/measure-plan.ts';

/** What the steps of an optimization gave. */
export interface BuildReportOptions {
  readonly plan: CascadePlan;
  readonly sources: readonly FootageSource[];
  readonly footage: DividedFootage;
  /** Share of frames in which the reference disagrees with its own smoothed answer, 0–1. */
  readonly unsteadiness: number;
  readonly choice: PlanChoice;
  readonly baselines: readonly Baseline[];
  /** Scores on the threshold part. */
  readonly table: ScoreTable;
  /** Scores of the chosen candidates on the test part. */
  readonly testTable: ScoreTable;
  /** The chosen plan on the test part. */
  readonly test: PlanMeasurement;
  readonly steps: OptimizerReport['steps'];
  readonly interrupted: boolean;
}

/** Width of the pictures of mistakes in px. */
const mistakeWidthPx = 360;
/** Points of the frontier plot: the cheapest and the best of many hundred structures tell all. */
const mostCandidates = 400;

/** Puts together what the report shows; reads the pictures of the worst mistakes from the footage. */
export async function buildReport(options: BuildReportOptions): Promise<OptimizerReport> {
  const { plan, sources, footage, unsteadiness, choice, baselines, table, testTable, test, steps, interrupted } =
    options;
  const { chosen } = choice;
  const scoresOf = (of: ScoreTable): { differences?: Float64Array; confidences?: Float32Array } => ({
    ...pick('differences', of.differences.find(({ id }) => id === chosen.structure.difference)?.scores),
    ...pick('confidences', of.specialized.find(({ id }) => id === chosen.structure.specialized)?.scores),
  });
  const answered = { part: footage.test, answers: test.labels, decidedBy: test.deciders };
  const mistakes = worstMistakes({ ...answered, ...scoresOf(testTable) });
  const facts: Omit<OptimizerReport, 'next'> = {
    schema: 'saccade/report/1',
    plan,
    footage: {
      files: sources.map(({ footage: { path }, sha256, info, range }) => ({
        path,
        sha256,
        seconds: (range.to - range.from) / info.frameRateFps,
        width: info.width,
        height: info.height,
        frameRateFps: info.frameRateFps,
      })),
      parts: {
        train: describePart(footage.train, sources),
        threshold: describePart(footage.threshold, sources),
        test: describePart(footage.test, sources),
      },
    },
    unsteadiness,
    chosen: {
      structure: chosen.structure,
      counts: chosen.counts,
      cost: chosen.cost,
      errors: { threshold: chosen.errors, test: test.errors },
      measuredFramesPerSecond: null,
    },
    baselines,
    candidates: candidatePoints(choice),
    histograms: histograms(chosen, table),
    timeline: reportTimeline(answered),
    mistakes: await withPictures(mistakes, sources),
    footageNeededSeconds: choice.footageNeededSeconds,
    steps,
    interrupted,
  };
  return { ...facts, next: whatNext(facts) };
}

function pick<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value };
}

function describePart(part: LabeledPart, sources: readonly FootageSource[]): ReportedPart {
  let [events, positives] = [0, 0];
  for (const { rows } of part.stretches) {
    for (let row = rows.from; row < rows.to; row++) {
      if (part.truth[row] !== 1) continue;
      positives++;
      if (row === rows.from || part.truth[row - 1] !== 1) events++;
    }
  }
  const stretches = part.stretches.map(({ source, range }) => {
    const { info, table } = sources[source] as FootageSource;
    const startUs = table.timestampsUs[0] ?? 0;
    const at = (frame: number): number => ((table.timestampsUs[frame] ?? startUs + info.durationUs) - startUs) / 1e6;
    return { source, fromSeconds: at(range.from), toSeconds: at(range.to) };
  });
  const seconds = stretches.reduce((sum, { fromSeconds, toSeconds }) => sum + toSeconds - fromSeconds, 0);
  return { stretches, seconds, frames: part.frames.length, positives, events };
}

/** Errors of a plan as one number: the worse of its two rates. */
function worst({ errors }: FoundPlan): number {
  return Math.max(errors.falseNegative.estimate ?? 0, errors.falsePositive.estimate ?? 0);
}

function candidatePoints({ frontier, otherTargets, chosen }: PlanChoice): CandidatePoint[] {
  const candidates = new Set([chosen, ...frontier, ...otherTargets.map(({ plan }) => plan)]);
  const byCost = [...candidates].sort((a, b) => a.cost.frameUs - b.cost.frameUs || worst(a) - worst(b));
  let best = Number.POSITIVE_INFINITY;
  const points = byCost.map(candidate => {
    const onFrontier = worst(candidate) < best;
    best = Math.min(best, worst(candidate));
    const { structure, cost, errors } = candidate;
    return {
      structure,
      frameUs: cost.frameUs,
      falseNegativeRate: errors.falseNegative.estimate,
      falsePositiveRate: errors.falsePositive.estimate,
      onFrontier,
      chosen: candidate === chosen,
    };
  });
  return points.filter(({ onFrontier, chosen: isChosen }, i) => onFrontier || isChosen || i < mostCandidates);
}

function histograms(
  { structure, thresholds }: FoundPlan,
  { part, differences, specialized }: ScoreTable,
): OptimizerReport['histograms'] {
  const difference = differences.find(({ id }) => id === structure.difference);
  const model = specialized.find(({ id }) => id === structure.specialized);
  const thresholdsOf = (...pairs: [string, number | null][]): ScoreHistogram['thresholds'] =>
    pairs.flatMap(([name, value]) => (value === null ? [] : [{ name, value }]));
  return {
    difference:
      difference === undefined
        ? null
        : scoreHistogram({
            candidate: difference.id,
            axis:
              difference.detector.metric.kind === 'global'
                ? 'mean squared difference of the bytes'
                : 'probability of a change',
            scores: difference.scores,
            isFirst: part.truth,
            classNames: ['positive frames', 'negative frames'],
            thresholds: thresholdsOf(['deltaDiff', thresholds.deltaDiff]),
            scale: difference.detector.metric.kind === 'global' ? 'ratio' : 'unit',
          }),
    specialized:
      model === undefined
        ? null
        : scoreHistogram({
            candidate: model.id,
            axis: 'confidence of the specialized model',
            scores: model.scores,
            isFirst: part.truth,
            classNames: ['positive frames', 'negative frames'],
            thresholds: thresholdsOf(['cLow', thresholds.cLow], ['cHigh', thresholds.cHigh]),
            scale: 'unit',
          }),
  };
}

async function withPictures(
  mistakes: readonly ReportedMistake[],
  sources: readonly FootageSource[],
): Promise<ReportedMistake[]> {
  const images = new Map<string, string>();
  for (const [source, { footage }] of sources.entries()) {
    const frames = mistakes.filter(mistake => mistake.source === source).map(({ frame }) => frame);
    if (frames.length === 0) continue;
    for (const [frame, jpeg] of await readStills({ footage, frames, width: mistakeWidthPx })) {
      images.set(`${source}/${frame}`, Buffer.from(jpeg).toString('base64'));
    }
  }
  return mistakes.map(mistake => ({ ...mistake, image: images.get(`${mistake.source}/${mistake.frame}`) ?? null }));
}
