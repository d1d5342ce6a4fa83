import type { PlanStructure } from '../found-plan.ts';
import { describeSkip } from './describe-plan.ts';
import { escapeHtml } from './escape-html.ts';
import { ordinal, percent, short } from './format-number.ts';
import { type PlotScale, px, ratioScale } from './plot-scale.ts';
import type { CandidatePoint, OptimizerReport } from './report-data.ts';

const width = 480;
const height = 330;
const left = 58;
const right = 14;
const top = 22;
const bottom = 52;
/** Errors of 0 have a row of their own below the least error above 0. */
const zeroPx = height - bottom - 10;
const leastPx = zeroPx - 26;

/** Which error rate a plot shows. */
export type ErrorKind = 'falseNegativeRate' | 'falsePositiveRate';

interface Mark {
  readonly framesPerSecond: number;
  readonly rate: number;
  readonly tip: string;
  readonly tone: 'candidate' | 'frontier' | 'baseline' | 'chosen';
}

/**
 * Speed against one error rate, every candidate a mark; both axes in equal ratios, errors of 0 in a row at the bottom. The
 * target is a line, and what keeps it lies below.
 */
export function frontierPlot(report: OptimizerReport, kind: ErrorKind): string {
  const marks = [...baselineMarks(report, kind), ...candidateMarks(report, kind)];
  const target = report.plan.expected?.targets[kind];
  const rates = marks.map(({ rate }) => rate).filter(rate => rate > 0);
  const speeds = marks.map(({ framesPerSecond }) => framesPerSecond);
  const x = ratioScale({
    from: Math.min(...speeds, 1e6) * 0.8,
    to: Math.max(...speeds, 1) * 1.25,
    fromPx: left,
    toPx: width - right,
  });
  const y = ratioScale({
    from: Math.min(...rates, target ?? 0.01) * 0.7,
    to: Math.min(1, Math.max(...rates, target ?? 0.01) * 1.5),
    fromPx: leastPx,
    toPx: top,
  });
  const yOf = (rate: number): number => (rate > 0 ? y.at(rate) : zeroPx);
  const name = kind === 'falseNegativeRate' ? 'missed' : 'wrongly positive';
  const drawn = marks.map(mark => drawMark(mark, x.at(mark.framesPerSecond), yOf(mark.rate)));
  return `<svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-label="Speed of every candidate against the share of frames ${name}">
${target === undefined ? '' : drawTarget(yOf(target), target)}
${axes(x, y, `frames ${name}`)}
${drawn.join('\n')}
</svg>`;
}

/** The stages of a candidate in words. */
export function describeStructure({ skip, difference, specialized }: PlanStructure): string {
  const stages = [difference, specialized].filter(stage => stage !== null);
  const cheap = stages.length === 0 ? 'asks the reference about each' : stages.join(' → ');
  return `${describeSkip(skip).replace('looks at ', '')}: ${cheap}`;
}

function candidateMarks({ candidates }: OptimizerReport, kind: ErrorKind): Mark[] {
  const marks = candidates.flatMap((candidate): Mark[] => {
    const rate = candidate[kind];
    if (rate === null) return [];
    return [{ framesPerSecond: 1e6 / candidate.frameUs, rate, tip: tipOf(candidate), tone: toneOf(candidate) }];
  });
  // What matters is drawn last, over the rest.
  const order: readonly Mark['tone'][] = ['candidate', 'frontier', 'baseline', 'chosen'];
  return marks.sort((a, b) => order.indexOf(a.tone) - order.indexOf(b.tone));
}

function toneOf({ chosen, onFrontier }: CandidatePoint): Mark['tone'] {
  if (chosen) return 'chosen';
  return onFrontier ? 'frontier' : 'candidate';
}

function tipOf({ structure, frameUs, falseNegativeRate, falsePositiveRate, chosen }: CandidatePoint): string {
  const rates = `${percent(falseNegativeRate)} missed, ${percent(falsePositiveRate)} wrongly positive`;
  return `${chosen ? 'Chosen: ' : ''}${describeStructure(structure)}. ${short(1e6 / frameUs)} frames/s, ${rates}`;
}

function baselineMarks({ baselines }: OptimizerReport, kind: ErrorKind): Mark[] {
  return baselines.flatMap(({ every, cost, errors }): Mark[] => {
    const { estimate } = kind === 'falseNegativeRate' ? errors.falseNegative : errors.falsePositive;
    if (estimate === null) return [];
    const tip = `Reference on ${every === 1 ? 'every frame' : `every ${ordinal(every)} frame`}: ${short(cost.framesPerSecond)} frames/s, ${percent(estimate)}`;
    return [{ framesPerSecond: cost.framesPerSecond, rate: estimate, tip, tone: 'baseline' }];
  });
}

function drawMark({ tone, tip }: Mark, x: number, y: number): string {
  const title = `<title>${escapeHtml(tip)}</title>`;
  switch (tone) {
    case 'candidate':
      return `<circle class="candidate" cx="${px(x)}" cy="${px(y)}" r="2.6">${title}</circle>`;
    case 'frontier':
      return `<circle class="frontier" cx="${px(x)}" cy="${px(y)}" r="4">${title}</circle>`;
    case 'baseline':
      return `<rect class="baseline" x="${px(x - 4)}" y="${px(y - 4)}" width="8" height="8">${title}</rect>`;
    case 'chosen': {
      const isRight = x > width * 0.75;
      const text = `<text class="chosen" x="${px(x + (isRight ? -11 : 11))}" y="${px(y - 9)}" text-anchor="${isRight ? 'end' : 'start'}">chosen</text>`;
      return `<g>${title}<circle class="halo" cx="${px(x)}" cy="${px(y)}" r="9"/><circle class="chosen" cx="${px(x)}" cy="${px(y)}" r="5.5"/>${text}</g>`;
    }
  }
}

function drawTarget(y: number, target: number): string {
  const kept = `<rect class="kept" x="${left}" y="${px(y)}" width="${width - left - right}" height="${px(zeroPx + 10 - y)}"/>`;
  const line = `<line class="target" x1="${left}" x2="${width - right}" y1="${px(y)}" y2="${px(y)}"/>`;
  return `${kept}${line}<text class="target" x="${left + 6}" y="${px(y - 5)}">target ${percent(target)}</text>`;
}

function axes(x: PlotScale, y: PlotScale, yName: string): string {
  const floor = zeroPx + 10;
  const columns = x.ticks.map(
    tick =>
      `<line class="grid" x1="${px(x.at(tick))}" x2="${px(x.at(tick))}" y1="${top}" y2="${floor}"/><text class="tick" x="${px(x.at(tick))}" y="${floor + 17}" text-anchor="middle">${tick}</text>`,
  );
  const row = (place: number, text: string): string =>
    `<line class="grid" x1="${left}" x2="${width - right}" y1="${px(place)}" y2="${px(place)}"/><text class="tick" x="${left - 7}" y="${px(place + 4)}" text-anchor="end">${text}</text>`;
  const rows = y.ticks.map(tick => row(y.at(tick), `${Number((100 * tick).toPrecision(3))} %`));
  return [
    ...columns,
    ...rows,
    row(zeroPx, '0 %'),
    `<text class="axis" x="${left - 50}" y="12">${yName}</text>`,
    `<text class="axis" x="${(left + width - right) / 2}" y="${height - 8}" text-anchor="middle">frames a second, faster to the right →</text>`,
  ].join('');
}
