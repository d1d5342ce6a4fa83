import { escapeHtml } from './escape-html.ts';
import { percent, short } from './format-number.ts';
import { linearScale, px, ratioScale } from './plot-scale.ts';
import type { HistogramClass, ScoreHistogram } from './score-histogram.ts';

const width = 480;
const height = 302;
const left = 58;
const right = 14;
const top = 46;
const bottom = 46;
const middle = (top + height - bottom) / 2;
/** Shares below this look like nothing at all. */
const leastShare = 1e-4;

/**
 * Scores of one stage: the first class grows upwards, the second downwards, each as shares of its own frames in equal
 * ratios from 0.01 % to 100 %, because what matters is rare. Thresholds are lines.
 */
export function histogramPlot(histogram: ScoreHistogram): string {
  const { edges, isLogarithmic, classes, thresholds, axis, candidate } = histogram;
  const range = { from: edges[0] as number, to: edges.at(-1) as number, fromPx: left, toPx: width - right };
  const x = isLogarithmic ? ratioScale(range) : linearScale(range);
  const ticks = x.ticks.map(
    tick =>
      `<line class="grid" x1="${px(x.at(tick))}" x2="${px(x.at(tick))}" y1="${top}" y2="${height - bottom}"/><text class="tick" x="${px(x.at(tick))}" y="${height - bottom + 17}" text-anchor="middle">${tick}</text>`,
  );
  const lines = thresholds.map(({ name, value }, index) => {
    const at = px(x.at(Math.min(range.to, Math.max(range.from, value))));
    const isRight = Number(at) > width * 0.7;
    return `<line class="threshold" x1="${at}" x2="${at}" y1="${top - 6}" y2="${height - bottom}"/><text class="threshold" x="${px(Number(at) + (isRight ? -5 : 5))}" y="${top - 8 - 12 * (index % 2)}" text-anchor="${isRight ? 'end' : 'start'}">${escapeHtml(name)} ${short(value)}</text>`;
  });
  const [first, second] = classes;
  return `<svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-label="Scores of ${escapeHtml(candidate)}">
${ticks.join('')}${shareAxis()}
${bars(first, edges, { tone: 'first', placeOf: x.at, direction: -1 })}
${bars(second, edges, { tone: 'second', placeOf: x.at, direction: 1 })}
<line class="middle" x1="${left}" x2="${width - right}" y1="${middle}" y2="${middle}"/>
${lines.join('')}
<text class="axis" x="${left - 50}" y="14">share of the frames</text>
<text class="axis" x="${(left + width - right) / 2}" y="${height - 8}" text-anchor="middle">${escapeHtml(axis)}</text>
</svg>`;
}

function lengthOf(share: number): number {
  const room = (height - bottom - top) / 2;
  return share < leastShare ? 0 : (1 - Math.log10(share) / Math.log10(leastShare)) * (room - 3) + 3;
}

function shareAxis(): string {
  const ticks = [0.001, 0.01, 0.1, 1].flatMap(share =>
    [-1, 1].map(direction => {
      const y = middle + direction * lengthOf(share);
      return `<text class="tick" x="${left - 7}" y="${px(y + 4)}" text-anchor="end">${share * 100} %</text>`;
    }),
  );
  return ticks.join('');
}

function bars(
  { name, counts }: HistogramClass,
  edges: readonly number[],
  { tone, placeOf, direction }: { tone: string; placeOf: (value: number) => number; direction: 1 | -1 },
): string {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const drawn = counts.map((count, bin) => {
    const length = all === 0 ? 0 : lengthOf(count / all);
    if (length === 0) return '';
    const [from, to] = [placeOf(edges[bin] as number), placeOf(edges[bin + 1] as number)];
    const tip = `${short(edges[bin] as number)} to ${short(edges[bin + 1] as number)}: ${count} frames ${name}, ${percent(count / all)} of them`;
    const y = direction < 0 ? middle - length : middle;
    return `<rect class="${tone}" x="${px(from + 0.5)}" y="${px(y)}" width="${px(Math.max(1, to - from - 1))}" height="${px(length)}"><title>${escapeHtml(tip)}</title></rect>`;
  });
  return drawn.join('');
}
