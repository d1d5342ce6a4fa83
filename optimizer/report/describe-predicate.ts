import type { Predicate } from '../../cascade/index.ts';
import { percent } from './format-number.ts';

/** A predicate in words, such as `person, at least 12.0 % of the frame high`; fits behind "frames with". */
export function describePredicate(predicate: Predicate): string {
  if ('any' in predicate) return join(predicate.any, 'or');
  if ('all' in predicate) return join(predicate.all, 'and');
  if ('not' in predicate) return `no ${inBrackets(predicate.not)}`;
  const { label, minScore, minHeight = 0, zone } = predicate;
  const limits = [
    minScore !== undefined && `score of at least ${minScore}`,
    minHeight > 0 && `at least ${percent(minHeight)} of the frame high`,
    zone !== undefined && 'in the zone',
  ].filter(limit => limit !== false);
  return [label, ...limits].join(', ');
}

function join(parts: readonly Predicate[], word: string): string {
  return parts.map(inBrackets).join(` ${word} `);
}

function inBrackets(part: Predicate): string {
  const words = describePredicate(part);
  return words.includes(' ') ? `(${words})` : words;
}
