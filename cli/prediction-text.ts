import type { Box, PictureResult } from '../cascade/index.ts';
import type { PredictBody } from '../serve/index.ts';
import { formatFacts, short } from './format-table.ts';

/** What a model says of a picture. */
export interface ModelAnswerSummary {
  readonly model: string;
  readonly version: number;
  readonly sha256: string;
  readonly answer: PictureResult;
  /** In ms: its batch, and from the start of the command on. */
  readonly timing: { readonly modelMs: number; readonly totalMs: number };
}

/** The answer of a query for people. */
export function formatPrediction({ query, answer, rows, plan, models, timing }: PredictBody): string {
  const said: [string, string][] =
    answer === null
      ? rows.map((row, i) => [i === 0 ? 'rows' : '', JSON.stringify(row)])
      : [
          ['label', `${answer.label}${answer.score === null ? '' : `, score ${short(answer.score)}`}`],
          ['decided by', `${answer.decidedBy}: ${answer.why}`],
          ...answer.boxes.map((box, i): [string, string] => [i === 0 ? 'boxes' : '', boxText(box, box)]),
        ];
  return formatFacts([
    ['query', query],
    ...said,
    ...(plan === null ? [] : [['plan', `${plan.name}, ${plan.hash.slice(0, 12)}`] as [string, string]]),
    ['models', models.map(({ model, version, stage }) => `${model}@${version} (${stage})`).join(', ') || 'none'],
    ['time', `${short(timing.queryMs)} ms`],
  ]);
}

/** The answer of a model for people. */
export function formatModelAnswer({ model, version, answer, timing }: ModelAnswerSummary): string {
  const said: [string, string][] =
    answer.kind === 'confidence'
      ? [['confidence', short(answer.confidence)]]
      : answer.detections.map((one, i) => [i === 0 ? 'boxes' : '', boxText(one, one.box)]);
  return formatFacts([
    ['model', `${model}@${version}`],
    ['picture', `${answer.frameWidth}x${answer.frameHeight} px`],
    ...(said.length === 0 ? [['boxes', 'none'] as [string, string]] : said),
    ['time', `${short(timing.modelMs)} ms`],
  ]);
}

function boxText({ label, score }: { label: string; score: number }, { x, y, width, height }: Box): string {
  return `${label} ${short(score)} at ${short(x)}, ${short(y)}, size ${short(width)} x ${short(height)} of the picture`;
}
