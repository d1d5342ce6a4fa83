import { type Decision, deciders } from '../../cascade/index.ts';
import {
  escapeHtml,
  htmlPage,
  moment,
  percent,
  type ReportTimeline,
  reportLanes,
  reportTimeline,
  timelineStrips,
} from '../../optimizer/index.ts';
import { evidenceOf, isWrong, lookedAt, type Replay, shownDetections } from './replay-data.ts';

/** A frame that the page shows. */
export interface ReplayStill {
  readonly decision: Decision;
  /** JPEG file; undefined when the frame did not decode. */
  readonly image: Uint8Array | undefined;
}

/**
 * A replay as one HTML file that loads nothing from elsewhere: timeline and stills. Scripts add one large picture, filters
 * and the arrow keys; without them all stills are shown.
 */
export function replayPage(replay: Replay, stills: readonly ReplayStill[]): string {
  const timeline = timelineOf(replay);
  const lanes = reportLanes(timeline);
  // Without truth there is nothing that the answers could differ from.
  const shown =
    replay.truth === null ? lanes.filter(({ name }) => name !== 'reference' && name !== 'differing') : lanes;
  const wrongFrames = replay.decisions.filter(decision => isWrong(replay, decision)).length;
  const positives = replay.decisions.filter(({ label }) => label).length;
  const { length: frames } = replay.decisions;
  const mistakes = replay.truth === null ? '' : `, ${wrongFrames} other than the reference`;
  return htmlPage({
    title: `Saccade replay: ${escapeHtml(replay.query)}`,
    style,
    script,
    body: `<header><h1>${escapeHtml(replay.query)}</h1>
<p class="soft">“${escapeHtml(replay.question)}”: ${frames} frames, ${percent(frames === 0 ? null : positives / frames)} positive${mistakes}. Shown is a frame at each change of the answer or of who gave it, ${stills.length} in all.</p></header>
<section id="line">${timelineStrips(shown, timeline.seconds)}${replay.truth === null ? '' : legend}</section>
<section><div id="controls" hidden>${filters(replay, stills)}<span class="soft">← → go through them; a click on the timeline goes there</span></div>
<div class="mistakes" id="stills">${stills.map(still => figure(replay, still)).join('\n')}</div></section>`,
  });
}

function timelineOf({ decisions, truth }: Replay): ReportTimeline {
  const answers = Uint8Array.from(decisions, ({ label }) => (label ? 1 : 0));
  const { length: count } = decisions;
  const expected = truth ?? answers;
  return reportTimeline({
    part: {
      stretches: [{ source: 0, range: { from: 0, to: count }, rows: { from: 0, to: count } }],
      step: 1,
      frames: Uint32Array.from(decisions, ({ frame }) => frame),
      timestampsUs: Float64Array.from(decisions, ({ timestampUs }) => timestampUs),
      keyframes: new Uint8Array(count),
      rawTruth: expected,
      truth: expected,
    },
    answers,
    decidedBy: Uint8Array.from(decisions, ({ decidedBy }) => deciders.indexOf(decidedBy)),
  });
}

function filters(replay: Replay, stills: readonly ReplayStill[]): string {
  const shownBy = stills.map(({ decision }) => lookedAt(replay.decisions, decision).decidedBy);
  const boxes = deciders
    .filter(decider => shownBy.includes(decider))
    .map(
      decider =>
        `<label><input type="checkbox" value="${decider}" checked> <i class="${decider}"></i>${decider} ${shownBy.filter(by => by === decider).length}</label>`,
    );
  const wrong =
    replay.truth === null ? '' : '<label><input type="checkbox" id="wrong"> only other than the reference</label>';
  return `<div class="filters">${boxes.join('')}${wrong}</div>`;
}

