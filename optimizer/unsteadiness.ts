import type { LabeledPart } from './labeled-part.ts';

/**
 * Share of the rows, 0–1, in which the reference disagrees with its own smoothed answer: a detector that flickers. A plan
 * that asks it sparsely hardly gets below that (docs/accuracy.md).
 */
export function unsteadiness({ rawTruth, truth }: Pick<LabeledPart, 'rawTruth' | 'truth'>): number {
  let differing = 0;
  for (let row = 0; row < truth.length; row++) if (rawTruth[row] !== truth[row]) differing++;
  return truth.length === 0 ? 0 : differing / truth.length;
}
