import type { SearchPart } from './search-part.ts';

/**
 * Fewest blocks with positive and with negative frames for a stage to be trusted that may overlook an event: from fewer,
 * nothing can be said of how events differ (`blockBounds` asks for as many). On one event, a difference detector that then
 * missed 95 % of the positive frames of the test part had looked perfect (`saccade demo` on 225 s of its street).
 */
export const fewestTrustedBlocks = 5;

/** Blocks of the rarer kind: with a positive row, or with a negative one. */
export function rarerBlocks({ positiveRows, negativeRows }: Pick<SearchPart, 'positiveRows' | 'negativeRows'>): number {
  return Math.min(...[positiveRows, negativeRows].map(rows => rows.filter(count => count > 0).length));
}
