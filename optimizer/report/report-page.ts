import type { BoundedRate, PlanErrors } from '../found-plan.ts';
import { describePlan } from './describe-plan.ts';
import { describePredicate } from './describe-predicate.ts';
import { escapeHtml } from './escape-html.ts';
import { duration, moment, ordinal, percent, short } from './format-number.ts';
import { describeStructure, frontierPlot } from './frontier-plot.ts';
import { histogramPlot } from './histogram-plot.ts';
import { htmlPage } from './html-page.ts';
import { mistakeGallery } from './mistake-gallery.ts';
import type { OptimizerReport, ReportedPart } from './report-data.ts';
import type { ScoreHistogram } from './score-histogram.ts';
import { stageBars } from './stage-bars.ts';
import { reportLanes, timelineStrips } from './timeline-strips.ts';

/** The report as one HTML file that loads nothing from elsewhere and can be read without scripts. */
export function reportPage(report: OptimizerReport): string {
  const { plan, timeline, histograms, mistakes, baselines, next } = report;
  const plots = [histograms.difference, histograms.specialized].filter(histogram => histogram !== null);
  const [before] = baselines;
  const sections = [
    header(report),
    targetSection(report),
    frontierSection(report),
    baselineSection(report),
    plots.length === 0
      ? ''
      : section(
          'Scores and thresholds',
          'On the threshold part. Each kind of frame is shown as shares of its own number, in equal ratios, since what matters is rare.',
          `<div class="two">${plots.map(plot => `<div class="card"><h3>${escapeHtml(plot.candidate)}</h3>${histogramPlot(plot)}${classLegend(plot)}</div>`).join('')}</div>`,
        ),
    timeline === null
      ? ''
      : section(
          'Who answered when',
          'The test part, later than everything that was used to choose. A skipped frame counts to who answered the frame whose label it carries.',
          `${timelineStrips(reportLanes(timeline), timeline.seconds)}<ul class="legend"><li><i class="positive"></i>positive</li><li><i class="missed"></i>missed</li><li><i class="alarm"></i>false alarm</li></ul>`,
        ),
    before === undefined
      ? ''
      : section(
          'Where the time goes',
          'Busy time of all processes together, measured stage by stage on this machine with this footage.',
          stageBars({ before: before.cost, after: report.chosen.cost }),
        ),
    mistakes.length === 0
      ? section('Worst mistakes', 'None on the test part.', '')
      : section(
          'Worst mistakes',
          'The longest runs of wrong answers on the test part, each by its middle frame. Wrong means: other than the reference.',
          mistakeGallery(report),
        ),
    section(
      'What to do next',
      '',
      `<ol class="next">${next.map(text => `<li>${escapeHtml(text)}</li>`).join('')}</ol>`,
    ),
    footageSection(report),
    footer(report),
  ];
  return htmlPage({
    title: `Saccade: ${escapeHtml(plan.name)}`,
    body: sections.filter(text => text !== '').join('\n'),
    script: hoverScript,
  });
}

function section(title: string, note: string, body: string): string {
  return `<section><h2>${title}</h2>${note === '' ? '' : `<p class="note">${note}</p>`}${body}</section>`;
}

function classLegend({ classes: [first, second] }: ScoreHistogram): string {
  return `<ul class="legend"><li><i class="first"></i>${escapeHtml(first.name)}, upwards</li><li><i class="second"></i>${escapeHtml(second.name)}, downwards</li></ul>`;
}

function header({ plan, footage, chosen, interrupted }: OptimizerReport): string {
  const words = describePlan(plan);
  const { expected } = plan;
  const seconds = footage.files.reduce((sum, file) => sum + file.seconds, 0);
  const files = footage.files.length === 1 ? (footage.files[0]?.path ?? '') : `${footage.files.length} files`;
  const sentences = [words.does, words.speed, words.errors].filter(sentence => sentence !== null);
  const { falseNegative, falsePositive } = chosen.errors.test ?? chosen.errors.threshold;
  const rate = chosen.measuredFramesPerSecond ?? chosen.cost.framesPerSecond;
  const figures = [
    ...(expected ? [[`${short(expected.speedUp)}×`, 'as fast as the reference on every frame']] : []),
    [
      short(rate),
      `frames a second, ${chosen.measuredFramesPerSecond === null ? 'predicted' : 'measured'}, decoding inside`,
    ],
    [percent(falseNegative.estimate), 'of the positive frames missed'],
    [percent(falsePositive.estimate), 'of the negative frames called positive'],
    ...(expected ? [[percent(expected.shares.referenced), 'of the frames go to the reference']] : []),
  ].map(([value = '', text]) => `<div><strong>${value}</strong><span>${text}</span></div>`);
  const early = interrupted ? ' The search was ended early: this is the best plan so far.' : '';
  return `<header>
<h1>${escapeHtml(plan.name)}</h1>
<p class="soft">A plan for “${escapeHtml(describePredicate(plan.predicate))}”, found on ${duration(seconds)} of ${escapeHtml(files)}. True is what ${escapeHtml(plan.referenceModel.model)} says.${early}</p>
<div class="lead">${sentences.map(sentence => `<p>${escapeHtml(sentence)}</p>`).join('')}</div>
<div class="figures">${figures.join('')}</div>
</header>`;
}

