import { escapeHtml } from './escape-html.ts';
import { moment, short } from './format-number.ts';
import type { OptimizerReport, ReportedMistake } from './report-data.ts';

/** Wrong answers as pictures with their scores. */
export function mistakeGallery({ mistakes, plan, footage }: OptimizerReport): string {
  const isAlone = footage.files.length === 1;
  const cards = mistakes.map(mistake => {
    const file = isAlone ? '' : ` in ${escapeHtml(footage.files[mistake.source]?.path ?? '?')}`;
    const rate = footage.files[mistake.source]?.frameRateFps ?? 1;
    const kind = mistake.kind === 'missed' ? 'missed' : 'false alarm';
    const where = `${moment(mistake.seconds)}${file}, frame ${mistake.frame}`;
    return `<figure>${picture(mistake, `${kind} at ${where}`)}
<figcaption><span class="tag ${mistake.kind}">${kind}</span> for ${short(mistake.frames / rate)} s at ${where}<br><i class="${mistake.decidedBy}"></i>${mistake.decidedBy}${scores(mistake, plan)}</figcaption></figure>`;
  });
  return `<div class="mistakes">${cards.join('\n')}</div>`;
}

function picture({ image }: ReportedMistake, alt: string): string {
  if (image === null) return '<div class="none">no picture</div>';
  return `<img src="data:image/jpeg;base64,${escapeHtml(image)}" alt="${alt}" loading="lazy">`;
}

function scores({ difference, confidence }: ReportedMistake, plan: OptimizerReport['plan']): string {
  const { differenceDetector, specializedModel } = plan;
  const parts = [
    difference === null || differenceDetector === null
      ? null
      : `difference ${short(difference)} (threshold ${short(differenceDetector.deltaDiff)})`,
    confidence === null || specializedModel === null
      ? null
      : `confidence ${short(confidence)} (thresholds ${short(specializedModel.cLow)}, ${short(specializedModel.cHigh)})`,
  ];
  return parts
    .filter(part => part !== null)
    .map(part => `<br>${part}`)
    .join('');
}
