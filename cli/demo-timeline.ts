import { type Decider, type Decision, deciders } from '../cascade/index.ts';

const widthPx = 1200;
const labelWidthPx = 110;
const laneHeightPx = 26;
const laneGapPx = 12;

/** Which color a strip has; the style sheet of the page gives it. */
type Tone = Decider | 'positive' | 'wrong' | null;

/** The timeline of a run as SVG: truth, answers, where they differ, and who answered. */
export function demoTimeline(answers: readonly Decision[], truth: readonly Decision[]): string {
  const lanes: [name: string, toneOf: (answer: Decision, index: number) => Tone][] = [
    ['reference', (_, index) => (truth[index]?.label ? 'positive' : null)],
    ['cascade', ({ label }) => (label ? 'positive' : null)],
    ['differing', ({ label }, index) => (truth[index]?.label === label ? null : 'wrong')],
    ['answered by', answer => lookedAt(answers, answer).decidedBy],
  ];
  const startUs = answers[0]?.timestampUs ?? 0;
  const spanUs = Math.max(1, (answers.at(-1)?.timestampUs ?? 0) - startUs);
  const xOf = (timeUs: number): number => labelWidthPx + ((timeUs - startUs) / spanUs) * (widthPx - labelWidthPx);
  const height = lanes.length * (laneHeightPx + laneGapPx) + 24;
  const drawn = lanes.map(([name, toneOf], lane) => {
    const y = lane * (laneHeightPx + laneGapPx);
    const strips = runs(answers, toneOf).map(({ tone, from, to }) => {
      const x = xOf(answers[from]?.timestampUs ?? 0);
      const end = xOf(answers[to]?.timestampUs ?? startUs + spanUs);
      const seconds = ((answers[from]?.timestampUs ?? 0) - startUs) / 1e6;
      const title = `<title>${tone}, from ${seconds.toFixed(1)} s, ${to - from} frames</title>`;
      return `<rect class="${tone}" x="${x.toFixed(2)}" y="${y}" width="${Math.max(0.5, end - x).toFixed(2)}" height="${laneHeightPx}">${title}</rect>`;
    });
    const track = `<rect class="track" x="${labelWidthPx}" y="${y}" width="${widthPx - labelWidthPx}" height="${laneHeightPx}" rx="3"/>`;
    return `<text x="0" y="${y + laneHeightPx / 2 + 5}">${name}</text>${track}${strips.join('')}`;
  });
  return `<svg viewBox="0 0 ${widthPx} ${height}" role="img" aria-label="Timeline of labels and of who answered">${drawn.join('')}${axis(startUs, spanUs, xOf, height)}</svg>`;
}

/** Deciders that gave an answer, in the order of the cascade, for a legend. */
export function decidersOf(answers: readonly Decision[]): Decider[] {
  return deciders.filter(decider => answers.some(({ decidedBy }) => decidedBy === decider));
}

/** A skipped frame has the color of the frame whose label it carries: alternating stripes would show nothing. */
function lookedAt(answers: readonly Decision[], answer: Decision): Decision {
  if (answer.decidedBy !== 'skipped' || answer.inheritedFrom === null) return answer;
  return answers[answer.inheritedFrom] ?? answer;
}

function runs(
  answers: readonly Decision[],
  toneOf: (answer: Decision, index: number) => Tone,
): { tone: Tone; from: number; to: number }[] {
  const found: { tone: Tone; from: number; to: number }[] = [];
  for (const [index, answer] of answers.entries()) {
    const tone = toneOf(answer, index);
    const last = found.at(-1);
    if (last?.tone === tone) last.to = index + 1;
    else found.push({ tone, from: index, to: index + 1 });
  }
  return found.filter(({ tone }) => tone !== null);
}

function axis(startUs: number, spanUs: number, xOf: (timeUs: number) => number, height: number): string {
  const seconds = spanUs / 1e6;
  const step = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600].find(candidate => seconds / candidate <= 12) ?? 1800;
  const ticks: string[] = [];
  for (let second = 0; second <= seconds; second += step) {
    const x = xOf(startUs + second * 1e6).toFixed(1);
    ticks.push(`<line x1="${x}" x2="${x}" y1="0" y2="${height - 20}"/>`);
    ticks.push(`<text class="tick" x="${x}" y="${height - 4}">${second} s</text>`);
  }
  return ticks.join('');
}
