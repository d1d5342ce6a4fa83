import { type Decider, deciders } from '../../cascade/index.ts';
import { moment } from './format-number.ts';
import type { ReportTimeline, TimeRun } from './report-timeline.ts';

/** One strip of a timeline. */
export interface TimelineLane {
  /** What the strip shows; HTML. */
  readonly name: string;
  readonly runs: readonly (TimeRun & { readonly tone: string })[];
  readonly isThin?: boolean;
}

const heightOf = { thin: 12, thick: 22 };

/** Strips above one another over an axis of time, as HTML that fits any width. @param seconds - Length of the axis. */
export function timelineStrips(lanes: readonly TimelineLane[], seconds: number): string {
  const span = Math.max(seconds, 1e-3);
  const rows = lanes.map(({ name, runs, isThin = false }) => {
    const height = isThin ? heightOf.thin : heightOf.thick;
    return `<div class="lane">${name}</div><svg class="strip" viewBox="0 0 10000 10" preserveAspectRatio="none" height="${height}" aria-hidden="true">${paths(runs, span)}</svg>`;
  });
  return `<div class="timeline" data-seconds="${span}">${rows.join('')}<div></div>${axis(span)}</div>`;
}

/** The strips of a part: truth, answers, where they differ, and a thin strip for each decider. */
export function reportLanes({ truth, answer, deciders: answered }: ReportTimeline): TimelineLane[] {
  const wrong = [
    ...subtract(truth, answer).map(run => ({ ...run, tone: 'missed' })),
    ...subtract(answer, truth).map(run => ({ ...run, tone: 'alarm' })),
  ];
  const used = deciders.filter(decider => answered.some(({ decidedBy }) => decidedBy === decider));
  return [
    { name: 'reference', runs: truth.map(run => ({ ...run, tone: 'positive' })) },
    { name: 'plan', runs: answer.map(run => ({ ...run, tone: 'positive' })) },
    { name: 'differing', runs: wrong },
    ...used.map(decider => deciderLane(decider, answered)),
  ];
}

function deciderLane(decider: Decider, answered: ReportTimeline['deciders']): TimelineLane {
  const runs = answered.filter(({ decidedBy }) => decidedBy === decider);
  return { name: decider, isThin: true, runs: runs.map(({ from, to }) => ({ from, to, tone: decider })) };
}

/** One path a tone: thousands of runs stay small. */
function paths(runs: TimelineLane['runs'], span: number): string {
  const drawn = new Map<string, string[]>();
  for (const { from, to, tone } of runs) {
    const x = Math.round((from / span) * 1e4);
    // Wide enough to be seen: 4 of 10000 is about a third of a pixel.
    const wide = Math.max(4, Math.round((to / span) * 1e4) - x);
    const steps = drawn.get(tone) ?? [];
    steps.push(`M${x} 0h${wide}v10h-${wide}z`);
    drawn.set(tone, steps);
  }
  return [...drawn].map(([tone, steps]) => `<path class="${tone}" d="${steps.join('')}"/>`).join('');
}

const tickSteps = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 21_600];

function axis(seconds: number): string {
  const step = tickSteps.find(candidate => seconds / candidate <= 7) ?? 86_400;
  const ticks: string[] = [];
  for (let at = 0; at <= seconds * 0.97; at += step) {
    const text = step < 1 ? moment(at) : moment(at).replace(/\.0$/, '');
    ticks.push(`<span style="left:${((100 * at) / seconds).toFixed(2)}%">${text}</span>`);
  }
  return `<div class="ticks">${ticks.join('')}</div>`;
}

/** What lies in `a` but not in `b`; both ascending and without overlaps. */
export function subtract(a: readonly TimeRun[], b: readonly TimeRun[]): TimeRun[] {
  const rest: TimeRun[] = [];
  let next = 0;
  for (const { from, to } of a) {
    let at = from;
    while (next < b.length && (b[next] as TimeRun).to <= from) next++;
    for (let i = next; i < b.length && (b[i] as TimeRun).from < to; i++) {
      const hole = b[i] as TimeRun;
      if (hole.from > at) rest.push({ from: at, to: hole.from });
      at = Math.max(at, hole.to);
    }
    if (at < to) rest.push({ from: at, to });
  }
  return rest;
}