function figure(replay: Replay, { decision, image }: ReplayStill): string {
  const firstUs = replay.decisions[0]?.timestampUs ?? 0;
  const seconds = (decision.timestampUs - firstUs) / 1e6;
  const looked = lookedAt(replay.decisions, decision);
  const isBad = isWrong(replay, decision);
  const answer = `${decision.label ? '' : 'no '}${replay.query}`;
  const tag = isBad
    ? `<span class="tag missed">${escapeHtml(answer)}, other than the reference</span>`
    : escapeHtml(answer);
  const by = `${decision.decidedBy === 'skipped' ? 'skipped, carries ' : ''}${looked.decidedBy}`;
  const picture =
    image === undefined
      ? '<div class="none">not decoded</div>'
      : `<img src="data:image/jpeg;base64,${Buffer.from(image).toString('base64')}" alt="Frame ${decision.frame}" loading="lazy">`;
  return `<figure data-at="${seconds.toFixed(3)}" data-by="${looked.decidedBy}" data-wrong="${isBad}"><div class="picture">${picture}${boxes(replay, looked)}</div>
<figcaption><b>${tag}</b> at ${moment(seconds)}, frame ${decision.frame}<br><i class="${looked.decidedBy}"></i>${by} ${escapeHtml(evidenceOf(looked))}</figcaption></figure>`;
}

function boxes(replay: Replay, looked: Decision): string {
  const drawn = shownDetections(replay, looked).map(({ label, score, box: { x, y, width, height } }) => {
    const [left, top, wide, high] = [x, y, width, height].map(part => (100 * part).toFixed(2));
    return `<rect x="${left}" y="${top}" width="${wide}" height="${high}"><title>${escapeHtml(label)} ${score.toFixed(2)}</title></rect>`;
  });
  return drawn.length === 0 ? '' : `<svg viewBox="0 0 100 100" preserveAspectRatio="none">${drawn.join('')}</svg>`;
}

const legend =
  '<ul class="legend"><li><i class="positive"></i>positive</li><li><i class="missed"></i>missed</li><li><i class="alarm"></i>false alarm</li></ul>';

const style = `
.picture { position: relative; } .picture svg { position: absolute; inset: 0; height: 100%; } .picture rect { fill: none; stroke: #ffd23f; stroke-width: 2px; vector-effect: non-scaling-stroke; }
figure img { aspect-ratio: auto; object-fit: fill; }
.filters { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; margin-bottom: .3rem; font-size: .9rem; } .filters label { cursor: pointer; }
#line .strip { cursor: pointer; } #line .timeline { position: relative; }
.cursor { position: absolute; width: 2px; background: var(--ink); top: 0; bottom: 1.4rem; pointer-events: none; }
figure { cursor: pointer; } figure[hidden] { display: none; } figure.current { grid-column: 1 / -1; grid-row: 1; max-width: 60rem; outline: 2px solid var(--accent); }
`;

const script = `
const all = [...document.querySelectorAll('#stills figure')];
const line = document.querySelector('#line .timeline'), strip = line.querySelector('.strip');
const seconds = Number(line.dataset.seconds);
const cursor = line.appendChild(Object.assign(document.createElement('div'), { className: 'cursor' }));
const controls = document.querySelector('#controls'), wrong = document.querySelector('#wrong');
controls.hidden = false;
let current = all[0];
function show(figure) {
  if (!figure) return;
  current.classList.remove('current');
  current = figure;
  figure.classList.add('current');
  const { left, width } = strip.getBoundingClientRect();
  cursor.style.left = left - line.getBoundingClientRect().left + (figure.dataset.at / seconds) * width + 'px';
}
const visible = () => all.filter(figure => !figure.hidden);
function filter() {
  const chosen = new Set([...controls.querySelectorAll('input[value]:checked')].map(input => input.value));
  for (const figure of all)
    figure.hidden = !chosen.has(figure.dataset.by) || (wrong?.checked && figure.dataset.wrong !== 'true');
  if (current.hidden) show(visible()[0]);
}
controls.addEventListener('change', filter);
document.addEventListener('keydown', event => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step || event.target.matches('input')) return;
  event.preventDefault();
  show(visible()[visible().indexOf(current) + step]);
});
for (const figure of all) figure.addEventListener('click', () => show(figure));
line.addEventListener('click', event => {
  const { left, width } = strip.getBoundingClientRect();
  const at = ((event.clientX - left) / width) * seconds;
  if (at < 0) return;
  show(visible().reduce((best, figure) => Math.abs(figure.dataset.at - at) < Math.abs(best.dataset.at - at) ? figure : best, current));
});
addEventListener('resize', () => show(current));
show(all[0]);
`;
