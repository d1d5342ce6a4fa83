import type { Decision } from '../../cascade/index.ts';
import { isWrong, lookedAt, type Replay } from './replay-data.ts';

/**
 * The decisions that a page shows: one at each change of the label, of who answered, and of right and wrong. When these are
 * too many, changes of the label and mistakes come first, and of each kind they are taken evenly over the footage.
 * @param most - 1 or more.
 * @returns In order of time.
 */
export function chooseStills(replay: Replay, most: number): Decision[] {
  const { decisions } = replay;
  const grave: Decision[] = [];
  const light: Decision[] = [];
  let last: { label: boolean; decidedBy: string; isWrong: boolean } | undefined;
  for (const decision of decisions) {
    const { label } = decision;
    const now = { label, decidedBy: lookedAt(decisions, decision).decidedBy, isWrong: isWrong(replay, decision) };
    if (last === undefined || now.label !== last.label || now.isWrong !== last.isWrong) grave.push(decision);
    else if (now.decidedBy !== last.decidedBy) light.push(decision);
    last = now;
  }
  const first = takeEvenly(grave, most);
  return [...first, ...takeEvenly(light, most - first.length)].sort((a, b) => a.frame - b.frame);
}

function takeEvenly<Item>(items: readonly Item[], most: number): Item[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)] as Item);
}
