import type { Decider, Decision } from '../../cascade/index.ts';
import { moment } from '../../optimizer/index.ts';
import { glyphSize, textWidth } from './bitmap-font.ts';
import type { Canvas, Color } from './canvas.ts';
import { evidenceOf, isWrong, lookedAt, type Replay } from './replay-data.ts';

const ink: Color = [235, 235, 230];
const soft: Color = [150, 158, 166];
const paper: Color = [20, 23, 26];
const positive: Color = [53, 184, 134];
const wrong: Color = [239, 106, 95];
const box: Color = [255, 210, 63];
/** The colors of the pages. */
const colorOf: Readonly<Record<Decider, Color>> = {
  skipped: [109, 119, 128],
  unchanged: [127, 151, 178],
  rejected: [77, 159, 214],
  accepted: positive,
  referenced: [240, 160, 58],
  defaulted: [139, 102, 189],
  failed: [170, 51, 51],
};

/** Height of the banner for a picture of a width, in px, even. */
export function bannerHeight(width: number): number {
  const scale = scaleOf(width);
  return (glyphSize.height + 6) * scale + 3 * (laneHeightOf(scale) + scale) + 4 * scale;
}

/**
 * Draws what was decided about a frame: a border (green: positive, red: wrong), the boxes that the reference saw, and
 * below the picture a line of text and the timeline of answers, deciders and, when it is known, truth.
 * @param canvas - Holds the picture in its upper part; the lower {@link bannerHeight} is drawn anew.
 */
export function annotate(canvas: Canvas, replay: Replay, decision: Decision): void {
  const scale = scaleOf(canvas.width);
  const height = canvas.height - bannerHeight(canvas.width);
  const looked = lookedAt(replay.decisions, decision);
  if (looked.decidedBy === 'referenced') {
    for (const { label, score, box: place } of looked.detections) {
      if (score < leastScore || !replay.labels.includes(label)) continue;
      const area = {
        left: Math.round(place.x * canvas.width),
        top: Math.round(place.y * height),
        width: Math.round(place.width * canvas.width),
        height: Math.round(place.height * height),
      };
      canvas.frame(area, box, scale);
      canvas.text(score.toFixed(2), { left: area.left + 2 * scale, top: area.top + 2 * scale, scale: 1 }, box);
    }
  }
  const isBad = isWrong(replay, decision);
  const tone = isBad ? wrong : decision.label ? positive : soft;
  canvas.frame({ left: 0, top: 0, width: canvas.width, height }, tone, decision.label || isBad ? 3 * scale : scale);
  canvas.fill({ left: 0, top: height, width: canvas.width, height: canvas.height - height }, paper);
  drawWords(canvas, { replay, decision, looked, top: height + 3 * scale, scale });
  drawTimeline(canvas, replay, decision, canvas.height - scale);
}

/** Boxes less sure than that are noise more often than not. */
const leastScore = 0.25;

function scaleOf(width: number): number {
  return width >= 640 ? 2 : 1;
}

function laneHeightOf(scale: number): number {
  return 5 * scale;
}

function drawWords(
  canvas: Canvas,
  {
    replay,
    decision,
    looked,
    top,
    scale,
  }: { replay: Replay; decision: Decision; looked: Decision; top: number; scale: number },
): void {
  const firstUs = replay.decisions[0]?.timestampUs ?? 0;
  const answer = `${decision.label ? '' : 'no '}${replay.query}`;
  const isBad = isWrong(replay, decision);
  const by = `${decision.decidedBy === 'skipped' ? 'skipped, ' : ''}${looked.decidedBy === 'skipped' ? '' : looked.decidedBy} ${evidenceOf(looked)}`;
  const parts: readonly (readonly [text: string, color: Color])[] = [
    [isBad ? `${answer} - wrong` : answer, isBad ? wrong : decision.label ? positive : ink],
    [by.trim(), colorOf[looked.decidedBy]],
  ];
  const time = `${moment((decision.timestampUs - firstUs) / 1e6)} #${decision.frame}`;
  const right = canvas.width - (textWidth(time) + 3) * scale;
  let left = 3 * scale;
  for (const [text, color] of parts) {
    // What does not fit beside the time is left out.
    if (left + textWidth(text) * scale > right - 6 * scale) continue;
    canvas.text(text, { left, top, scale }, color);
    left += (textWidth(text) + 12) * scale;
  }
  canvas.text(time, { left: right, top, scale }, soft);
}

function drawTimeline(canvas: Canvas, replay: Replay, decision: Decision, bottom: number): void {
  const scale = scaleOf(canvas.width);
  const laneHeight = laneHeightOf(scale);
  const { decisions, truth } = replay;
  const lanes: ((answer: Decision) => Color | null)[] = [
    ({ frame }) => (truth?.[frame] === 1 ? soft : null),
    answer => (isWrong(replay, answer) ? wrong : answer.label ? positive : null),
    answer => colorOf[lookedAt(decisions, answer).decidedBy],
  ];
  lanes.reverse().forEach((toneOf, lane) => {
    const top = bottom - (lane + 1) * (laneHeight + scale);
    for (let x = 0; x < canvas.width; x++) {
      const answer = decisions[Math.floor((x * decisions.length) / canvas.width)];
      const tone = answer === undefined ? null : toneOf(answer);
      if (tone !== null) canvas.fill({ left: x, top, width: 1, height: laneHeight }, tone);
    }
  });
  const x = Math.round((decision.frame * (canvas.width - 1)) / Math.max(1, decisions.length - 1));
  const height = 3 * (laneHeight + scale);
  canvas.fill({ left: x - (scale >> 1), top: bottom - height, width: scale, height }, ink);
}
