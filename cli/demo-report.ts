import type { Decision, RateBounds } from '../cascade/index.ts';
import type { DemoStill } from './demo-stills.ts';
import { decidersOf, demoTimeline } from './demo-timeline.ts';
import { formatBounds } from './evaluate.ts';
import { percent, short } from './format-table.ts';
import type { DemoResult, DemoRun } from './run-demo.ts';

/** The demo's page: one HTML file with everything inside. */
export function demoReport(result: DemoResult, stills: readonly DemoStill[]): string {
  const { reference, cascade, evaluation, speedUp, plan } = result;
  const { smoothed, bounds, frames, windows, referenceUnsteadiness } = evaluation;
  const first = reference.decisions[0]?.timestampUs ?? 0;
  const seconds = ((reference.decisions.at(-1)?.timestampUs ?? 0) - first) / 1e6;
  const callShare = cascade.stats.referenceCalls / Math.max(1, frames);
  const row = (name: string, of: (run: DemoRun) => string): string =>
    `<tr><th>${name}</th><td>${of(reference)}</td><td>${of(cascade)}</td></tr>`;
  const rate = (name: string, value: number | null, bound: RateBounds | null): string =>
    `<tr><th>${name}</th><td>–</td><td>${percent(value)}<small>95 %: ${formatBounds(bound)}</small></td></tr>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Saccade demo</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>When is a person in the street?</h1>
<p>${Math.round(seconds)} s of a synthetic camera, ${frames} frames. The reference detector answers all of them; the cascade asks
it only where cheaper looks are unsure. Decoding is inside every figure.</p>
</header>
<section class="figures">
${figure(`${short(speedUp)}×`, 'faster than the reference on every frame')}
${figure(percent(callShare), 'of the frames reached the reference')}
${figure(percent(smoothed.falseNegativeRate), 'of the positive frames missed')}
${figure(percent(smoothed.falsePositiveRate), 'of the negative frames called positive')}
</section>
<section>
<h2>Who answered when</h2>
${demoTimeline(cascade.decisions, reference.decisions)}
<ul class="legend">${legend(result)}</ul>
<p class="note">A skipped frame carries the label of the frame looked at before it, and has its color above.</p>
</section>
<section class="columns">
<div>
<h2>Side by side</h2>
<table>
<thead><tr><th></th><th>reference</th><th>cascade</th></tr></thead>
<tbody>
${row('frames', ({ decisions }) => String(decisions.length))}
${row('reference calls', ({ stats }) => String(stats.referenceCalls))}
${row('seconds, file to last label', ({ stats }) => short(stats.runSeconds))}
${row('frames a second', ({ framesPerSecond }) => short(framesPerSecond))}
${rate('false negatives', smoothed.falseNegativeRate, bounds.falseNegativeRate)}
${rate('false positives', smoothed.falsePositiveRate, bounds.falsePositiveRate)}
<tr><th>30-frame windows right</th><td>–</td><td>${percent(windows.share)}</td></tr>
</tbody>
</table>
<p class="note">Bounds are taken over blocks of ${bounds.blockUs / 1e6} s, since the frames of one event are not independent; a star
marks bounds for which nearly all blocks were alike, so that each block counts as a whole: more footage narrows them.
The reference disagrees with its own smoothed label in ${percent(referenceUnsteadiness)} of the frames.</p>
</div>
<div>
<h2>The plan</h2>
<pre>${escapeHtml(JSON.stringify(plan, undefined, 2))}</pre>
</div>
</section>
<section>
<h2>A few frames</h2>
<div class="stills">${stills.map(still).join('\n')}</div>
</section>
</body>
</html>
`;
}

function figure(value: string, text: string): string {
  return `<div><strong>${value}</strong><span>${text}</span></div>`;
}

function legend({ cascade: { decisions } }: DemoResult): string {
  return decidersOf(decisions)
    .map(decider => {
      const count = decisions.filter(({ decidedBy }) => decidedBy === decider).length;
      return `<li><i class="${decider}"></i>${decider} <b>${percent(count / decisions.length)}</b></li>`;
    })
    .join('');
}

