import type { SkipRule } from '../cascade/index.ts';
import type { LabeledPart } from './labeled-part.ts';

/**
 * Times between two looks in s; NoScope skips 15 or 30 frames at 30 a second (§5), which gives most of its speed. The
 * first two stand for one and two frames at usual rates.
 */
const wishedSeconds = [0.04, 0.08, 0.12, 0.2, 0.33, 0.5, 0.75, 1, 1.5, 2] as const;

/**
 * The skip rules that a search tries: every frame, and every `tSkip`-th so that looks are up to 2 s apart; keyframes with
 * refinement where every frame is labeled and each stretch begins with a keyframe.
 */
export function skipCandidates(frameRateFps: number, parts: readonly LabeledPart[]): SkipRule[] {
  const step = parts[0]?.step ?? 1;
  const looks = wishedSeconds.map(seconds => Math.max(1, Math.round((seconds * frameRateFps) / step)) * step);
  const every = [...new Set([step, ...looks])].map((tSkip): SkipRule => ({ kind: 'every', tSkip }));
  const begins = parts.every(part => part.stretches.every(({ rows }) => part.keyframes[rows.from] === 1));
  return step === 1 && begins ? [...every, { kind: 'keyframes' }] : every;
}