const statusTones = {
  bounded: ['good', 'Kept.'],
  estimated: ['fair', 'Probably kept.'],
  missed: ['bad', 'Missed.'],
} as const;

function targetSection({ plan: { expected, smoothingMs }, chosen, unsteadiness }: OptimizerReport): string {
  if (!expected) return '';
  const { targets, status } = expected;
  const [tone, verdict] = statusTones[status];
  const { threshold, test } = chosen.errors;
  const sure = `${Number((100 * targets.confidence).toPrecision(4))} %`;
  const row = (name: string, target: number, of: 'falseNegative' | 'falsePositive'): string =>
    `<tr><th scope="row">${name}</th><td>${percent(target)}</td>${cells(threshold[of], target)}${test === null ? '' : cells(test[of], target)}</tr>`;
  const span = test === null ? '' : '<th scope="col" colspan="2">test part</th>';
  const columns = '<th scope="col">counted</th><th scope="col">at most</th>';
  const words = describePlanTargets(status, sure);
  return section(
    'Are the targets kept?',
    '',
    `<div class="status ${tone}"><b>${verdict}</b> ${words}</div>
<div class="scroll"><table><thead><tr><th></th><th scope="col">target</th><th scope="col" colspan="2">threshold part</th>${span}</tr>
<tr><th></th><th></th>${columns}${test === null ? '' : columns}</tr></thead>
<tbody>${row('positive frames missed', targets.falseNegativeRate, 'falseNegative')}${row('negative frames called positive', targets.falsePositiveRate, 'falsePositive')}</tbody></table></div>
<p class="note">“At most” is one-sided and taken over blocks of time, since the frames of one event are not independent; on the threshold part it allows for the choice among all candidates. Truth is the reference's answer after a majority over ${short(smoothingMs / 1000)} s; frame by frame the reference disagrees with that in ${percent(unsteadiness)} of the frames.</p>`,
  );
}

function describePlanTargets(status: keyof typeof statusTones, sure: string): string {
  switch (status) {
    case 'bounded':
      return `Both bounds on the threshold part are within the targets, with ${sure} confidence.`;
    case 'estimated':
      return `What was counted is within the targets, but the footage is too short to be ${sure} sure.`;
    case 'missed':
      return 'No plan keeps the targets on this footage; this is the one that comes nearest.';
  }
}

function cells({ estimate, bound, errors, frames, blocks }: BoundedRate, target: number): string {
  const over = (value: number): string => (value > target ? ' class="over"' : '');
  return `<td${over(estimate ?? 0)}>${percent(estimate)}<small>${errors} of ${frames}</small></td><td${over(bound)}>${percent(bound)}<small>${blocks} blocks</small></td>`;
}

function frontierSection(report: OptimizerReport): string {
  const { candidates } = report;
  const frontier = candidates
    .filter(({ onFrontier, chosen }) => onFrontier || chosen)
    .sort((a, b) => a.frameUs - b.frameUs);
  const rows = frontier.map(
    ({ structure, frameUs, falseNegativeRate, falsePositiveRate, chosen }) =>
      `<tr${chosen ? ' class="chosen"' : ''}><th scope="row">${escapeHtml(describeStructure(structure))}${chosen ? ' (chosen)' : ''}</th><td>${short(1e6 / frameUs)}</td><td>${percent(falseNegativeRate)}</td><td>${percent(falsePositiveRate)}</td></tr>`,
  );
  return section(
    'What could be had',
    `Every one of ${candidates.length} candidates with its best thresholds, on the threshold part. Those in the shaded area keep the target.`,
    `<div class="two"><div class="card"><h3>Missed</h3>${frontierPlot(report, 'falseNegativeRate')}</div><div class="card"><h3>Wrongly positive</h3>${frontierPlot(report, 'falsePositiveRate')}</div></div>
<ul class="legend"><li><i class="dot chosen"></i>chosen</li><li><i class="dot frontier"></i>none is both faster and better</li><li><i class="dot candidate"></i>others</li><li><i class="baseline"></i>reference on every k-th frame</li></ul>
<details><summary>The ${frontier.length} best as a table</summary><div class="scroll"><table><thead><tr><th scope="col">plan</th><th scope="col">frames/s</th><th scope="col">missed</th><th scope="col">wrongly positive</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></details>`,
  );
}

