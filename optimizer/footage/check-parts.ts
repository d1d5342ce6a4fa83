import { optimizerErrors } from '../errors.ts';
import type { FootageSplit, LabeledPart } from '../labeled-part.ts';

/** Parts that need both answers, and what for. */
const needs = {
  train: 'no small model can be trained',
  threshold: 'thresholds rest on one kind of frame',
  test: 'one error rate cannot be counted on later footage',
} as const satisfies Record<keyof FootageSplit, string>;

/**
 * Checks that there is something to learn from.
 * @returns Warnings as sentences: parts in which one of the answers does not occur.
 * @throws OPTIMIZER_NO_POSITIVES, OPTIMIZER_NO_NEGATIVES - when one of the answers occurs nowhere.
 */
export function checkParts(footage: Readonly<Record<keyof FootageSplit | 'all', LabeledPart>>): string[] {
  const { all } = footage;
  const whole = countPositives(all);
  const details = { part: 'the footage', frames: all.truth.length, seconds: Math.round(secondsOf(all)) };
  if (whole === 0) throw optimizerErrors.create('OPTIMIZER_NO_POSITIVES', details);
  if (whole === all.truth.length) throw optimizerErrors.create('OPTIMIZER_NO_NEGATIVES', details);
  return (['train', 'threshold', 'test'] as const).flatMap(name => {
    const positives = countPositives(footage[name]);
    if (positives > 0 && positives < footage[name].truth.length) return [];
    const kind = positives === 0 ? 'positive' : 'negative';
    return [`The ${name} part has no ${kind} frame: ${needs[name]}. More footage would help.`];
  });
}

function countPositives({ truth }: LabeledPart): number {
  let count = 0;
  for (const label of truth) count += label;
  return count;
}

function secondsOf({ stretches, timestampsUs }: LabeledPart): number {
  return stretches.reduce(
    (sum, { rows }) => sum + ((timestampsUs[rows.to - 1] ?? 0) - (timestampsUs[rows.from] ?? 0)) / 1e6,
    0,
  );
}
