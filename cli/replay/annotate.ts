import type { Decider, Decision } from '../../cascade/index.ts';
import { moment } from '../../optimizer/index.ts';
import { glyphSize, textWidth } from './bitmap-font.ts';
import { Canvas, type Color } from './canvas.ts';
import { evidenceOf, isWrong, lookedAt, type Replay, shownDetections } from './replay-data.ts';

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
  return 2 * Math.ceil(((glyphSize.height + 6) * scale + 3 * (laneHeightOf(scale) + scale) + scale) / 2);
}

/**
 * Draws what was decided about frames: a border (green: positive, red: wrong), the boxes that the reference saw, and below
 * the picture a line of text and the timeline of truth (when it is known), answers and deciders.
 */
export class Annotator {
  readonly #replay: Replay;
  readonly #scale: number;
  /** The timeline without the mark of the frame that is shown: it is the same for all. */
  readonly #timeline: Canvas;

  /** Draws the timeline. @param width - Of the pictures in px, even. */
  constructor(replay: Replay, width: number) {
    this.#replay = replay;
    this.#scale = scaleOf(width);
    this.#timeline = drawTimeline(replay, width);
  }

  /**
   * Draws onto the picture of one frame.
   * @param canvas - Holds the picture in its upper part; the lower {@link bannerHeight} is drawn anew.
   */
  draw(canvas: Canvas, decision: Decision): void {
    const scale = this.#scale;
    const { decisions } = this.#replay;
    const height = canvas.height - bannerHeight(canvas.width);
    const looked = lookedAt(decisions, decision);
    this.#drawBoxes(canvas, looked, height);
    const isBad = isWrong(this.#replay, decision);
    const tone = isBad ? wrong : decision.label ? positive : soft;
    const whole = { left: 0, top: 0, width: canvas.width, height };
    canvas.frame(whole, tone, decision.label || isBad ? 3 * scale : scale);
    canvas.fill({ left: 0, top: height, width: canvas.width, height: canvas.height - height }, paper);
    this.#drawWords(canvas, { decision, looked, top: height + 3 * scale });
    const top = canvas.height - this.#timeline.height;
    canvas.bytes.set(this.#timeline.bytes, top * canvas.width * 3);
    const x = Math.round((decision.frame * (canvas.width - 1)) / Math.max(1, decisions.length - 1));
    canvas.fill({ left: x - (scale >> 1), top, width: scale, height: this.#timeline.height - scale }, ink);
  }

  #drawBoxes(canvas: Canvas, looked: Decision, height: number): void {
    const scale = this.#scale;
    for (const { label, score, box: place } of shownDetections(this.#replay, looked)) {
      const area = {
        left: Math.round(place.x * canvas.width),
        top: Math.round(place.y * height),
        width: Math.round(place.width * canvas.width),
        height: Math.round(place.height * height),
      };
      canvas.frame(area, box, scale);
      const above = Math.max(0, area.top - glyphSize.height - 2);
      canvas.text(`${label} ${score.toFixed(2)}`, { left: area.left, top: above, scale: 1 }, box);
    }
  }

  #drawWords(canvas: Canvas, { decision, looked, top }: { decision: Decision; looked: Decision; top: number }): void {
    const scale = this.#scale;
    const { query, decisions } = this.#replay;
    const isBad = isWrong(this.#replay, decision);
    const time = `${moment((decision.timestampUs - (decisions[0]?.timestampUs ?? 0)) / 1e6)} #${decision.frame}`;
    const right = canvas.width - (textWidth(time) + 3) * scale;
    canvas.text(time, { left: right, top, scale }, soft);
    let left = 3 * scale;
    /** Writes the first of some texts that fits beside the time. */
    const write = (texts: readonly string[], color: Color): void => {
      const text = texts.find(candidate => left + (textWidth(candidate) + 3) * scale <= right);
      if (text === undefined) return;
      canvas.text(text, { left, top, scale }, color);
      left += (textWidth(text) + 12) * scale;
    };
    const answer = `${decision.label ? '' : 'no '}${query}`;
    write([isBad ? `${answer} - wrong` : answer], isBad ? wrong : decision.label ? positive : ink);
    const by = looked.decidedBy;
    // Brackets: the frame itself was skipped and carries that answer.
    const texts = [`${by} ${evidenceOf(looked)}`.trim(), by];
    write(decision === looked ? texts : texts.map(text => `(${text})`), colorOf[by]);
  }
}

function scaleOf(width: number): number {
  return width >= 640 ? 2 : 1;
}

function laneHeightOf(scale: number): number {
  return 5 * scale;
}

function drawTimeline(replay: Replay, width: number): Canvas {
  const scale = scaleOf(width);
  const laneHeight = laneHeightOf(scale);
  const { decisions, truth } = replay;
  const lanes: ((answer: Decision) => Color | null)[] = [
    ({ frame }) => (truth?.[frame] === 1 ? soft : null),
    answer => (isWrong(replay, answer) ? wrong : answer.label ? positive : null),
    answer => colorOf[lookedAt(decisions, answer).decidedBy],
  ];
  const canvas = new Canvas({ width, height: lanes.length * (laneHeight + scale) + scale });
  canvas.fill({ left: 0, top: 0, width, height: canvas.height }, paper);
  for (const [lane, toneOf] of lanes.entries()) {
    const top = lane * (laneHeight + scale);
    for (let x = 0; x < width; x++) {
      const answer = decisions[Math.floor((x * decisions.length) / width)];
      const tone = answer === undefined ? null : toneOf(answer);
      if (tone !== null) canvas.fill({ left: x, top, width: 1, height: laneHeight }, tone);
    }
  }
  return canvas;
}