function still({ image, answer, truth }: DemoStill): string {
  const source = `data:image/jpeg;base64,${Buffer.from(image).toString('base64')}`;
  const agreement =
    answer.label === truth.label ? '' : ` <b class="bad">reference: ${truth.label ? 'person' : 'nobody'}</b>`;
  return `<figure>
<div class="frame"><img src="${source}" alt="Frame ${answer.frame}">${boxes(truth)}</div>
<figcaption><b>${answer.label ? 'person' : 'nobody'}</b> at ${(answer.timestampUs / 1e6).toFixed(1)} s <i class="${answer.decidedBy}"></i>${answer.decidedBy}${evidence(answer)}${agreement}</figcaption>
</figure>`;
}

function evidence(answer: Decision): string {
  switch (answer.decidedBy) {
    case 'unchanged':
      return `, difference ${short(answer.difference)}`;
    case 'rejected':
    case 'accepted':
      return `, confidence ${short(answer.confidence)}`;
    case 'referenced':
      return `, score ${short(answer.score)}`;
    case 'skipped':
    case 'defaulted':
    case 'failed':
      return '';
  }
}

/** What the reference saw in the frame, drawn over it. */
function boxes(truth: Decision): string {
  if (truth.decidedBy !== 'referenced') return '';
  const drawn = truth.detections
    .filter(({ score }) => score >= 0.5)
    .map(({ label, box: { x, y, width, height } }) => {
      const [left, top, wide, high] = [x, y, width, height].map(part => (100 * part).toFixed(2));
      return `<rect x="${left}" y="${top}" width="${wide}" height="${high}"><title>${escapeHtml(label)}</title></rect>`;
    });
  return `<svg viewBox="0 0 100 100" preserveAspectRatio="none">${drawn.join('')}</svg>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const style = `
:root { color-scheme: light dark; --paper: #fbfaf7; --ink: #1d2126; --soft: #667079; --line: #dfdcd4; --card: #fff;
  --skipped: #c9cdd2; --unchanged: #8fa3b8; --rejected: #3d7ea6; --accepted: #2f9e6e; --referenced: #e08a1e;
  --defaulted: #8e6bbf; --failed: #c73e3e; --positive: #2f9e6e; --wrong: #c73e3e; }
@media (prefers-color-scheme: dark) { :root { --paper: #15181c; --ink: #e8e6e1; --soft: #97a0a8; --line: #2f353b; --card: #1d2126; } }
body { font: 16px/1.5 system-ui, sans-serif; background: var(--paper); color: var(--ink); max-width: 1200px; margin: 0 auto; padding: 2rem 1.5rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .5rem; } h2 { font-size: 1.15rem; margin: 0 0 .75rem; }
header p, .note { color: var(--soft); max-width: 70ch; } .note { font-size: .875rem; }
section { margin-top: 2rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(210px, 1fr)); gap: 1rem; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.25rem; }
.figures strong { display: block; font-size: 2.1rem; line-height: 1.15; font-variant-numeric: tabular-nums; }
.figures span { color: var(--soft); font-size: .9rem; }
svg { display: block; width: 100%; } svg text { font: 14px system-ui, sans-serif; fill: var(--ink); }
svg text.tick { font-size: 12px; fill: var(--soft); text-anchor: middle; } svg line { stroke: var(--line); stroke-width: 1; }
.track { fill: var(--card); stroke: var(--line); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .4rem 1.5rem; padding: 0; margin: .75rem 0; font-size: .9rem; }
i { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin: 0 .4em 0 0; } figcaption i { margin-left: .6em; }
${['skipped', 'unchanged', 'rejected', 'accepted', 'referenced', 'defaulted', 'failed', 'positive', 'wrong']
  .map(tone => `rect.${tone} { fill: var(--${tone}); } i.${tone} { background: var(--${tone}); }`)
  .join('\n')}
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 2rem; }
.columns > div { min-width: 0; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .4rem .5rem; text-align: right; vertical-align: top; } th:first-child { text-align: left; font-weight: 500; }
td small { display: block; color: var(--soft); }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; overflow: auto; max-height: 24rem; font-size: .8rem; margin: 0; }
.stills { display: grid; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); gap: 1rem; }
figure { margin: 0; } .frame { position: relative; } .frame img { display: block; width: 100%; border-radius: 6px; }
.frame svg { position: absolute; inset: 0; height: 100%; } .frame rect { fill: none; stroke: #ffd23f; stroke-width: 2px; vector-effect: non-scaling-stroke; }
figcaption { font-size: .875rem; padding: .35rem 0; } .bad { color: var(--wrong); }
`;