function baselineSection({ baselines, chosen, plan }: OptimizerReport): string {
  const [first] = baselines;
  if (first === undefined) return '';
  const cellsOf = (frameUs: number, { falseNegative, falsePositive }: PlanErrors): string =>
    `<td>${short(1e6 / frameUs)}</td><td>${short(first.cost.frameUs / frameUs)}×</td><td>${percent(falseNegative.estimate)}</td><td>${percent(falsePositive.estimate)}</td>`;
  const rows = baselines.map(
    ({ every, cost, errors }) =>
      `<tr><th scope="row">reference on every ${every === 1 ? '' : `${ordinal(every)} `}frame</th>${cellsOf(cost.frameUs, errors)}</tr>`,
  );
  const own = `<tr class="chosen"><th scope="row">plan ${escapeHtml(plan.name)}</th>${cellsOf(chosen.cost.frameUs, chosen.errors.threshold)}</tr>`;
  return section(
    'Beside doing without',
    'Predicted rates and errors on the threshold part, all with the same processes.',
    `<div class="scroll"><table><thead><tr><th></th><th scope="col">frames/s</th><th scope="col">speed-up</th><th scope="col">missed</th><th scope="col">wrongly positive</th></tr></thead><tbody>${rows.join('')}${own}</tbody></table></div>`,
  );
}

function footageSection({ footage, plan }: OptimizerReport): string {
  const part = (
    name: string,
    purpose: string,
    { seconds, frames, positives, events, stretches }: ReportedPart,
  ): string => {
    const where = stretches.map(({ source, fromSeconds, toSeconds }) => {
      const file = footage.files.length === 1 ? '' : `file ${source + 1}, `;
      return `${file}${moment(fromSeconds)} – ${moment(toSeconds)}`;
    });
    const shown = where.length > 4 ? [...where.slice(0, 3), `and ${where.length - 3} more`] : where;
    return `<tr><th scope="row">${name}<small class="soft"> ${purpose}</small></th><td>${duration(seconds)}<small>${shown.join('<br>')}</small></td><td>${frames}</td><td>${percent(frames === 0 ? null : positives / frames)}</td><td>${events}</td></tr>`;
  };
  const { train, threshold, test } = footage.parts;
  return section(
    'Footage and plan',
    '',
    `<div class="scroll"><table><thead><tr><th scope="col">part</th><th scope="col">length</th><th scope="col">labeled frames</th><th scope="col">positive</th><th scope="col">events</th></tr></thead><tbody>
${part('train', 'models learned from it', train)}${part('threshold', 'thresholds and plan were chosen on it', threshold)}${part('test', 'nothing was chosen on it', test)}</tbody></table></div>
<details><summary>The plan file</summary><pre>${escapeHtml(JSON.stringify(plan, shortenArrays, 2))}</pre></details>`,
  );
}

/** The weights of a blocked difference detector would fill the page. */
function shortenArrays(_key: string, value: unknown): unknown {
  if (!Array.isArray(value) || value.length <= 12) return value;
  return [...value.slice(0, 4), `… ${value.length - 4} more`];
}

function footer({ plan: { expected }, footage, steps }: OptimizerReport): string {
  const machine = expected
    ? `<p>Costs were measured on ${escapeHtml(expected.machine.cpu)}, ${expected.machine.cores} cores, Node ${escapeHtml(expected.machine.node)}. Seed ${expected.seed}.</p>`
    : '';
  const files = footage.files.map(
    ({ path, sha256, width, height, frameRateFps }) =>
      `<br>${escapeHtml(path)}, ${width}×${height}, ${short(frameRateFps)} frames/s, sha256 <code>${escapeHtml(sha256)}</code>`,
  );
  const seconds = steps.reduce((sum, step) => sum + step.seconds, 0);
  const times = steps.map(step => `${escapeHtml(step.name)} ${duration(step.seconds)}`).join(', ');
  return `<footer>${machine}<p>Footage:${files.join('')}</p><p>The search took ${duration(seconds)}: ${times}.</p></footer>`;
}

/** Shows the titles of marks at once and next to them; without it, browsers show them after a while. */
const hoverScript = `
const tip = document.body.appendChild(Object.assign(document.createElement('div'), { id: 'tip' }));
for (const title of document.querySelectorAll('svg.plot title')) {
  const text = title.textContent, mark = title.parentNode;
  mark.setAttribute('aria-label', text);
  title.remove();
  mark.addEventListener('pointerenter', ({ pageX, pageY }) => {
    tip.textContent = text;
    tip.style.left = Math.max(8, Math.min(pageX + 12, innerWidth - tip.offsetWidth - 16)) + 'px';
    tip.style.top = pageY + 14 + 'px';
  });
  mark.addEventListener('pointerleave', () => (tip.textContent = ''));
}
`;
